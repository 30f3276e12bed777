import type { DeepReadonly } from '../config/freeze.js';
import { type FinetuneSettings, keepsHeads, labelAmounts } from '../config/schema/finetune.js';
import type { Dataset } from '../data/store/dataset.js';
import type { FittedClassifier } from '../evaluation/protocols/classifier.js';
import { describeFew } from '../evaluation/protocols/describe-few.js';
import { type OpenTask, runTask, type TaskResult } from '../evaluation/protocols/run-task.js';
import type { FewLabels, Task } from '../evaluation/protocols/task.js';
import type { EmitEvent } from '../events/event.js';
import { type Cell, countFitsLeft, type FitsLeft } from './fits-left.js';
import { saveHeads } from './head-files.js';
import { keepPredictions } from './kept-predictions.js';
import type { LoadedEncoder } from './load-encoder.js';
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
  const left = startMeter(work, rows);
  for (const row of rows) {
    if ((await measureRow(work, row, left)) === 'stopped') return 'stopped';
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

/** A row for all tasks; what was learned of earlier tasks anchors later ones. */
async function measureRow(work: RowWork, row: Row, left: FitsLeft): Promise<'done' | 'stopped'> {
  const fitted = new Map<string, readonly FittedClassifier[]>();
  try {
    for (const open of work.tasks) {
      await work.context.untilResumed();
      if (work.context.signal.aborted) return 'stopped';
      if (!isMeasured(work.results, open.task, row) || isNeededAsAnchor(work, open, row)) {
        const own = await measureTask(work, row, open, fitted, left);
        if (own === null) return 'stopped';
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
  left: FitsLeft,
): Promise<readonly FittedClassifier[] | null> {
  const { settings, dataset, results, runFolder, context } = work;
  const { features, seed, few, shifted, isKept } = row;
  const encoders = work.encoders(seed);
  const { task } = open;
  const detail = [nameOf(row), describeFew(few)].filter((text) => text !== '').join(', ');
  left.begin(cellOf(work, row, open));
  context.emit({ type: 'phase', name: task.name, detail });
  const emit: EmitEvent = (event) => {
    context.emit(event);
    left.tick();
  };
  const place = { runFolder, row: features, seed, few: describeFew(few), shifted };
  const outcome = await runTask({
    ...{ dataset, open, seed, few, shifted },
    classifier: await openRow(work, features, open.splits, place),
    transductive: usesEncoder(features, settings) && isTransductive(dataset, encoders, open),
    withWhole: hasWhole(work, row, open),
    anchor: task.anchor === null ? null : (fitted.get(task.anchor)?.[0] ?? null),
    emit,
    onSplitDone: () => left.fitDone(),
  });
  left.cellDone();
  if (outcome === null) return null;
  const { result, fitted: heads, whole, scored } = outcome;
  whole?.dispose();
  if (isMeasured(results, task, row)) return heads;
  const about = { open, dataset, features: nameOf(row), seed };
  const hashes = features.includes('encoder') ? encoders.map(({ hash }) => hash) : [];
  const hasHeads = keepsHeads(features) && heads.every(({ parts }) => parts.length > 0);
  if (isKept && hasHeads) saveHeads(runFolder, { ...about, encoders: hashes, heads, whole });
  if (isKept && !shifted) keepPredictions(runFolder, { ...about, scored });
  results.push(result);
  work.keepResults();
  return heads;
}

/** Whether a head is fitted on all labelled recordings, too, beside those of the splits. */
function hasWhole({ encoders }: Pick<RowWork, 'encoders'>, row: Row, { whole }: OpenTask): boolean {
  const { features, seed, shifted, isKept } = row;
  return whole !== null && isKept && !shifted && keepsHeads(features) && encoders(seed).length <= 1;
}

function startMeter({ tasks, results, context, ...work }: RowWork, rows: readonly Row[]): FitsLeft {
  const cells = rows.flatMap((row) => tasks.map((open) => cellOf(work, row, open)));
  const measured = cells.flatMap((cell) => {
    const found = results.find((result) => result.task === cell.task && rowName(result) === cell.row);
    return found === undefined ? [] : [{ ...cell, secondsPerFit: found.seconds / cell.fits }];
  });
  return countFitsLeft(cells, measured, context.emit, () => performance.now() / 1000);
}

function cellOf(work: Pick<RowWork, 'dataset' | 'encoders'>, row: Row, open: OpenTask): Cell {
  const { task, splits } = open;
  const frames = splits
    .flatMap(({ train, test }) => [...train, ...test])
    .reduce((sum, recording) => sum + work.dataset.recordings[recording].frames, 0);
  return {
    row: rowName({ ...row, features: nameOf(row) }),
    features: row.features,
    task: task.name,
    fits: splits.length + (hasWhole(work, row, open) ? 1 : 0),
    frames: frames / splits.length,
  };
}

/** A row once: what learns, its seed, its labels. */
function rowName({ features, seed, few }: Pick<TaskResult, 'features' | 'seed' | 'few'>): string {
  return [features, `seed ${seed}`, describeFew(few)].join(', ');
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
