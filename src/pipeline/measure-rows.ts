import type { DeepReadonly } from '../config/freeze.js';
import { BASELINES, type FinetuneSettings, labelAmounts } from '../config/schema/finetune.js';
import type { Dataset } from '../data/store/dataset.js';
import type { FittedClassifier } from '../evaluation/protocols/classifier.js';
import { describeFew } from '../evaluation/protocols/describe-few.js';
import { type OpenTask, runTask, type TaskResult } from '../evaluation/protocols/run-task.js';
import type { FewLabels, Task } from '../evaluation/protocols/task.js';
import { saveHeads } from './head-files.js';
import { keepPredictions } from './kept-predictions.js';
import type { LoadedEncoder } from './load-encoder.js';
import { estimateRemaining, type MeasuredCell } from './remaining-time.js';
import { dependsOnSeed, openRow, type RowWorld, usesEncoder } from './row-classifiers.js';

/** Everything that rows are measured with. */
export interface RowWork extends RowWorld {
  readonly tasks: readonly OpenTask[];
  /** Grows while rows are measured. */
  readonly results: TaskResult[];
  readonly runFolder: string;
  /** Writes the results as they are now. */
  readonly keepResults: () => void;
}

/** A row of the table, once: what learns, from how many labels, drawn by which seed. */
interface Row {
  /** As settings write it. */
  readonly features: string;
  readonly shifted: boolean;
  readonly few: FewLabels | null;
  readonly seed: number;
  /** Whether its heads and predictions are kept: of a learning curve only those of the last amount are. */
  readonly isKept: boolean;
}

/** Measures what is missing: seed by seed, amount by amount, row by row, task by task. */
export async function measureRows(work: RowWork): Promise<'done' | 'stopped'> {
  const rows = listRows(work.settings);
  const clock = startClock(work, rows);
  for (const row of rows) {
    if ((await measureRow(work, row, clock)) === 'stopped') return 'stopped';
  }
  return work.context.signal.aborted ? 'stopped' : 'done';
}

function listRows(settings: DeepReadonly<FinetuneSettings>): Row[] {
  const amounts = labelAmounts(settings);
  const kinds = [
    ...settings.rows.map((features) => ({ features, shifted: false })),
    ...settings.shiftedLabels.map((features) => ({ features, shifted: true })),
  ];
  return settings.seeds.flatMap((seed, index) =>
    amounts.flatMap((few, amount) =>
      kinds
        .filter(
          ({ features, shifted }) =>
            index === 0 || shifted || few !== null || dependsOnSeed(features, settings),
        )
        .map((kind) => ({ ...kind, few, seed, isKept: amount === amounts.length - 1 })),
    ),
  );
}

/** Tells how much of the table is there, and how long the rest will take. */
interface Clock {
  done(cell: MeasuredCell): void;
  tell(): void;
}

function startClock({ tasks, results, context }: RowWork, rows: readonly Row[]): Clock {
  const cells = rows.flatMap((row) => tasks.map(({ task }) => ({ row, task })));
  const measured: MeasuredCell[] = [];
  const tell = () => {
    const left = cells.filter(({ row, task }) => !isMeasured(results, task, row));
    context.emit({
      type: 'progress',
      phase: 'the whole run',
      done: cells.length - left.length,
      total: cells.length,
      unit: 'results',
      ratePerSecond: null,
      etaSeconds: estimateRemaining(
        left.map(({ row, task }) => ({ row: nameOf(row), task: task.name })),
        measured,
      ),
    });
  };
  return {
    tell,
    done(cell) {
      measured.push(cell);
      tell();
    },
  };
}

/** A row for all tasks; what was learned of earlier tasks anchors later ones. */
async function measureRow(work: RowWork, row: Row, clock: Clock): Promise<'done' | 'stopped'> {
  const fitted = new Map<string, readonly FittedClassifier[]>();
  try {
    for (const open of work.tasks) {
      await work.context.untilResumed();
      if (work.context.signal.aborted) return 'stopped';
      if (!isMeasured(work.results, open.task, row) || isNeededAsAnchor(work, open, row)) {
        const began = performance.now();
        const own = await measureTask(work, row, open, fitted, clock);
        if (own === null) return 'stopped';
        clock.done({ row: nameOf(row), task: open.task.name, seconds: (performance.now() - began) / 1000 });
        if (isAnchor(work, open)) fitted.set(open.task.name, own);
        else for (const { dispose } of own) dispose();
      }
    }
    return 'done';
  } finally {
    for (const { dispose } of [...fitted.values()].flat()) dispose();
  }
}

async function measureTask(
  work: RowWork,
  row: Row,
  open: OpenTask,
  fitted: ReadonlyMap<string, readonly FittedClassifier[]>,
  clock: Clock,
): Promise<readonly FittedClassifier[] | null> {
  const { settings, dataset, results, runFolder, context } = work;
  const { features, seed, few, shifted, isKept } = row;
  const encoders = work.encoders(seed);
  const { task } = open;
  const detail = [nameOf(row), describeFew(few)].filter((text) => text !== '').join(', ');
  context.emit({ type: 'phase', name: task.name, detail });
  clock.tell();
  const place = { runFolder, row: features, seed, few: describeFew(few), shifted };
  const outcome = await runTask({
    ...{ dataset, open, seed, few, shifted },
    classifier: await openRow(work, features, open.splits, place),
    transductive: usesEncoder(features, settings) && isTransductive(dataset, encoders, open),
    withWhole: isKept && !shifted && !BASELINES.includes(features) && encoders.length <= 1,
    anchor: task.anchor === null ? null : (fitted.get(task.anchor)?.[0] ?? null),
    emit: context.emit,
  });
  if (outcome === null) return null;
  const { result, fitted: heads, whole, scored } = outcome;
  whole?.dispose();
  if (isMeasured(results, task, row)) return heads;
  const about = { open, dataset, features: nameOf(row), seed };
  const hashes = features.includes('encoder') ? encoders.map(({ hash }) => hash) : [];
  const hasHeads = heads.every(({ parts }) => parts.length > 0);
  if (isKept && hasHeads) saveHeads(runFolder, { ...about, encoders: hashes, heads, whole });
  if (isKept && !shifted) keepPredictions(runFolder, { ...about, scored });
  results.push(result);
  work.keepResults();
  return heads;
}

function nameOf({ features, shifted }: Row): string {
  return shifted ? `${features} (labels shifted)` : features;
}

function isMeasured(results: readonly TaskResult[], task: Task, row: Row): boolean {
  return results.some(
    (result) =>
      result.task === task.name &&
      result.features === nameOf(row) &&
      result.seed === row.seed &&
      describeFew(result.few) === describeFew(row.few),
  );
}

/** Whether another task starts from this one. */
function isAnchor({ tasks }: RowWork, { task }: OpenTask): boolean {
  return tasks.some((other) => other.task.anchor === task.name);
}

/** A finished task is fitted again when one that starts from its head is still missing. */
function isNeededAsAnchor({ tasks, results }: RowWork, { task }: OpenTask, row: Row): boolean {
  return tasks.some((other) => other.task.anchor === task.name && !isMeasured(results, other.task, row));
}

/** Whether the encoder of a split has seen poses that the split scores. */
function isTransductive(dataset: Dataset, encoders: readonly LoadedEncoder[], { splits }: OpenTask): boolean {
  return splits.some(({ test }, index) => {
    const encoder = encoders[encoders.length === 1 ? 0 : index];
    const seen = new Set(encoder?.card.recordings.map(({ poseHash }) => poseHash));
    return test.some((recording) => seen.has(dataset.recordings[recording].poseHash));
  });
}
