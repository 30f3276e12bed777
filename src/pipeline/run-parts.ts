import { availableParallelism } from 'node:os';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import type { Dataset } from '../data/store/dataset.js';
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

/** Guards look at recordings that are held out; where there are none, at those that are learned from. */
export function openGuards(
  { probe, data }: DeepReadonly<PretrainSettings>,
  { batchJob, model }: TrainingPlan,
  dataset: Dataset,
  engine: Engine,
) {
  if (probe === null) return null;
  const heldOut = dataset.recordings.flatMap(({ id }, number) =>
    isHeldOut(id, data.holdOut) ? [number] : [],
  );
  const recordings = heldOut.length > 0 ? heldOut : batchJob.recordings;
  return createGuards({ engine, encoder: model.encoder, dataset, batchJob, recordings, settings: probe });
}
