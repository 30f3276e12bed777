import { describeFew } from '../protocols/describe-few.js';
import type { TaskResult } from '../protocols/run-task.js';
import type { FewLabels } from '../protocols/task.js';
import type { ResampledMetric } from '../statistics/bootstrap.js';
import { mean } from '../statistics/mean.js';
import type { Column } from './results-table.js';

/** What each row makes of more labels: plain data, for tables and plots. */
export interface LearningCurve {
  /** In words, in the order of the settings; `all labels` for all. */
  readonly amounts: readonly string[];
  readonly lines: readonly CurveLine[];
}

/** One row of the table in one column. */
export interface CurveLine {
  readonly row: string;
  readonly group: string;
  readonly metric: ResampledMetric;
  /** One per amount; null where a task or seed is still missing. */
  readonly points: readonly (CurvePoint | null)[];
}

export interface CurvePoint {
  readonly amount: string;
  /** Frames that were trained on, the mean over tasks and seeds: an axis for plots. */
  readonly trainedFrames: number;
  readonly mean: number;
  /** Between seeds, i.e. draws of labels (n - 1); null for one seed. */
  readonly deviation: number | null;
  /** One figure per seed, the mean of the group's tasks. */
  readonly perSeed: readonly { readonly seed: number; readonly value: number }[];
}

const ALL_LABELS = 'all labels';

/** The amount of a result in words. */
export function amountOf({ few }: { readonly few: FewLabels | null }): string {
  return describeFew(few) || ALL_LABELS;
}

/** Lines of all rows over all amounts that were measured. */
export function buildLearningCurve(
  results: readonly TaskResult[],
  columns: readonly Column[],
): LearningCurve {
  const amounts = distinct(results.map(amountOf));
  const rows = distinct(results.map(({ features }) => features));
  const lines = columns.flatMap(({ group, metric }) =>
    rows.map((row): CurveLine => {
      const own = results.filter((result) => result.features === row && result.group === group);
      const tasks = new Set(results.filter((result) => result.group === group).map(({ task }) => task)).size;
      return { row, group, metric, points: amounts.map((amount) => pointOf(own, amount, metric, tasks)) };
    }),
  );
  return { amounts, lines: lines.filter(({ points }) => points.some((point) => point !== null)) };
}

function pointOf(
  results: readonly TaskResult[],
  amount: string,
  metric: ResampledMetric,
  tasks: number,
): CurvePoint | null {
  const own = results.filter((result) => amountOf(result) === amount);
  const perSeed = distinct(own.map(({ seed }) => seed)).map((seed) => {
    const figures = own.filter((result) => result.seed === seed).map(({ metrics }) => metrics[metric]);
    return { seed, count: figures.length, value: mean(figures) };
  });
  if (perSeed.length === 0 || perSeed.some(({ count }) => count !== tasks)) return null;
  const values = perSeed.map(({ value }) => value);
  const centre = mean(values);
  const square = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return {
    amount,
    trainedFrames: mean(own.flatMap(({ fits }) => fits.map(({ trainedFrames }) => trainedFrames))),
    mean: centre,
    deviation: values.length < 2 ? null : Math.sqrt(square / (values.length - 1)),
    perSeed: perSeed.map(({ seed, value }) => ({ seed, value })),
  };
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
