import type { ClassRanking } from '../evaluation/statistics/evidence.js';

/** Points that a picture needs. */
const MOST_POINTS = 120;

/**
 * The precision-recall curve of a class, all recordings pooled, from the frames in groups of falling probability.
 * Recall rises from point to point; empty where nothing is positive.
 */
export function tracePrecisionRecall({
  positives,
  negatives,
}: ClassRanking): [recall: number, precision: number][] {
  const groups = positives[0]?.length ?? 0;
  const sum = (counts: readonly (readonly number[])[], group: number) =>
    counts.reduce((total, own) => total + own[group], 0);
  const found = Array.from({ length: groups }, (_, group) => sum(positives, group));
  const total = found.reduce((all, count) => all + count, 0);
  if (total === 0) return [];
  let [hits, frames] = [0, 0];
  const points = found.map((count, group): [number, number] => {
    hits += count;
    frames += count + sum(negatives, group);
    return [hits / total, hits / frames];
  });
  const every = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}
