import { sortDescending } from '../metrics/average-precision.js';
import type { ScoredRecording } from '../protocols/label-views.js';

/**
 * What is kept of a scored row, per recording: enough to compute its metrics anew for any weighting of the recordings
 * (bootstrap), a few hundred numbers in place of every frame. Plain JSON.
 */
export interface Evidence {
  /** Ids of the recordings, in the order of all the lists below. */
  readonly recordings: readonly string[];
  readonly classCount: number;
  /** [recording][true class x predicted class] frames */
  readonly confusion: readonly (readonly number[])[];
  readonly rankings: readonly ClassRanking[];
}

/**
 * Frames of one class in groups of falling probability (all recordings share the borders, frames with the same
 * probability share a group). Average precision over groups differs from the exact one by less than half a group's
 * share of the positives; comparisons cancel even that.
 */
export interface ClassRanking {
  readonly target: number;
  /** [recording][group] frames that carry the class */
  readonly positives: readonly (readonly number[])[];
  /** [recording][group] frames that don't */
  readonly negatives: readonly (readonly number[])[];
}

/** @param groupCount about this many groups per class: each ends once it holds its share of the positives */
export function gatherEvidence(
  scored: readonly ScoredRecording[],
  predictions: readonly Int16Array[],
  classCount: number,
  scoredClasses: readonly number[],
  groupCount: number,
): Evidence {
  return {
    recordings: scored.map(({ id }) => id),
    classCount,
    confusion: scored.map(({ labels }, index) => {
      const counts = new Array<number>(classCount * classCount).fill(0);
      labels.forEach((label, frame) => {
        if (label >= 0) counts[label * classCount + predictions[index][frame]]++;
      });
      return counts;
    }),
    rankings: scoredClasses.map((target) => rankClass(scored, classCount, target, groupCount)),
  };
}

/** The sum of the recordings' confusion matrices, each times its weight. @param weights [recording] */
export function weighConfusion(
  { confusion, classCount }: Evidence,
  weights: ArrayLike<number>,
): Float64Array {
  const counts = new Float64Array(classCount * classCount);
  confusion.forEach((own, recording) => {
    if (weights[recording] === 0) return;
    for (let cell = 0; cell < counts.length; cell++) counts[cell] += weights[recording] * own[cell];
  });
  return counts;
}

/**
 * Average precision of the pooled frames, each recording's times its weight; 0 where nothing is positive.
 * @param weights [recording] what it weighs in a draw
 */
export function weighAveragePrecision(
  { positives, negatives }: ClassRanking,
  weights: ArrayLike<number>,
): number {
  const groups = positives[0]?.length ?? 0;
  let total = 0;
  positives.forEach((own, recording) => {
    if (weights[recording] !== 0) for (const count of own) total += weights[recording] * count;
  });
  if (total === 0) return 0;
  let hits = 0;
  let frames = 0;
  let sum = 0;
  for (let group = 0; group < groups; group++) {
    let found = 0;
    for (let recording = 0; recording < positives.length; recording++) {
      const weight = weights[recording];
      if (weight === 0) continue;
      found += weight * positives[recording][group];
      frames += weight * (positives[recording][group] + negatives[recording][group]);
    }
    hits += found;
    if (found > 0) sum += (found / total) * (hits / frames);
  }
  return sum;
}

function rankClass(
  scored: readonly ScoredRecording[],
  classCount: number,
  target: number,
  groupCount: number,
): ClassRanking {
  const scores: number[] = [];
  const owners: number[] = [];
  const isPositive: boolean[] = [];
  scored.forEach(({ labels, probabilities }, recording) => {
    labels.forEach((label, frame) => {
      if (label < 0) return;
      scores.push(probabilities[frame * classCount + target]);
      owners.push(recording);
      isPositive.push(label === target);
    });
  });
  const order = sortDescending(scores);
  const perGroup = Math.max(1, isPositive.filter(Boolean).length / groupCount);
  const positives = scored.map((): number[] => []);
  const negatives = scored.map((): number[] => []);
  const open = () => {
    for (const list of [...positives, ...negatives]) list.push(0);
  };
  let group = -1;
  let found = Number.POSITIVE_INFINITY;
  order.forEach((frame, rank) => {
    const isTied = rank > 0 && scores[order[rank - 1]] === scores[frame];
    if (found >= perGroup && !isTied) {
      open();
      group++;
      found = 0;
    }
    if (isPositive[frame]) found++;
    (isPositive[frame] ? positives : negatives)[owners[frame]][group]++;
  });
  return { target, positives, negatives };
}
