import type { Random } from '../../random.js';

/** Numbers that the inputs of a head are sketched by. */
const SKETCH_WIDTH = 32;

/** Turns frames into vectors that are long where a head is unsure and differ where frames differ. */
export interface GradientSketch {
  readonly width: number;
  /**
   * The mean over frames of (p - e) x s: what the head's weights would learn from these frames if its own guess e were the
   * truth (the gradient of the cross-entropy), with the inputs x sketched as s by a random projection, which keeps
   * distances. Ash et al. 2020, "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds", with stretches
   * in place of samples.
   * @param inputs [frame, inputWidth], standardised, nothing missing
   * @param probabilities [frame, class]
   */
  sketch(inputs: Float32Array, probabilities: Float32Array): Float32Array;
}

/** Draws the random projection of a sketch; the same random gives the same one. */
export function createGradientSketch(inputWidth: number, classCount: number, random: Random): GradientSketch {
  const scale = 1 / Math.sqrt(SKETCH_WIDTH * inputWidth);
  const projection = Float32Array.from({ length: inputWidth * SKETCH_WIDTH }, () => scale * random.normal());
  const perClass = SKETCH_WIDTH + 1; // the last: the bias
  return {
    width: classCount * perClass,
    sketch(inputs, probabilities) {
      const frames = probabilities.length / classCount;
      const output = new Float32Array(classCount * perClass);
      const short = new Float64Array(perClass);
      for (let frame = 0; frame < frames; frame++) {
        short.fill(0);
        short[SKETCH_WIDTH] = 1 / Math.sqrt(SKETCH_WIDTH);
        for (let channel = 0; channel < inputWidth; channel++) {
          const value = inputs[frame * inputWidth + channel];
          const from = channel * SKETCH_WIDTH;
          for (let index = 0; index < SKETCH_WIDTH; index++) short[index] += value * projection[from + index];
        }
        let guess = 0;
        for (let target = 1; target < classCount; target++) {
          if (probabilities[frame * classCount + target] > probabilities[frame * classCount + guess])
            guess = target;
        }
        for (let target = 0; target < classCount; target++) {
          const residual = probabilities[frame * classCount + target] - (target === guess ? 1 : 0);
          for (let index = 0; index < perClass; index++) {
            output[target * perClass + index] += (residual * short[index]) / frames;
          }
        }
      }
      return output;
    },
  };
}
