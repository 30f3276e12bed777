import { basename } from 'node:path';
import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings } from '../config/schema/finetune.js';
import type { Dataset } from '../data/store/dataset.js';
import { predictClasses } from '../evaluation/metrics/confusion.js';
import { describeFew } from '../evaluation/protocols/describe-few.js';
import type { TaskResult } from '../evaluation/protocols/run-task.js';
import { classIndices, readTaskLabels } from '../evaluation/protocols/split-recordings.js';
import type { Task } from '../evaluation/protocols/task.js';
import type { ResultsTable } from '../evaluation/results/results-table.js';
import { weighConfusion } from '../evaluation/statistics/evidence.js';
import type { LabelledTable } from '../report/learning-curves.js';
import { type Packer, packConfidence, packLabels } from '../report/pack.js';
import { tracePrecisionRecall } from '../report/precision-recall.js';
import type { TaskReport, TaskRowReport } from '../report/report-data.js';
import { tabulate } from './finetune.js';
import { hasHeads, loadHeads } from './head-files.js';
import { type LoadedPredictions, loadPredictions } from './kept-predictions.js';
import { readRunJson } from './run-folder.js';

/** A run of `finetune` as far as a report needs it. */
export interface FinishedRun {
  readonly folder: string;
  readonly name: string;
  readonly settings: DeepReadonly<FinetuneSettings>;
  readonly results: readonly TaskResult[];
  /** One for each task and row on true labels, of the first seed; `kept` is null where the run has kept none. */
  readonly cells: readonly RunCell[];
  readonly table: ResultsTable;
  /** A table for each amount of labels. */
  readonly labelled: readonly LabelledTable[];
}

/** What a report needs to know of a task. */
type ReportedTask = Pick<Task, 'name' | 'group' | 'track' | 'classes' | 'scoredClasses'>;

export interface RunCell {
  readonly task: ReportedTask;
  readonly result: TaskResult;
  /** Baselines have none. */
  readonly hasHeads: boolean;
  readonly kept: LoadedPredictions | null;
}

/** Reads results, heads and predictions of a run; null while nothing was measured. */
export function openFinishedRun(folder: string, settings: FinishedRun['settings']): FinishedRun | null {
  const results = (readRunJson(folder, 'results.json') as readonly TaskResult[] | undefined) ?? [];
  if (results.length === 0) return null;
  const onTrueLabels = results.filter(({ features }) => settings.rows.includes(features));
  // Of several seeds the first; of several amounts of labels the last, whose heads and predictions are kept.
  const firsts = onTrueLabels.filter((result) => {
    const same = onTrueLabels.filter(
      ({ task, features }) => task === result.task && features === result.features,
    );
    return same.filter(({ seed }) => seed === same[0].seed).at(-1) === result;
  });
  const isWithHeads = (result: TaskResult) => hasHeads(folder, result.task, result.features, result.seed);
  const predicted = firsts.map((result) => ({
    result,
    kept: loadPredictions(folder, result.task, result.features, result.seed),
  }));
  // What the task is stands beside what one of its rows has kept: heads, or predictions, as of a baseline.
  const tasks = new Map<string, ReportedTask>(
    predicted.flatMap(({ result, kept }) => {
      const task = isWithHeads(result)
        ? loadHeads(folder, result.task, result.features, result.seed).task
        : taskOf(result, kept);
      return task === null ? [] : [[result.task, task] as const];
    }),
  );
  const cells = predicted.flatMap(({ result, kept }): RunCell[] => {
    const task = tasks.get(result.task);
    return task === undefined ? [] : [{ task, result, hasHeads: isWithHeads(result), kept }];
  });
  const trainingRecordings = Math.max(
    0,
    ...firsts
      .filter(isWithHeads)
      .slice(0, 1)
      .map((result) => {
        const { splits } = loadHeads(folder, result.task, result.features, result.seed);
        return Math.round(splits.reduce((sum, { train }) => sum + train.length, 0) / splits.length);
      }),
  );
  const tableOf = (own: readonly TaskResult[]) => tabulate(settings, own, { emit: () => {} });
  const amounts = [...new Map(results.map(({ few }) => [describeFew(few), few])).values()];
  const labelled = amounts.map((few): LabelledTable => {
    const own = results.filter((result) => describeFew(result.few) === describeFew(few));
    return { table: tableOf(own), few, trainingRecordings };
  });
  const table = labelled.length === 1 ? labelled[0].table : tableOf(results);
  return { folder, name: basename(folder), settings, results, cells, table, labelled };
}

