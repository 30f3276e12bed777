import { type Interval, intervalOf } from './bootstrap.js';

/** A difference between two rows over the same resamples. */
export interface Difference extends Interval {
  readonly value: number;
  /** Two-sided: twice the share of resamples on the other side of 0. */
  readonly pValue: number;
}

/**
 * The interval of a difference and its two-sided p, from paired resamples (the share on the wrong side of 0, doubled).
 * @param value the difference of the figures themselves
 * @param a [draw] resampled figures of one
 * @param b [draw] of the other, by the same draws
 * @param level of the interval, e.g. 0.95
 */
export function compareSamples(value: number, a: Float64Array, b: Float64Array, level: number): Difference {
  const differences = a.map((figure, resample) => figure - b[resample]);
  const below = differences.filter((difference) => difference <= 0).length;
  const above = differences.filter((difference) => difference >= 0).length;
  const pValue = Math.min(1, (2 * (Math.min(below, above) + 1)) / (differences.length + 1));
  return { value, ...intervalOf(differences, level), pValue };
}

/** The least p that `compareSamples` can give to `comparisons` differences after `correctHolm`. */
export function leastP(resamples: number, comparisons: number): number {
  return Math.min(1, (2 * comparisons) / (resamples + 1));
}

/** p-values corrected for being several (Holm 1979): the chance of one false finding or more stays below each. */
export function correctHolm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a] - pValues[b]);
  const corrected = new Array<number>(pValues.length);
  let highest = 0;
  order.forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, pValues[index] * (pValues.length - rank)));
    corrected[index] = highest;
  });
  return corrected;
}
