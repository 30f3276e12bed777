import { seededRandom } from '../../random.js';
import type { PublishedRow, PublishedRows } from '../protocols/calms21-published.js';
import { describeFew } from '../protocols/describe-few.js';
import type { TaskResult } from '../protocols/run-task.js';
import {
  chanceLevel,
  hasSeveralRecordings,
  type Interval,
  intervalOf,
  plainFigure,
  type ResampledMetric,
  type RowEvidence,
  resampleRows,
} from '../statistics/bootstrap.js';
import { compareSamples, correctHolm, type Difference, leastP } from '../statistics/compare.js';

import { amountOf } from './learning-curve.js';

/** A table of results: plain data, drawn by `report/table.ts`. */
export interface ResultsTable {
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
  /** Every measured row against every control, corrected over all of them within a column; empty where none were drawn. */
  readonly differences: readonly TableDifference[];
  /** What a reader must know: how intervals came about, which rows are not comparable. */
  readonly notes: readonly string[];
}

/** A column of the table: a metric of a group of tasks. */
export interface Column {
  /** The group of tasks that is averaged. */
  readonly group: string;
  readonly metric: ResampledMetric;
  readonly title: string;
}

/** A row of the table: what was learned, how, and its figures. */
export interface TableRow {
  readonly name: string;
  readonly status: 'measured' | 'chance' | 'published' | 'unverified';
  /** `transductive`, `strength within-recording`, the amount of labels where they are few. */
  readonly flags: readonly string[];
  readonly seeds: number;
  /** One per column; null where nothing was measured. */
  readonly cells: readonly (Cell | null)[];
}

/** A figure of the table, between 0 and 1. */
export interface Cell {
  readonly value: number;
  /** null: a single published figure, or there was nothing to draw: no resamples, or a single recording. */
  readonly interval: Interval | null;
}

export interface TableDifference extends Difference {
  readonly row: string;
  readonly control: string;
  readonly column: string;
  /** Holm-corrected over all differences of the column. */
  readonly correctedP: number;
}

export interface TableOptions {
  readonly columns: readonly Column[];
  /** Names of the rows that the others are held against. */
  readonly controls: readonly string[];
  readonly published: PublishedRows;
  /** 0: neither intervals nor differences. */
  readonly resamples: number;
  /** Of the intervals, e.g. 0.95. */
  readonly level: number;
  readonly seed: number;
}

/** Fewer seeds than this never earn a "best". */
const SEEDS_FOR_BEST = 4;

/**
 * Puts results of any number of tasks, features and seeds into one table. Where they come from several amounts of
 * labels, each amount has its rows, and controls are those of the same amount.
 */
export function buildResultsTable(all: readonly TaskResult[], given: TableOptions): ResultsTable {
  const amounts = [...new Set(all.map(amountOf))];
  const isCurve = amounts.length > 1;
  const results = isCurve
    ? all.map((result) => ({ ...result, features: `${result.features}, ${amountOf(result)}` }))
    : all;
  const options = isCurve
    ? {
        ...given,
        controls: given.controls.flatMap((name) => amounts.map((amount) => `${name}, ${amount}`)),
        isComparable: (row: string, control: string) =>
          amounts.some((amount) => row.endsWith(`, ${amount}`) && control.endsWith(`, ${amount}`)),
      }
    : { ...given, isComparable: () => true };
  return tabulate(results, options);
}

interface PairedOptions extends TableOptions {
  readonly isComparable: (row: string, control: string) => boolean;
}

function tabulate(results: readonly TaskResult[], options: PairedOptions): ResultsTable {
  const names = [...new Set(results.map(({ features }) => features))];
  const measured = options.columns.map((column) => measureColumn(results, names, column, options));
  const rows = names.map((name, index): TableRow => {
    const own = results.filter(({ features }) => features === name);
    return {
      name,
      status: 'measured',
      flags: flagsOf(own),
      seeds: new Set(own.map(({ seed }) => seed)).size,
      cells: measured.map(({ cells }) => cells[index]),
    };
  });
  return {
    columns: options.columns,
    rows: [
      ...rows,
      chanceRow(results, options.columns),
      ...options.published.rows.map(publishedRow(options.columns)),
    ],
    differences: measured.flatMap(({ differences }) => differences),
    notes: [...notesOf(rows, measured, options), ...methodsOf(results)],
  };
}

interface MeasuredColumn {
  readonly cells: readonly (Cell | null)[];
  readonly differences: readonly TableDifference[];
  /** Whether there are figures, and each is of one recording. */
  readonly isSingle: boolean;
}

