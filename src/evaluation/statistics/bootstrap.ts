import type { Random } from '../../random.js';
import { meanF1, scoreClasses } from '../metrics/confusion.js';
import { type Evidence, weighAveragePrecision, weighConfusion } from './evidence.js';

/** Metrics that can be computed anew for any weighting of the recordings. */
export type ResampledMetric = 'map' | 'f1';

/** All that stands behind one figure: for each seed, the tasks whose mean it is. */
export interface RowEvidence {
  readonly name: string;
  readonly seeds: readonly { readonly seed: number; readonly tasks: readonly Evidence[] }[];
}

/**
 * Whether weighing recordings can move a figure at all: a task on a single one has the same figure in every draw, which is
 * no sign of certainty.
 */
export function hasSeveralRecordings(tasks: readonly Evidence[]): boolean {
  return tasks.some(({ recordings }) => recordings.length > 1);
}

/** Between two quantiles of the resamples. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The metric of pooled frames with each recording's frames weighted. @param weights [recording] */
export function weighMetric(evidence: Evidence, metric: ResampledMetric, weights: ArrayLike<number>): number {
  if (metric === 'map') {
    const { rankings } = evidence;
    return (
      rankings.reduce((sum, ranking) => sum + weighAveragePrecision(ranking, weights), 0) / rankings.length
    );
  }
  const counts = weighConfusion(evidence, weights);
  const scored = evidence.rankings.map(({ target }) => target);
  return meanF1(scoreClasses({ classCount: evidence.classCount, counts }), scored);
}

/**
 * Resampled figures of several rows, [row][resample]. The Bayesian bootstrap (Rubin 1981): each recording gets a random
 * weight (exponential, mean 1), which all rows, tasks and seeds share, so that differences are paired; seeds get
 * weights likewise. Unlike drawing with replacement it never loses a class that only one recording carries.
 */
export function resampleRows(
  rows: readonly RowEvidence[],
  metric: ResampledMetric,
  resamples: number,
  random: Random,
): Float64Array[] {
  const recordings = distinct(
    rows.flatMap(({ seeds }) => seeds.flatMap(({ tasks }) => tasks.flatMap((task) => task.recordings))),
  );
  const seeds = distinct(rows.flatMap((row) => row.seeds.map(({ seed }) => seed)));
  const samples = rows.map(() => new Float64Array(resamples));
  for (let resample = 0; resample < resamples; resample++) {
    const ofRecording = drawWeights(recordings, random);
    const ofSeed = drawWeights(seeds, random);
    rows.forEach((row, index) => {
      samples[index][resample] = figureOf(row, metric, ofRecording, ofSeed);
    });
  }
  return samples;
}

/** The middle `level` of the samples [draw], e.g. 0.95 of them; `samples` is left in its order. */
export function intervalOf(samples: Float64Array, level: number): Interval {
  const sorted = samples.slice().sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))];
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

/** The figure with all weights equal: the metric itself, up to the grouping of `ClassRanking`. */
export function plainFigure(row: RowEvidence, metric: ResampledMetric): number {
  return figureOf(
    row,
    metric,
    () => 1,
    () => 1,
  );
}

/** What guessing reaches: with probabilities that know nothing, average precision and F1 are the share of the class. */
export function chanceLevel(evidence: Evidence): number {
  const shares = evidence.rankings.map(({ positives, negatives }) => {
    const found = positives.flat().reduce((sum, count) => sum + count, 0);
    const others = negatives.flat().reduce((sum, count) => sum + count, 0);
    return found / (found + others);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function figureOf(
  { seeds }: RowEvidence,
  metric: ResampledMetric,
  ofRecording: (id: string) => number,
  ofSeed: (seed: number) => number,
): number {
  let sum = 0;
  let total = 0;
  for (const { seed, tasks } of seeds) {
    const figures = tasks.map((task) => weighMetric(task, metric, task.recordings.map(ofRecording)));
    sum += (ofSeed(seed) * figures.reduce((part, figure) => part + figure, 0)) / figures.length;
    total += ofSeed(seed);
  }
  return sum / total;
}

/** A random weight for each key: exponential with mean 1. */
export function drawWeights<Key>(keys: readonly Key[], random: Random): (key: Key) => number {
  const weights = new Map(keys.map((key) => [key, -Math.log(1 - random.uniform())]));
  return (key) => weights.get(key) as number;
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
