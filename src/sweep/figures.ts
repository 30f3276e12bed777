import { meanF1, scoreClasses } from '../evaluation/metrics/confusion.js';
import type { TaskResult } from '../evaluation/protocols/run-task.js';
import { drawWeights } from '../evaluation/statistics/bootstrap.js';
import { type Evidence, weighAveragePrecision, weighConfusion } from '../evaluation/statistics/evidence.js';
import { mean } from '../evaluation/statistics/mean.js';
import type { Random } from '../random.js';

/** A figure that variants are compared by: a metric of a group of tasks, or of one of its classes. */
export interface FigureColumn {
  readonly group: string;
  readonly metric: 'f1' | 'map';
  /** null: the mean of the scored classes. */
  readonly className: string | null;
}

/** What the heads of one job have measured: the results of one row, all tasks. */
export type JobResults = readonly TaskResult[];

/** All columns that there are results for: of each group F1 and MAP, then those of its classes. */
export function listColumns(results: readonly TaskResult[]): FigureColumn[] {
  const groups = [...new Set(results.map(({ group }) => group))];
  return groups.flatMap((group) => {
    const own = results.filter((result) => result.group === group);
    const names = [...new Set(own.flatMap(({ classes }) => classes.map(({ name }) => name)))];
    return [null, ...names].flatMap((className) =>
      (['f1', 'map'] as const).map((metric) => ({ group, metric, className })),
    );
  });
}

/** The figure itself; null where the job hasn't measured it. Tasks of a group count alike. */
export function figureOf(results: JobResults, { group, metric, className }: FigureColumn): number | null {
  const figures = results
    .filter((result) => result.group === group)
    .flatMap(({ metrics, classes }) => {
      if (className === null) return [metrics[metric]];
      return classes
        .filter(({ name }) => name === className)
        .map((own) => (metric === 'f1' ? own.f1 : own.averagePrecision));
    });
  return figures.length === 0 ? null : mean(figures);
}

/** Figures of jobs for random weightings of recordings, and the weights of their seeds, draw by draw. */
export interface ResampledFigures {
  /** [job][column] -> one figure a draw. */
  readonly samples: readonly (readonly Float64Array[])[];
  /** seed -> its weight, one a draw. */
  readonly seedWeights: ReadonlyMap<number, Float64Array>;
}

/**
 * The Bayesian bootstrap (Rubin 1981) of all figures at once: in a draw each recording and each seed has one weight for
 * all jobs and columns, so that every difference is paired.
 */
export function resampleFigures(
  jobs: readonly { readonly seed: number; readonly results: JobResults }[],
  columns: readonly FigureColumn[],
  draws: number,
  random: Random,
): ResampledFigures {
  const recordings = [
    ...new Set(jobs.flatMap(({ results }) => results.flatMap(({ evidence }) => evidence.recordings))),
  ].sort();
  const seeds = [...new Set(jobs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const samples = jobs.map(() => columns.map(() => new Float64Array(draws)));
  const seedWeights = new Map(seeds.map((seed) => [seed, new Float64Array(draws)]));
  for (let draw = 0; draw < draws; draw++) {
    const ofRecording = drawWeights(recordings, random.fork('recordings', draw));
    const ofSeed = drawWeights(seeds, random.fork('seeds', draw));
    for (const [seed, weights] of seedWeights) weights[draw] = ofSeed(seed);
    jobs.forEach(({ results }, job) => {
      const weighed = results.map((result) => weighResult(result, ofRecording));
      columns.forEach((column, index) => {
        const own = weighed.filter(({ group }) => group === column.group);
        samples[job][index][draw] = mean(own.flatMap((figures) => readFigure(figures, column)));
      });
    });
  }
  return { samples, seedWeights };
}

interface WeighedResult {
  readonly group: string;
  /** Over the scored classes. */
  readonly f1: number;
  readonly map: number;
  readonly classes: ReadonlyMap<string, { readonly f1: number; readonly map: number }>;
}

function weighResult(
  { group, classes, evidence }: TaskResult,
  ofRecording: (id: string) => number,
): WeighedResult {
  const weights = evidence.recordings.map(ofRecording);
  const precisions = evidence.rankings.map((ranking) => weighAveragePrecision(ranking, weights));
  const scores = weighScores(evidence, weights);
  const targets = evidence.rankings.map(({ target }) => target);
  return {
    group,
    f1: meanF1(scores, targets),
    map: mean(precisions),
    classes: new Map(
      classes.map(({ name }, index) => [name, { f1: scores[targets[index]].f1, map: precisions[index] }]),
    ),
  };
}

function weighScores(evidence: Evidence, weights: readonly number[]) {
  return scoreClasses({ classCount: evidence.classCount, counts: weighConfusion(evidence, weights) });
}

function readFigure(figures: WeighedResult, { metric, className }: FigureColumn): number[] {
  if (className === null) return [figures[metric]];
  const own = figures.classes.get(className);
  return own === undefined ? [] : [own[metric]];
}
