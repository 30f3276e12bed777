import { BOUT_OVERLAP, scoreBouts } from '../metrics/bouts.js';
import { countConfusions, scoreClasses } from '../metrics/confusion.js';
import { type BoutSettings, labelFrames } from './label-frames.js';

/** Neighbouring labelled frames of one recording with what heads say that were not fitted on them. */
export interface HeldOutRun {
  readonly framesPerSecond: number;
  /** [frame] class indices */
  readonly labels: Int16Array;
  /** [frame, class] */
  readonly probabilities: Float32Array;
}

/** What is tried; of equal ones the first of both lists is taken. */
export interface BoutCandidates {
  readonly smoothSeconds: readonly number[];
  readonly minimalBoutSeconds: readonly number[];
}

/** What was chosen, and how well it did: plain data, stored with the head. */
export interface BoutChoice extends BoutSettings {
  /** See `chooseBouts`. */
  readonly score: number;
}

/**
 * How long to smooth and which bouts to drop, by labels that the heads were not fitted on: the pair with the highest mean,
 * over the scored classes, of frame F1 and bout F1 (bouts match at an overlap of a half). Frames alone would hardly mind
 * bouts in pieces; bouts alone would hardly mind wrong edges.
 */
export function chooseBouts(
  runs: readonly HeldOutRun[],
  classCount: number,
  scoredClasses: readonly number[],
  { smoothSeconds, minimalBoutSeconds }: BoutCandidates,
): BoutChoice {
  let best: BoutChoice | null = null;
  for (const smooth of smoothSeconds) {
    for (const minimal of minimalBoutSeconds) {
      const settings = { smoothSeconds: smooth, minimalBoutSeconds: minimal };
      const score = scoreSettings(runs, classCount, scoredClasses, settings);
      if (best === null || score > best.score) best = { ...settings, score };
    }
  }
  if (best === null) throw new Error('chooseBouts needs something to choose from');
  return best;
}

function scoreSettings(
  runs: readonly HeldOutRun[],
  classCount: number,
  scoredClasses: readonly number[],
  settings: BoutSettings,
): number {
  const labelled = runs.map(({ labels, probabilities, framesPerSecond }) => ({
    labels,
    predictions: labelFrames(probabilities, classCount, framesPerSecond, settings),
  }));
  const frames = scoreClasses(countConfusions(labelled, classCount));
  const sum = scoredClasses.reduce(
    (total, target) => total + frames[target].f1 + scoreBouts(labelled, target, BOUT_OVERLAP).f1,
    0,
  );
  return sum / (2 * scoredClasses.length);
}
