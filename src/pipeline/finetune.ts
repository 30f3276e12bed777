import { join } from 'node:path';
import type { DeepReadonly } from '../config/freeze.js';
import { type FinetuneSettings, labelAmounts } from '../config/schema/finetune.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { publishedBeside } from '../evaluation/protocols/calms21-published.js';
import { openTask, type TaskResult } from '../evaluation/protocols/run-task.js';
import { listDoubts } from '../evaluation/results/doubts.js';
import { buildLearningCurve, type LearningCurve } from '../evaluation/results/learning-curve.js';
import { buildResultsTable, type Column, type ResultsTable } from '../evaluation/results/results-table.js';
import { openEventLog } from '../events/event-log.js';
import { keepEngine, startRunEngine } from './engine-record.js';
import { createFeatureShelf } from './feature-rows.js';
import { isHarmless } from './harmless-settings.js';
import { refuseSharedFiles } from './head-files.js';
import { measureRows } from './measure-rows.js';
import { tasksOf } from './protocol-tasks.js';
import { findTrees, usesEncoder } from './row-classifiers.js';
import type { RunContext } from './run-context.js';
import { loadRunEncoders, type RunEncoders } from './run-encoders.js';
import {
  type ExistingPolicy,
  type GivenSettings,
  openRunFolder,
  readRunJson,
  writeRunJson,
} from './run-folder.js';

/** What `whisker finetune` asks of the trainer: plain data. */
export interface FinetuneJob {
  readonly settings: DeepReadonly<FinetuneSettings>;
  readonly given: GivenSettings;
  readonly folder: string;
  readonly policy: ExistingPolicy;
}

/** What `whisker finetune` tells when it is done or stopped: plain data. */
export interface FinetuneSummary {
  readonly folder: string;
  readonly ending: 'done' | 'stopped';
  readonly results: readonly TaskResult[];
  readonly table: ResultsTable;
  /** Where settings name several amounts of labels. */
  readonly curve: LearningCurve | null;
}

const RESULTS = 'results.json';

/**
 * Fits heads on frozen features and on their controls, task by task and row by row. What is measured stands in
 * `results.json` at once; a resumed run goes on with what is missing.
 */
export async function runFinetuning(job: FinetuneJob, context: RunContext): Promise<FinetuneSummary> {
  const { settings } = job;
  const started = performance.now();
  const run = openRunFolder(job.folder, job.given, job.policy, (setting) => isHarmless('heads', setting));
  let opened: Dataset | undefined;
  try {
    if (run.takenOver !== null) context.emit({ type: 'message', level: 'warning', text: run.takenOver });
    context.observe(openEventLog(join(run.path, 'events.jsonl')));
    const dataset = openDataset(settings.data.folder);
    opened = dataset;
    const encoders = loadRunEncoders(settings);
    const treesVersion = await findTrees(settings, context);
    const engine = await startRunEngine(settings.engine, run.isResumed ? run.path : null);
    const assertUnchanged = await keepEngine(run.path, engine, {
      ...{ seed: settings.seed, dataset, isResumed: run.isResumed, emit: context.emit },
      encoders: hashEncoders(settings, encoders),
    });
    context.emit({
      type: 'started',
      command: 'finetune',
      name: settings.name,
      folder: run.path,
      totalSteps: null,
      engine: engine.name,
      mode: settings.engine.mode,
      device: engine.device,
    });
    context.emit({ type: 'phase', name: 'check', detail: 'splits, and poses that train and test share' });
    const tasks = tasksOf(settings, dataset).map((task) => openTask(dataset, task));
    refuseSharedFiles(
      tasks.map(({ task }) => task.name),
      settings.rows,
    );
    const recordings = [
      ...new Set(tasks.flatMap(({ splits }) => splits.flatMap(({ train, test }) => [...train, ...test]))),
    ].sort((a, b) => a - b);
    const shelf = createFeatureShelf({
      ...{ settings, dataset, engine, encoders, recordings },
      runFolder: run.path,
      emit: context.emit,
    });
    const results = readResults(run.path);
    const ending = await measureRows({
      ...{ settings, dataset, engine, encoders, tasks, shelf, results, context, treesVersion },
      heads: new Map(),
      runFolder: run.path,
      keepResults() {
        assertUnchanged();
        writeRunJson(run.path, RESULTS, results);
      },
    });
    const table = tabulate(settings, results, context);
    const seconds = (performance.now() - started) / 1000;
    context.emit({ type: 'finished', outcome: ending, seconds, next: [] });
    const curve =
      labelAmounts(settings).length > 1 ? buildLearningCurve(results, columnsOf(settings, results)) : null;
    return { folder: run.path, ending, results, table, curve };
  } catch (error) {
    run.abandon();
    throw error;
  } finally {
    opened?.close();
    run.release();
  }
}

/** The table of all that was measured; warns of an encoder that isn't shown to be worth it. */
export function tabulate(
  settings: DeepReadonly<FinetuneSettings>,
  results: readonly TaskResult[],
  { emit }: Pick<RunContext, 'emit'>,
): ResultsTable {
  const table = buildResultsTable(results, {
    columns: columnsOf(settings, results),
    controls: settings.rows.filter((features) => !usesEncoder(features, settings)),
    published: settings.protocol.type === 'calms21' ? publishedBeside(results) : { rows: [], note: null },
    resamples: settings.bootstrap.draws,
    level: settings.bootstrap.level,
    seed: settings.seed,
  });
  for (const doubt of listDoubts(table.differences))
    emit({ type: 'message', level: 'warning', text: `${doubt} (see the differences)` });
  return table;
}

/** One column per group of tasks and metric. */
function columnsOf({ protocol }: DeepReadonly<FinetuneSettings>, results: readonly TaskResult[]): Column[] {
  const groups = [...new Set(results.map(({ group }) => group))];
  const metrics = protocol.type === 'rats' ? (['map'] as const) : (['f1', 'map'] as const);
  const title = { f1: 'F1', map: protocol.type === 'rats' ? 'TRIAL' : 'MAP' };
  return groups.flatMap((group) =>
    metrics.map((metric) => ({ group, metric, title: `${group} ${title[metric]}` })),
  );
}

/** By seed; undefined where no row has an encoder. */
function hashEncoders({ run, seeds }: DeepReadonly<FinetuneSettings>, encoders: RunEncoders) {
  if (run === null) return undefined;
  return Object.fromEntries(seeds.map((seed) => [seed, encoders(seed).map(({ hash }) => hash)]));
}

function readResults(folder: string): TaskResult[] {
  return (readRunJson(folder, RESULTS) as TaskResult[] | undefined) ?? [];
}