function taskOf(result: TaskResult, kept: LoadedPredictions | null): ReportedTask | null {
  if (kept === null) return null;
  const { task: name, group, classes } = result;
  return {
    ...{ name, group, track: kept.track, classes: kept.classes },
    scoredClasses: classes.map((own) => own.name),
  };
}

/** Recordings that each task was scored on and whose predictions were kept, as numbers of the data set. */
export function scoredRecordings({ cells }: FinishedRun, dataset: Dataset): number[][] {
  const numbers = new Map(
    dataset.recordings.map(({ poseHash, id }, number) => [`${id} ${poseHash}`, number]),
  );
  const byTask = new Map<string, number[]>();
  for (const { task, kept } of cells) {
    if (kept === null || byTask.has(task.name)) continue;
    byTask.set(
      task.name,
      kept.recordings.flatMap(({ id, poseHash }) => numbers.get(`${id} ${poseHash}`) ?? []),
    );
  }
  return [...byTask.values()];
}

/**
 * The pictures of every task.
 * @param shown recordings in the page, as numbers of the data set; empty: no pictures of single recordings
 */
export function reportTasks(
  { cells }: FinishedRun,
  dataset: Dataset | null,
  shown: readonly number[],
  packer: Packer,
): TaskReport[] {
  const names = [...new Set(cells.map(({ task }) => task.name))];
  return names.map((name) => {
    const own = cells.filter(({ task }) => task.name === name);
    const { task } = own[0];
    const kept = own.find((cell) => cell.kept !== null)?.kept ?? null;
    const inPage = dataset === null ? [] : shown.filter((number) => findKept(kept, dataset, number) >= 0);
    return {
      ...{ name, group: task.group, classes: task.classes, scoredClasses: task.scoredClasses },
      truth:
        dataset === null
          ? []
          : inPage.map((number) => ({
              recording: shown.indexOf(number),
              labels: packer.add(
                packLabels(readTaskLabels(dataset, task, classIndices(dataset, task), number)),
              ),
            })),
      rows: own.map((cell) => reportRow(cell, dataset, inPage, packer)),
    };
  });
}

function reportRow(
  { task, result, kept }: RunCell,
  dataset: Dataset | null,
  inPage: readonly number[],
  packer: Packer,
): TaskRowReport {
  const { evidence, features, seed, transductive, frames, metrics, classes } = result;
  const counts = weighConfusion(
    evidence,
    evidence.recordings.map(() => 1),
  );
  const width = evidence.classCount;
  const predicted = inPage.flatMap((number) => {
    const index = dataset === null ? -1 : findKept(kept, dataset, number);
    if (kept === null || index < 0) return [];
    const probabilities = kept.probabilities[index];
    const labels = predictClasses(probabilities, width);
    const confidence = Float32Array.from(labels, (label, frame) => probabilities[frame * width + label]);
    return [{ labels: packer.add(packLabels(labels)), confidence: packer.add(packConfidence(confidence)) }];
  });
  return {
    ...{ features, seed, transductive, frames, metrics, classes },
    confusion: Array.from({ length: width }, (_, label) => [
      ...counts.subarray(label * width, (label + 1) * width),
    ]),
    curves: evidence.rankings.map((ranking, index) => ({
      name: task.classes[ranking.target],
      chance: classes[index].chance,
      averagePrecision: classes[index].averagePrecision,
      points: tracePrecisionRecall(ranking),
    })),
    predictions: predicted.map(({ labels }) => labels),
    confidence: predicted.map(({ confidence }) => confidence),
  };
}

function findKept(kept: LoadedPredictions | null, dataset: Dataset, recording: number): number {
  const { id, poseHash } = dataset.recordings[recording];
  return kept?.recordings.findIndex((own) => own.id === id && own.poseHash === poseHash) ?? -1;
}
