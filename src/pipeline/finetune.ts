import { join } from 'node:path';
import type { DeepReadonly } from '../config/freeze.js';
import { asFewLabels, type FinetuneSettings } from '../config/schema/finetune.js';
import type { TrackDeclaration } from '../data/pose.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Engine } from '../engine/engine.js';
import { UserError } from '../errors.js';
import { createCompiledProducts } from '../evaluation/heads/compiled-products.js';
import { CALMS21_TASK1, CALMS21_TASK3, calms21Task2 } from '../evaluation/protocols/calms21.js';
import { CALMS21_PUBLISHED } from '../evaluation/protocols/calms21-published.js';
import { ownBehaviour } from '../evaluation/protocols/own-behaviour.js';
import { ratDraws, ratFolds } from '../evaluation/protocols/rats.js';
import {
  type OpenTask,
  openTask,
  runTask,
  type TaskHeads,
  type TaskResult,
} from '../evaluation/protocols/run-task.js';
import type { Task } from '../evaluation/protocols/task.js';
import { buildResultsTable, type ResultsTable } from '../evaluation/results/results-table.js';
import { openEventLog } from '../events/event-log.js';
import { keepEngine, startRunEngine } from './engine-record.js';
import { createFeatureShelf, type FeatureShelf, splitRow } from './feature-rows.js';
import { saveHeads } from './head-files.js';
import { keepPredictions } from './kept-predictions.js';
import { type LoadedEncoder, loadEncoder } from './load-encoder.js';
import type { RunContext } from './run-context.js';
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

export interface FinetuneSummary {
  readonly folder: string;
  readonly ending: 'done' | 'stopped';
  readonly results: readonly TaskResult[];
  readonly table: ResultsTable;
}

const RESULTS = 'results.json';

/** Settings that may change when a run is taken up: no figure depends on them. */
const HARMLESS = /^bootstrap\.|^features\.batchWindows$/;

/**
 * Fits heads on frozen features and on their controls, task by task and row by row. What is measured stands in
 * `results.json` at once; a resumed run goes on with what is missing.
 */
export async function runFinetuning(job: FinetuneJob, context: RunContext): Promise<FinetuneSummary> {
  const { settings } = job;
  const started = performance.now();
  const run = openRunFolder(job.folder, job.given, job.policy, (setting) => HARMLESS.test(setting));
  try {
    context.observe(openEventLog(join(run.path, 'events.jsonl')));
    const dataset = openDataset(settings.data.folder);
    const encoders = runFoldersOf(settings).map((folder) =>
      loadEncoder(folder, settings.features.checkpoint),
    );
    const engine = await startRunEngine(settings.engine, run.isResumed ? run.path : null);
    await keepEngine(run.path, engine, {
      ...{ seed: settings.seed, dataset, isResumed: run.isResumed, emit: context.emit },
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
      settings,
      dataset,
      engine,
      encoders,
      tasks,
      shelf,
      results,
      run,
      context,
    });
    const table = tabulate(settings, results, context);
    const seconds = (performance.now() - started) / 1000;
    context.emit({ type: 'finished', outcome: ending, seconds, next: [] });
    return { folder: run.path, ending, results, table };
  } catch (error) {
    run.abandon();
    throw error;
  } finally {
    run.release();
  }
}

interface Work {
  readonly settings: DeepReadonly<FinetuneSettings>;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly encoders: readonly LoadedEncoder[];
  readonly tasks: readonly OpenTask[];
  readonly shelf: FeatureShelf;
  /** Grows while rows are measured. */
  readonly results: TaskResult[];
  readonly run: { readonly path: string };
  readonly context: RunContext;
}

/** A row of the table: features as settings write them, and whether labels are shifted. */
interface Row {
  readonly features: string;
  readonly shifted: boolean;
}

async function measureRows(work: Work): Promise<FinetuneSummary['ending']> {
  const { settings, context } = work;
  const rows: Row[] = [
    ...settings.rows.map((features) => ({ features, shifted: false })),
    ...settings.shiftedLabels.map((features) => ({ features, shifted: true })),
  ];
  for (const [index, seed] of settings.seeds.entries()) {
    for (const row of rows) {
      if (index > 0 && !dependsOnSeed(row, settings)) continue;
      if ((await measureRow(work, row, seed)) === 'stopped') return 'stopped';
    }
  }
  return context.signal.aborted ? 'stopped' : 'done';
}

