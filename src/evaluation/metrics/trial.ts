import { averagePrecisionByClass } from './average-precision.js';

/** Frames that carry a scored class, with the probabilities of the scored classes renormalised. */
export interface ScoredFrames {
  /** Indices of the frames that are kept. */
  readonly frames: Uint32Array;
  /** [kept frame] index into the scored classes */
  readonly labels: Int16Array;
  /** [kept frame, scored class], each row adding up to 1 */
  readonly probabilities: Float64Array;
}

/**
 * Keeps the frames that carry one of the scored classes and renormalises the probabilities of those classes, so
 * that it doesn't matter how a head spreads its belief over the others. Where all of them are 0 they become equal.
 * @param labels [frame]
 * @param probabilities [frame, class]
 */
export function keepScoredFrames(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
  scoredClasses: readonly number[],
): ScoredFrames {
  const frames: number[] = [];
  for (let frame = 0; frame < labels.length; frame++) {
    if (scoredClasses.includes(labels[frame])) frames.push(frame);
  }
  const width = scoredClasses.length;
  const kept = new Float64Array(frames.length * width);
  frames.forEach((frame, row) => {
    const values = scoredClasses.map((target) => probabilities[frame * classCount + target]);
    const sum = values.reduce((total, value) => total + value, 0);
    values.forEach((value, index) => {
      kept[row * width + index] = sum > 0 ? value / sum : 1 / width;
    });
  });
  return {
    frames: Uint32Array.from(frames),
    labels: Int16Array.from(frames, (frame) => scoredClasses.indexOf(labels[frame])),
    probabilities: kept,
  };
}

/**
 * TRIAL: on the frames that carry a scored class, the probabilities of the scored classes renormalised, the mean
 * of the pooled one-vs-rest average precisions: between 0 and 1.
 * @param labels [frame] class indices; negative: not annotated
 * @param probabilities [frame, class]
 */
export function scoreTrial(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
  scoredClasses: readonly number[],
): number {
  const kept = keepScoredFrames(labels, probabilities, classCount, scoredClasses);
  const width = scoredClasses.length;
  const precisions = averagePrecisionByClass(
    kept.labels,
    kept.probabilities,
    width,
    scoredClasses.map((_, index) => index),
  );
  return precisions.reduce((sum, value) => sum + value, 0) / width;
}
