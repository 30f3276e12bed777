import { availableParallelism } from 'node:os';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { LABEL_METRIC } from '../config/schema/pretrain-rules.js';
import type { Dataset, RecordingEntry } from '../data/store/dataset.js';
import { type BatchSource, makeBatchesHere, startBatchWorkers } from '../data/windows/batch-workers.js';
import type { Engine } from '../engine/engine.js';
import { createGuards } from './guards.js';
import { isHeldOut } from './select-recordings.js';
import type { TrainingPlan } from './training-plan.js';

/** Beside a GPU three of four processors make batches; where they have nothing to do they cost memory alone. */
const SHARE = 0.75;
const MOST_WORKERS = 12;

/** Threads that prepare batches; no bit of a run depends on their number. */
export function countWorkers(
  { workers }: { readonly workers: number | null },
  processors: number = availableParallelism(),
): number {
  return workers ?? Math.min(MOST_WORKERS, Math.max(1, Math.floor(SHARE * processors)));
}

/** Batches by worker threads, or by this one. */
export function openBatches(
  { training }: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
  stopStep: number,
): BatchSource {
  const workerCount = countWorkers(training);
  if (workerCount === 0) return makeBatchesHere(plan.maker);
  return startBatchWorkers({ job: plan.batchJob, workerCount, aheadSteps: 2 * workerCount, stopStep });
}

/** Recordings that guards look at: those that are held out; where there are none, those that are learned from. */
function watchedRecordings(
  { data }: DeepReadonly<PretrainSettings>,
  { batchJob }: TrainingPlan,
  dataset: Dataset,
): readonly number[] {
  const heldOut = dataset.recordings.flatMap(({ id }, number) =>
    isHeldOut(id, data.holdOut) ? [number] : [],
  );
  return heldOut.length > 0 ? heldOut : batchJob.recordings;
}

export function openGuards(
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
  dataset: Dataset,
  engine: Engine,
) {
  if (settings.probe === null) return null;
  const { batchJob, model } = plan;
  const recordings = watchedRecordings(settings, plan, dataset);
  return createGuards({
    ...{ engine, encoder: model.encoder, dataset, batchJob, recordings, settings: settings.probe },
  });
}

/** Recordings whose labels decide which checkpoint is best, and when training ends: what they say of it is no news. */
export function decidingRecordings(
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
  dataset: Dataset,
): readonly RecordingEntry[] {
  const { probe } = settings;
  if (probe === null || probe.track === null || probe.monitor?.metric !== LABEL_METRIC) return [];
  const { track } = probe;
  return watchedRecordings(settings, plan, dataset)
    .map((recording) => dataset.recordings[recording])
    .filter(({ tracks }) => tracks.includes(track));
}
