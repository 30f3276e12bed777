import { sizeOf } from '../arrays.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Engine } from '../engine/engine.js';
import { seededRandom } from '../random.js';
import { isParameter } from '../training/update.js';
import { startRunEngine } from './engine-record.js';
import type { RunContext } from './run-context.js';
import { buildStep, planTraining, type TrainingPlan } from './training-plan.js';

/** What a pretraining would take; from its settings, and from a few steps that were really made. */
export interface Estimate {
  readonly recordings: number;
  readonly windowsPerEpoch: number;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly totalSteps: number;
  readonly stepSeconds: number;
  /** Of all steps; compiling, guards and checkpoints come on top. */
  readonly seconds: number;
  /** Of the trainer, after those steps. */
  readonly peakBytes: number;
  readonly checkpointBytes: number;
  /** Of all checkpoints that are there at once. */
  readonly diskBytes: number;
}

/** Steps before the ones that are timed, and those. */
const WARM_STEPS = 3;
const TIMED_STEPS = 8;

/** Estimates a pretraining without leaving anything behind. */
export async function estimatePretraining(
  settings: DeepReadonly<PretrainSettings>,
  context: RunContext,
): Promise<Estimate> {
  const dataset = openDataset(settings.data.folder);
  const engine = await startRunEngine(settings.engine);
  const plan = planTraining(settings, dataset, context.emit);
  context.emit({ type: 'phase', name: 'measure', detail: `${TIMED_STEPS} steps` });
  const { stepSeconds, peakBytes, stateBytes, parameters } = await measureSteps(engine, settings, plan);
  const { duration } = settings.training;
  const { stepsPerEpoch } = plan.maker;
  const totalSteps =
    duration.minutes === undefined
      ? countSteps(duration, stepsPerEpoch)
      : Math.max(1, Math.round((60 * duration.minutes) / stepSeconds));
  const { keepNewest, keepEverySteps } = settings.checkpoint;
  const kept = keepNewest + 1 + (keepEverySteps === null ? 0 : Math.floor(totalSteps / keepEverySteps));
  dataset.close();
  return {
    recordings: plan.batchJob.recordings.length,
    windowsPerEpoch: stepsPerEpoch * plan.batchJob.batchSize,
    stepsPerEpoch,
    parameters,
    totalSteps,
    stepSeconds,
    seconds: totalSteps * stepSeconds,
    peakBytes,
    checkpointBytes: stateBytes,
    diskBytes: kept * stateBytes,
  };
}

/** Steps of a run that is not given in minutes. */
export function countSteps(
  duration: DeepReadonly<PretrainSettings>['training']['duration'],
  stepsPerEpoch: number,
): number {
  if (duration.steps !== undefined) return duration.steps;
  return Math.max(1, Math.round((duration.epochs ?? 1) * stepsPerEpoch));
}

/** Makes a few steps on a copy of the first state; batches are made in between, as if by the workers. */
export async function measureSteps(
  engine: Engine,
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
): Promise<{ stepSeconds: number; peakBytes: number; stateBytes: number; parameters: number }> {
  const { step, init, scalarsAt } = buildStep(settings, plan, WARM_STEPS + TIMED_STEPS);
  const state = init(seededRandom(settings.seed, 'parameters'));
  const { mode, precision } = settings.engine;
  const example = { state, batch: plan.maker.makeBatch(0), scalars: scalarsAt(0) };
  const program = await engine.compile(step, example, { mode, precision });
  const seconds: number[] = [];
  try {
    for (let number = 0; number < WARM_STEPS + TIMED_STEPS; number++) {
      const madeAt = performance.now();
      const batch = plan.maker.makeBatch(number);
      const ranAt = performance.now();
      program.run(batch, scalarsAt(number));
      const endedAt = performance.now();
      // Workers prepare batches beside the steps: whichever takes longer counts.
      const parallel = Math.max(endedAt - ranAt, (ranAt - madeAt) / Math.max(1, settings.training.workers));
      const serial = endedAt - madeAt;
      if (number >= WARM_STEPS) seconds.push((settings.training.workers === 0 ? serial : parallel) / 1000);
    }
  } finally {
    program.dispose();
  }
  const entries = Object.entries(state);
  return {
    stepSeconds: seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)],
    peakBytes: process.resourceUsage().maxRSS * 1024,
    stateBytes: entries.reduce((sum, [, { shape }]) => sum + 4 * sizeOf(shape), 0),
    parameters: entries.reduce((sum, [path, { shape }]) => sum + (isParameter(path) ? sizeOf(shape) : 0), 0),
  };
}
