import type { LearningCurve } from '../evaluation/results/learning-curve.js';
import { csvLines } from '../files/csv-cell.js';
import { alignColumns, figure } from './figure-text.js';

/** For a terminal: a block per column of the table, amounts from left to right, mean and spread over seeds. */
export function renderCurveText({ amounts, lines }: LearningCurve): string {
  const blocks = [...new Set(lines.map(({ group, metric }) => `${group} ${metric}`))];
  return blocks
    .map((block) => {
      const own = lines.filter(({ group, metric }) => `${group} ${metric}` === block);
      const rows = own.map(({ row, points }) => [
        row,
        ...points.map((point) => {
          if (point === null) return '';
          const { mean, deviation } = point;
          return deviation === null ? figure(mean) : `${figure(mean)} ± ${figure(deviation)}`;
        }),
      ]);
      return alignColumns([[block, ...amounts], ...rows]).join('\n');
    })
    .join('\n\n');
}

/** For plots: one line per row, column, amount and seed, full precision. */
export function renderCurveCsv({ lines }: LearningCurve): string {
  const rows = lines.flatMap(({ row, group, metric, points }) =>
    points.flatMap((point) =>
      point === null
        ? []
        : point.perSeed.map(({ seed, value }) => [
            row,
            group,
            metric,
            point.amount,
            point.trainedFrames,
            seed,
            value,
          ]),
    ),
  );
  return csvLines([['features', 'group', 'metric', 'amount', 'trainedFrames', 'seed', 'value'], ...rows]);
}
