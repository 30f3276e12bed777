/**
 * Average precision: sum over thresholds of (R_n - R_{n-1}) P_n, not interpolated, equal scores taken as one
 * threshold. The same number as scikit-learn's `average_precision_score`; 0 where nothing is positive.
 */
export function averagePrecision(positive: ArrayLike<number | boolean>, scores: ArrayLike<number>): number {
  const order = sortDescending(scores);
  let positives = 0;
  for (let frame = 0; frame < positive.length; frame++) if (positive[frame]) positives++;
  if (positives === 0) return 0;
  let hits = 0;
  let sum = 0;
  for (let rank = 0; rank < order.length; ) {
    const score = scores[order[rank]];
    const hitsBefore = hits;
    for (; rank < order.length && scores[order[rank]] === score; rank++) {
      if (positive[order[rank]]) hits++;
    }
    sum += ((hits - hitsBefore) / positives) * (hits / rank);
  }
  return sum;
}

/**
 * The one-vs-rest average precision of each chosen class over the annotated frames.
 * @param labels [frame] class indices; negative ones are left out
 * @param probabilities [frame, class]
 */
export function averagePrecisionByClass(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
  scoredClasses: readonly number[],
): number[] {
  const frames: number[] = [];
  for (let frame = 0; frame < labels.length; frame++) if (labels[frame] >= 0) frames.push(frame);
  return scoredClasses.map((target) =>
    averagePrecision(
      Uint8Array.from(frames, (frame) => Number(labels[frame] === target)),
      Float64Array.from(frames, (frame) => probabilities[frame * classCount + target]),
    ),
  );
}

/** The order of the scores from high to low. @throws RangeError where a score isn't a number. */
export function sortDescending(scores: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(scores.length);
  for (let frame = 0; frame < order.length; frame++) {
    if (Number.isNaN(scores[frame])) throw new RangeError(`the score of frame ${frame} is not a number`);
    order[frame] = frame;
  }
  return order.sort((a, b) => scores[b] - scores[a] || a - b);
}
