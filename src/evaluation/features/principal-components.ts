import { createMoments, type Standardiser, standardise } from '../heads/standardise.js';
import { decomposeSymmetric } from './symmetric-eigen.js';

/** A linear reduction of standardised channels, fitted on training frames: plain data. */
export interface PrincipalComponents {
  readonly standardiser: Standardiser;
  readonly width: number;
  readonly components: number;
  /** [component, width]; divided by the component's standard deviation where whitened. */
  readonly projection: Float64Array;
  /** The share of the (standardised) variance that each component carries. */
  readonly varianceShares: Float64Array;
}

/**
 * Principal components of standardised channels (missing values at the mean).
 * @param rows [frame, width] training frames
 * @param components at most width; components without variance are left out
 */
export function fitPrincipalComponents(
  rows: Float32Array,
  width: number,
  components: number,
  whiten: boolean,
): PrincipalComponents {
  const moments = createMoments(width);
  moments.add(rows);
  const standardiser = moments.standardiser(null, null);
  const values = standardise(rows, standardiser);
  const { values: variances, vectors } = decomposeSymmetric(covariance(values, width), width);
  const total = variances.reduce((sum, variance) => sum + Math.max(variance, 0), 0);
  const floor = 1e-10 * total;
  const usable = variances.findIndex((variance) => variance <= floor);
  const kept = Math.min(components, usable < 0 ? width : usable);
  const projection = vectors.slice(0, kept * width);
  if (whiten) {
    for (let index = 0; index < projection.length; index++) {
      projection[index] /= Math.sqrt(variances[Math.floor(index / width)]);
    }
  }
  return {
    standardiser,
    width,
    components: kept,
    projection,
    varianceShares: variances.slice(0, kept).map((variance) => variance / total),
  };
}

/** [frame, width] -> [frame, component]; frames in which nothing is known become NaN. */
export function projectRows(rows: Float32Array, reduction: PrincipalComponents): Float32Array {
  const { width, components, projection } = reduction;
  const values = standardise(rows, reduction.standardiser);
  const frames = rows.length / width;
  const output = new Float32Array(frames * components);
  for (let frame = 0; frame < frames; frame++) {
    const from = frame * width;
    const isKnown = rows.subarray(from, from + width).some((value) => !Number.isNaN(value));
    for (let component = 0; component < components; component++) {
      let sum = 0;
      for (let channel = 0; channel < width; channel++) {
        sum += values[from + channel] * projection[component * width + channel];
      }
      output[frame * components + component] = isKnown ? sum : Number.NaN;
    }
  }
  return output;
}

/** The mean of x x^T over the rows, [width, width]. */
function covariance(rows: Float32Array, width: number): Float64Array {
  const frames = rows.length / width;
  const output = new Float64Array(width * width);
  for (let at = 0; at < rows.length; at += width) {
    for (let one = 0; one < width; one++) {
      const value = rows[at + one] / frames;
      for (let other = 0; other <= one; other++) output[one * width + other] += value * rows[at + other];
    }
  }
  for (let one = 0; one < width; one++) {
    for (let other = 0; other < one; other++) output[other * width + one] = output[one * width + other];
  }
  return output;
}
