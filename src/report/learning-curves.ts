import type { FewLabels } from '../evaluation/protocols/task.js';
import type { ResultsTable } from '../evaluation/results/results-table.js';
import type { LearningCurve } from './report-data.js';

/** A table of results, and the labels that its heads had. */
export interface LabelledTable {
  readonly table: ResultsTable;
  /** null: all of them. */
  readonly few: FewLabels | null;
  /** Training recordings of the heads that had all labels. */
  readonly trainingRecordings: number;
}

/**
 * Curves over the number of labels, from runs that differ in it. A column and row that was measured with one amount only
 * gives none. Full labels join the curves over recordings, at their number.
 */
export function drawLearningCurves(tables: readonly LabelledTable[]): LearningCurve[] {
  const curves = new Map<string, { -readonly [Key in keyof LearningCurve]: LearningCurve[Key] }>();
  const units = [...new Set(tables.flatMap(({ few }) => (few === null ? [] : Object.keys(few))))];
  for (const unit of units.length === 0 ? ['recordings'] : units) {
    for (const { table, few, trainingRecordings } of tables) {
      const amount = few === null ? fullAmount(unit, trainingRecordings) : amountOf(few, unit);
      if (amount === undefined) continue;
      for (const row of table.rows) {
        if (row.status !== 'measured') continue;
        row.cells.forEach((cell, index) => {
          if (cell === null) return;
          const column = table.columns[index].title;
          const key = JSON.stringify([column, row.name, unit]);
          const curve = curves.get(key) ?? { column, features: row.name, unit, points: [] };
          curves.set(key, { ...curve, points: [...curve.points, { amount, few, cell }] });
        });
      }
    }
  }
  return [...curves.values()]
    .map((curve) => ({ ...curve, points: [...curve.points].sort((a, b) => a.amount - b.amount) }))
    .filter(({ points }) => new Set(points.map(({ amount }) => amount)).size > 1);
}

function amountOf(few: FewLabels, unit: string): number | undefined {
  return (few as Readonly<Record<string, number>>)[unit];
}

function fullAmount(unit: string, trainingRecordings: number): number | undefined {
  if (unit === 'share') return 1;
  return unit === 'recordings' ? trainingRecordings : undefined;
}
