import { hasSeveralRecordings } from '../evaluation/statistics/bootstrap.js';
import { compareSamples, correctHolm, type Difference, leastP } from '../evaluation/statistics/compare.js';
import { mean } from '../evaluation/statistics/mean.js';
import type { JobState } from '../events/event.js';
import { seededRandom } from '../random.js';
import { type FigureColumn, figureOf, type JobResults, listColumns, resampleFigures } from './figures.js';
import type { PlannedVariant, SweepPlan } from './plan.js';

/** What a sweep has shown: plain data. */
export interface SweepTable {
  readonly name: string;
  /** The variant that the others are held against. */
  readonly baseline: string;
  readonly seeds: readonly number[];
  readonly columns: readonly FigureColumn[];
  readonly rows: readonly SweepRow[];
  /** Jobs without figures, and how each of them stands. */
  readonly missing: readonly MissingCell[];
  readonly notes: readonly string[];
}

/** A variant with all its figures. */
export interface SweepRow {
  readonly variant: string;
  /** What differs from the base files. */
  readonly differences: readonly string[];
  /** Seeds that were measured. */
  readonly seeds: readonly number[];
  /** `transductive`, `strength within-recording`: what a reader must know of the row. */
  readonly flags: readonly string[];
  /** One per column; null where no seed was measured. */
  readonly cells: readonly (SweepCell | null)[];
}

/** A figure of a variant over its seeds. */
export interface SweepCell {
  readonly mean: number;
  /** Sample standard deviation over seeds; null for a single one. */
  readonly deviation: number | null;
  /** Of the seeds that have measured this column, in the order of the plan. */
  readonly values: readonly { readonly seed: number; readonly value: number }[];
  /** To the baseline, over the seeds that both have; null for the baseline, where they share none, and of one recording. */
  readonly difference: SweepDifference | null;
  /** Whether it is above every other variant, by intervals corrected for how many there are. */
  readonly isBest: boolean;
}

/** The interval is corrected for the number of variants (Bonferroni), the p-value too (Holm). */
export interface SweepDifference extends Difference {
  readonly correctedP: number;
  readonly seeds: number;
}

/** A job that the table lacks, and why. */
export interface MissingCell {
  readonly variant: string;
  readonly seed: number;
  readonly state: JobState;
  readonly error: string | null;
}

/** A job with what it has come to. */
export interface FinishedJob {
  readonly variants: readonly string[];
  readonly seed: number;
  readonly state: JobState;
  readonly error: string | null;
  /** Of its first row; null until it is done. */
  readonly results: JobResults | null;
}

export interface TableOptions {
  readonly draws: number;
  /** Of the intervals before correction, e.g. 0.95. */
  readonly level: number;
}

/** Fewer seeds than this never earn a "best". */
const SEEDS_FOR_BEST = 4;

/** A seed of a variant, measured. */
interface Sample {
  readonly seed: number;
  readonly results: JobResults;
  /** Its place among all that are resampled. */
  readonly index: number;
}

/** Puts all that a sweep has measured so far into one table. The same jobs give the same bits, in whatever order they ran. */
export function buildSweepTable(
  plan: Pick<SweepPlan, 'name' | 'variants' | 'seeds'>,
  jobs: readonly FinishedJob[],
  options: TableOptions,
): SweepTable {
  const measured = jobs.flatMap(({ results, ...job }) => (results === null ? [] : [{ ...job, results }]));
  const columns = listColumns(measured.flatMap(({ results }) => results));
  const { samples, seedWeights } = resampleFigures(
    measured,
    columns,
    options.draws,
    seededRandom(plan.name, 'table'),
  );
  const groups = plan.variants.map(({ name }) =>
    measured.flatMap(({ variants, seed, results }, index): Sample[] =>
      variants.includes(name) ? [{ seed, results, index }] : [],
    ),
  );
  for (const group of groups) group.sort((a, b) => plan.seeds.indexOf(a.seed) - plan.seeds.indexOf(b.seed));
  const cells = columns.map((column, place) => {
    const compare = (one: readonly Sample[], other: readonly Sample[]) =>
      comparePaired(one, other, column, {
        samplesOf: ({ index }) => samples[index][place],
        weightsOf: (seed) => seedWeights.get(seed) as Float64Array,
        // Every variant but the baseline is one comparison.
        level: 1 - (1 - options.level) / Math.max(1, plan.variants.length - 1),
      });
    return fillColumn(groups, column, plan.seeds.length, compare);
  });
  const missing = listMissing(plan, jobs);
  return {
    name: plan.name,
    baseline: plan.variants[0].name,
    seeds: plan.seeds,
    columns,
    rows: plan.variants.map((variant, row) =>
      describeRow(
        variant,
        groups[row],
        cells.map((column) => column[row]),
      ),
    ),
    missing,
    notes: writeNotes(plan, groups, options),
  };
}

type Compare = (
  one: readonly Sample[],
  other: readonly Sample[],
) => Omit<SweepDifference, 'correctedP'> | null;

/** One cell for each variant. */
function fillColumn(
  groups: readonly (readonly Sample[])[],
  column: FigureColumn,
  seedCount: number,
  compare: Compare,
): (SweepCell | null)[] {
  const values = groups.map((group) =>
    group.flatMap(({ seed, results }) => {
      const value = figureOf(results, column);
      return value === null ? [] : [{ seed, value }];
    }),
  );
  const figures = values.map((own) => own.map(({ value }) => value));
  const toBaseline = groups.map((group, row) => (row === 0 ? null : compare(group, groups[0])));
  const told = toBaseline.filter((difference) => difference !== null);
  const corrected = correctHolm(told.map(({ pValue }) => pValue));
  const best = findBest(groups, figures, seedCount, compare);
  return groups.map((_, row): SweepCell | null => {
    if (values[row].length === 0) return null;
    const own = toBaseline[row];
    const difference = own === null ? null : { ...own, correctedP: corrected[told.indexOf(own)] };
    return {
      mean: mean(figures[row]),
      deviation: deviationOf(figures[row]),
      values: values[row],
      difference,
      isBest: row === best,
    };
  });
}