function measureColumn(
  results: readonly TaskResult[],
  names: readonly string[],
  column: Column,
  options: PairedOptions,
): MeasuredColumn {
  const { metric } = column;
  const inGroup = results.filter(({ group }) => group === column.group);
  const tasks = new Set(inGroup.map(({ task }) => task));
  const evidence = names.map((name) => rowEvidence(inGroup, name, tasks.size));
  const present = evidence.filter((row) => row !== null);
  const isSingle = present.length > 0 && !hasSeveralRecordings(inGroup.map((result) => result.evidence));
  const isDrawn = options.resamples > 0 && !isSingle;
  const random = seededRandom(options.seed, 'bootstrap', column.group, metric);
  const samples = resampleRows(present, metric, isDrawn ? options.resamples : 0, random);
  const exact = (name: string) =>
    meanMetric(
      inGroup.filter(({ features }) => features === name),
      metric,
    );
  const cells = evidence.map((row): Cell | null => {
    if (row === null) return null;
    const value = exact(row.name);
    if (!isDrawn) return { value, interval: null };
    const shift = value - plainFigure(row, metric); // what the grouping of scores takes away
    const { low, high } = intervalOf(samples[present.indexOf(row)], options.level);
    return { value, interval: { low: low + shift, high: high + shift } };
  });
  const controls = isDrawn ? options.controls : [];
  const pairs = present.flatMap((row, index) =>
    controls.flatMap((control) => {
      const against = present.findIndex(({ name }) => name === control);
      // Two controls are held against each other once.
      const isTold = controls.includes(row.name) && against < index;
      if (against < 0 || row.name === control || isTold || !options.isComparable(row.name, control))
        return [];
      const value = exact(row.name) - exact(control);
      const difference = compareSamples(value, samples[index], samples[against], options.level);
      return [{ row: row.name, control, column: column.title, ...difference }];
    }),
  );
  const corrected = correctHolm(pairs.map(({ pValue }) => pValue));
  const differences = pairs.map((pair, index) => ({ ...pair, correctedP: corrected[index] }));
  return { cells, differences, isSingle };
}

/** null unless every task of the group was measured with every seed of the row. */
function rowEvidence(results: readonly TaskResult[], name: string, taskCount: number): RowEvidence | null {
  const own = results.filter(({ features }) => features === name);
  const seeds = [...new Set(own.map(({ seed }) => seed))].map((seed) => ({
    seed,
    tasks: own.filter((result) => result.seed === seed).map(({ evidence }) => evidence),
  }));
  if (seeds.length === 0 || seeds.some(({ tasks }) => tasks.length !== taskCount)) return null;
  return { name, seeds };
}

function meanMetric(results: readonly TaskResult[], metric: ResampledMetric): number {
  return results.reduce((sum, { metrics }) => sum + metrics[metric], 0) / results.length;
}

function flagsOf(results: readonly TaskResult[]): string[] {
  const flags = new Set<string>();
  for (const { transductive, fits, few } of results) {
    if (transductive) flags.add('transductive');
    if (fits.some(({ unit }) => unit.includes('within-recording'))) flags.add('strength within-recording');
    if (few !== null) flags.add(describeFew(few));
  }
  return [...flags];
}

function chanceRow(results: readonly TaskResult[], columns: readonly Column[]): TableRow {
  const cells = columns.map(({ group }): Cell | null => {
    const byTask = new Map(
      results
        .filter((result) => result.group === group)
        .map((result) => [result.task, chanceLevel(result.evidence)]),
    );
    if (byTask.size === 0) return null;
    const value = [...byTask.values()].reduce((sum, chance) => sum + chance, 0) / byTask.size;
    return { value, interval: null };
  });
  return { name: 'chance', status: 'chance', flags: [], seeds: 0, cells };
}

function publishedRow(columns: readonly Column[]): (row: PublishedRow) => TableRow {
  return ({ name, status, figures }) => ({
    name,
    status,
    flags: [],
    seeds: 0,
    cells: columns.map(({ group, metric }) => {
      const value = figures[`${group}/${metric}`];
      return value === undefined ? null : { value, interval: null };
    }),
  });
}

/** How rows that aren't logistic regression learn. */
function methodsOf(results: readonly TaskResult[]): string[] {
  const methods = new Map(results.map(({ features, method }) => [features, method]));
  return [...methods].flatMap(([name, method]) =>
    method === undefined || method === 'logistic regression' ? [] : [`${name}: ${method}.`],
  );
}

function notesOf(
  rows: readonly TableRow[],
  measured: readonly MeasuredColumn[],
  { columns, level, resamples, published }: TableOptions,
): string[] {
  const comparisons = Math.max(0, ...measured.map(({ differences }) => differences.length));
  const single = columns.filter((_, index) => measured[index].isSingle).map(({ title }) => title);
  const notes = [
    ...(resamples === 0
      ? []
      : [
          `Intervals: ${Math.round(level * 100)} % of ${resamples} Bayesian bootstrap weightings of recordings (and seeds); differences are paired. ${rows.length} rows were compared: p is Holm-corrected over ${comparisons} difference${comparisons === 1 ? '' : 's'} in a column${comparisons === 0 ? '' : `, and so many weightings give no less than ${leastP(resamples, comparisons).toFixed(3)}`}.`,
        ]),
    ...(resamples === 0 || single.length === 0
      ? []
      : [`No intervals and differences of ${single.join(', ')}: a single recording was scored.`]),
  ];
  const fewest = Math.min(...rows.map(({ seeds }) => seeds));
  if (fewest < SEEDS_FOR_BEST)
    notes.push(`A row has ${fewest} seed${fewest === 1 ? '' : 's'}: too few to call any row the best.`);
  if (published.note !== null) notes.push(published.note);
  return notes;
}