/** A row for all tasks; heads of earlier tasks anchor those of later ones. */
async function measureRow(work: Work, row: Row, seed: number): Promise<FinetuneSummary['ending']> {
  const { settings, dataset, engine, encoders, tasks, shelf, results, run, context } = work;
  const name = row.shifted ? `${row.features} (labels shifted)` : row.features;
  const anchors = new Map<string, TaskHeads>();
  for (const open of tasks) {
    await context.untilResumed();
    if (context.signal.aborted) return 'stopped';
    const isKnown = isMeasured(results, open.task, name, seed);
    if (isKnown && !isNeededAsAnchor(open, tasks, results, name, seed)) continue;
    context.emit({ type: 'phase', name: open.task.name, detail: name });
    const { result, heads, scored } = await runTask({
      ...{ dataset, open, seed },
      sources: await shelf.sourcesOf(row.features, open.splits, seed),
      few: asFewLabels(settings),
      shifted: row.shifted,
      transductive: usesEncoder(row.features) && isTransductive(work, open),
      anchor: open.task.anchor === null ? null : (anchors.get(open.task.anchor) ?? null),
      settings: settings.head,
      createProducts: (matrix, options) => createCompiledProducts(engine, matrix, options),
      emit: context.emit,
    });
    anchors.set(open.task.name, heads[0]);
    if (isKnown) continue;
    const hashes = row.features.includes('encoder') ? encoders.map(({ hash }) => hash) : [];
    saveHeads(run.path, { open, dataset, features: name, seed, encoders: hashes, heads });
    if (!row.shifted) keepPredictions(run.path, { open, dataset, features: name, seed, scored });
    results.push(result);
    writeRunJson(run.path, RESULTS, results);
  }
  return 'done';
}

function isMeasured(results: readonly TaskResult[], task: Task, features: string, seed: number): boolean {
  return results.some(
    (result) => result.task === task.name && result.features === features && result.seed === seed,
  );
}

/** A finished task is fitted again when one that starts from its head is still missing. */
function isNeededAsAnchor(
  { task }: OpenTask,
  tasks: readonly OpenTask[],
  results: readonly TaskResult[],
  features: string,
  seed: number,
): boolean {
  return tasks.some(
    (other) => other.task.anchor === task.name && !isMeasured(results, other.task, features, seed),
  );
}

function dependsOnSeed(row: Row, { labels }: DeepReadonly<FinetuneSettings>): boolean {
  return row.shifted || labels !== null || row.features.includes('random-encoder');
}

/** Whether a trained encoder is part of a row. */
function usesEncoder(features: string): boolean {
  return splitRow(features).some((joined) => joined.includes('encoder'));
}

/** Whether the encoder of a split has seen poses that the split scores. */
function isTransductive({ dataset, encoders }: Work, { splits }: OpenTask): boolean {
  return splits.some(({ test }, index) => {
    const encoder = encoders[encoders.length === 1 ? 0 : index];
    const seen = new Set(encoder?.card.recordings.map(({ poseHash }) => poseHash));
    return test.some((recording) => seen.has(dataset.recordings[recording].poseHash));
  });
}

function runFoldersOf({ run }: DeepReadonly<FinetuneSettings>): readonly string[] {
  if (run === null) return [];
  return typeof run === 'string' ? [run] : run;
}

function tasksOf({ protocol }: DeepReadonly<FinetuneSettings>, dataset: Dataset): readonly Task[] {
  switch (protocol.type) {
    case 'calms21': {
      const has = (task: 1 | 2 | 3) => protocol.tasks.includes(task);
      // Task 2 starts from the head of task 1.
      return [
        ...(has(1) || has(2) ? [CALMS21_TASK1] : []),
        ...(has(2) ? [...calms21Task2('zero-shot'), ...calms21Task2('tied')] : []),
        ...(has(3) ? CALMS21_TASK3 : []),
      ];
    }
    case 'rats':
      return protocol.parts.flatMap((part) =>
        part === 'folds' ? [ratFolds(protocol.track)] : ratDraws(protocol.track),
      );
    case 'own':
      return protocol.tracks.map((name) => ownBehaviour(findTrack(dataset, name), protocol));
  }
}

function findTrack({ folder, header }: Dataset, name: string): TrackDeclaration {
  const track = header.tracks.find((declared) => declared.name === name);
  if (track !== undefined) return track;
  throw new UserError('settings', `${folder} has no track ${name}`, {
    hint: `It has ${header.tracks.map((declared) => declared.name).join(', ') || 'none'}`,
  });
}

/** The table of all that was measured; warns of an encoder that is no better than its untrained twin. */
function tabulate(
  settings: DeepReadonly<FinetuneSettings>,
  results: readonly TaskResult[],
  { emit }: RunContext,
): ResultsTable {
  const groups = [...new Set(results.map(({ group }) => group))];
  const metrics = settings.protocol.type === 'rats' ? (['map'] as const) : (['f1', 'map'] as const);
  const title = { f1: 'F1', map: settings.protocol.type === 'rats' ? 'TRIAL' : 'MAP' };
  const table = buildResultsTable(results, {
    columns: groups.flatMap((group) =>
      metrics.map((metric) => ({ group, metric, title: `${group} ${title[metric]}` })),
    ),
    controls: settings.rows.filter((features) => !usesEncoder(features)),
    published: settings.protocol.type === 'calms21' ? CALMS21_PUBLISHED : [],
    resamples: settings.bootstrap.draws,
    level: settings.bootstrap.level,
    seed: settings.seed,
  });
  for (const { row, control, column, low } of table.differences) {
    if (row !== 'encoder' || control !== 'random-encoder' || low > 0) continue;
    const text = `${column}: this encoder is not shown to be better than a random one (see the differences)`;
    emit({ type: 'message', level: 'warning', text });
  }
  return table;
}

function readResults(folder: string): TaskResult[] {
  return (readRunJson(folder, RESULTS) as TaskResult[] | undefined) ?? [];
}