/** The variant with the highest mean, if every seed of it is there and it is above each other one; else -1. */
function findBest(
  groups: readonly (readonly Sample[])[],
  values: readonly (readonly number[])[],
  seedCount: number,
  compare: Compare,
): number {
  if (groups.length < 2 || seedCount < SEEDS_FOR_BEST) return -1;
  const means = values.map((own) => (own.length === seedCount ? mean(own) : Number.NEGATIVE_INFINITY));
  const top = means.indexOf(Math.max(...means));
  if (means[top] === Number.NEGATIVE_INFINITY) return -1;
  const isAboveAll = groups.every((other, row) => {
    if (row === top) return true;
    const difference = compare(groups[top], other);
    return difference !== null && difference.seeds >= SEEDS_FOR_BEST && difference.low > 0;
  });
  return isAboveAll ? top : -1;
}

interface PairOptions {
  readonly samplesOf: (sample: Sample) => Float64Array;
  readonly weightsOf: (seed: number) => Float64Array;
  readonly level: number;
}

/** The difference of two variants over the seeds that both have; null where they share none, or one recording is all. */
function comparePaired(
  one: readonly Sample[],
  other: readonly Sample[],
  column: FigureColumn,
  { samplesOf, weightsOf, level }: PairOptions,
): Omit<SweepDifference, 'correctedP'> | null {
  const pairs = one.flatMap((sample) => {
    const twin = other.find(({ seed }) => seed === sample.seed);
    if (twin === undefined) return [];
    const [figure, against] = [figureOf(sample.results, column), figureOf(twin.results, column)];
    return figure === null || against === null ? [] : [{ sample, twin, difference: figure - against }];
  });
  const evidence = pairs.flatMap(({ sample, twin }) =>
    [...sample.results, ...twin.results]
      .filter(({ group }) => group === column.group)
      .map((result) => result.evidence),
  );
  if (!hasSeveralRecordings(evidence)) return null;
  const average = (pick: (pair: (typeof pairs)[number]) => Sample) =>
    samplesOf(pick(pairs[0])).map((_, draw) => {
      let sum = 0;
      let total = 0;
      for (const pair of pairs) {
        const weight = weightsOf(pair.sample.seed)[draw];
        sum += weight * samplesOf(pick(pair))[draw];
        total += weight;
      }
      return sum / total;
    });
  const value = mean(pairs.map(({ difference }) => difference));
  const compared = compareSamples(
    value,
    average(({ sample }) => sample),
    average(({ twin }) => twin),
    level,
  );
  return { ...compared, seeds: pairs.length };
}

function describeRow(
  { name, differences }: PlannedVariant,
  group: readonly Sample[],
  cells: readonly (SweepCell | null)[],
): SweepRow {
  const results = group.flatMap((sample) => sample.results);
  const flags = [
    ...(results.some(({ transductive }) => transductive) ? ['transductive'] : []),
    ...(results.some(({ fits }) => fits.some(({ unit }) => unit.includes('within-recording')))
      ? ['strength within-recording']
      : []),
  ];
  return { variant: name, differences, seeds: group.map(({ seed }) => seed), flags, cells };
}

function listMissing({ variants }: Pick<SweepPlan, 'variants'>, jobs: readonly FinishedJob[]): MissingCell[] {
  return variants.flatMap(({ name }) =>
    jobs
      .filter((job) => job.results === null && job.variants.includes(name))
      .map(({ seed, state, error }) => ({ variant: name, seed, state, error })),
  );
}

function writeNotes(
  { variants, seeds }: Pick<SweepPlan, 'variants' | 'seeds'>,
  groups: readonly (readonly Sample[])[],
  { draws, level }: TableOptions,
): string[] {
  const comparisons = variants.length - 1;
  const evidence = groups.flat().flatMap(({ results }) => results.map((result) => result.evidence));
  const isSingle = evidence.length > 0 && !hasSeveralRecordings(evidence);
  const notes = [
    `Means and sample standard deviations over seeds (${seeds.join(', ')}).`,
    ...(comparisons > 0 && isSingle ? ['No differences: a single recording was scored.'] : []),
    ...(comparisons > 0 && !isSingle
      ? [
          `Differences are to "${variants[0].name}", paired over recordings and seeds: ${draws} Bayesian bootstrap weightings of both; ${formatPercent(level)} intervals widened for ${comparisons} comparison${comparisons === 1 ? '' : 's'} in a column (Bonferroni), p corrected for as many (Holm), and so many weightings give no less than ${leastP(draws, comparisons).toFixed(3)}.`,
        ]
      : []),
  ];
  const fewest = Math.min(...groups.map((group) => group.length));
  if (seeds.length < SEEDS_FOR_BEST || fewest < SEEDS_FOR_BEST)
    notes.push(
      `Fewer than ${SEEDS_FOR_BEST} seeds of a variant: none is called the best where it is compared.`,
    );
  return notes;
}

function formatPercent(level: number): string {
  return `${Number((100 * level).toFixed(2))} %`;
}

/** With n - 1 below the line; null for a single value. */
function deviationOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
