import type { Random } from '../../random.js';

/** Wider inputs are projected to this many numbers. */
const MOST_NUMBERS = 128;

/** Describes stretches by few numbers, so that those that look alike lie close together. */
export interface StretchMeans {
  readonly width: number;
  /** @param inputs [frame, inputWidth] of one stretch, standardised, nothing missing */
  describe(inputs: Float32Array): Float32Array;
}

/**
 * The mean of a stretch's inputs over its frames; of wide inputs a random projection of it, which keeps distances. The same
 * random gives the same projection.
 */
export function createStretchMeans(inputWidth: number, random: Random): StretchMeans {
  const average = (inputs: Float32Array) => {
    const mean = new Float32Array(inputWidth);
    const frames = inputs.length / inputWidth;
    for (let index = 0; index < inputs.length; index++) mean[index % inputWidth] += inputs[index] / frames;
    return mean;
  };
  if (inputWidth <= MOST_NUMBERS) return { width: inputWidth, describe: average };
  const scale = 1 / Math.sqrt(MOST_NUMBERS);
  const projection = Float32Array.from({ length: inputWidth * MOST_NUMBERS }, () => scale * random.normal());
  return {
    width: MOST_NUMBERS,
    describe(inputs) {
      const output = new Float32Array(MOST_NUMBERS);
      average(inputs).forEach((value, channel) => {
        const row = projection.subarray(channel * MOST_NUMBERS, (channel + 1) * MOST_NUMBERS);
        for (let index = 0; index < MOST_NUMBERS; index++) output[index] += value * row[index];
      });
      return output;
    },
  };
}
