/** The least overlap (intersection over union) of a bout that counts as found, wherever bouts are scored. */
export const BOUT_OVERLAP = 0.5;

/** A run of frames [start, stop) of one class. */
export interface Bout {
  readonly start: number;
  readonly stop: number;
}

/** How well the bouts of a class are found. Ratios without a denominator are 0. */
export interface BoutScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly trueBouts: number;
  readonly predictedBouts: number;
  readonly matchedBouts: number;
  /** Mean of |predicted start - true start| over matched bouts, in frames; NaN where none matched. */
  readonly onsetErrorFrames: number;
}

/** The runs of `target`, in order; unannotated frames end a run. */
export function findBouts(labels: ArrayLike<number>, target: number): Bout[] {
  const bouts: Bout[] = [];
  for (let frame = 0; frame < labels.length; frame++) {
    if (labels[frame] !== target) continue;
    const start = frame;
    while (frame < labels.length && labels[frame] === target) frame++;
    bouts.push({ start, stop: frame });
  }
  return bouts;
}

/**
 * Matches bouts of one recording one to one, largest overlap first; a match needs an intersection over union of
 * at least `overlap` (above a half, no bout could match twice anyway).
 */
function matchBouts(truth: readonly Bout[], predicted: readonly Bout[], overlap: number): [Bout, Bout][] {
  const pairs: { truth: number; predicted: number; overlap: number }[] = [];
  let first = 0;
  truth.forEach((bout, index) => {
    while (first < predicted.length && predicted[first].stop <= bout.start) first++;
    for (let other = first; other < predicted.length && predicted[other].start < bout.stop; other++) {
      const shared = intersectionOverUnion(bout, predicted[other]);
      if (shared >= overlap) pairs.push({ truth: index, predicted: other, overlap: shared });
    }
  });
  pairs.sort((a, b) => b.overlap - a.overlap || a.truth - b.truth);
  const usedTruth = new Set<number>();
  const usedPredicted = new Set<number>();
  const matches: [Bout, Bout][] = [];
  for (const pair of pairs) {
    if (usedTruth.has(pair.truth) || usedPredicted.has(pair.predicted)) continue;
    usedTruth.add(pair.truth);
    usedPredicted.add(pair.predicted);
    matches.push([truth[pair.truth], predicted[pair.predicted]]);
  }
  return matches;
}

/**
 * Precision and recall of the bouts of a class over recordings. Frames that nobody has annotated are not scored: they end a
 * predicted bout as they end a true one.
 * @param recordings true and predicted labels of each recording, [frame] both
 * @param overlap the least intersection over union of a match, e.g. 0.5
 */
export function scoreBouts(
  recordings: readonly { readonly labels: ArrayLike<number>; readonly predictions: ArrayLike<number> }[],
  target: number,
  overlap: number,
): BoutScore {
  let trueBouts = 0;
  let predictedBouts = 0;
  let onsetSum = 0;
  let matchedBouts = 0;
  for (const { labels, predictions } of recordings) {
    const truth = findBouts(labels, target);
    const scored = Int16Array.from(labels, (label, frame) => (label < 0 ? -1 : predictions[frame]));
    const predicted = findBouts(scored, target);
    const matches = matchBouts(truth, predicted, overlap);
    trueBouts += truth.length;
    predictedBouts += predicted.length;
    matchedBouts += matches.length;
    for (const [a, b] of matches) onsetSum += Math.abs(a.start - b.start);
  }
  return {
    precision: predictedBouts === 0 ? 0 : matchedBouts / predictedBouts,
    recall: trueBouts === 0 ? 0 : matchedBouts / trueBouts,
    f1: trueBouts + predictedBouts === 0 ? 0 : (2 * matchedBouts) / (trueBouts + predictedBouts),
    trueBouts,
    predictedBouts,
    matchedBouts,
    onsetErrorFrames: onsetSum / matchedBouts,
  };
}

function intersectionOverUnion(a: Bout, b: Bout): number {
  const shared = Math.min(a.stop, b.stop) - Math.max(a.start, b.start);
  return shared <= 0 ? 0 : shared / (a.stop - a.start + b.stop - b.start - shared);
}
