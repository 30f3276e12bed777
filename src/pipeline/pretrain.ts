import { join } from 'node:path';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { findCheckpoint } from '../checkpoint/run-folder.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { measureBodyLengths } from '../data/inputs/body-length.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { type BatchJob, batchMakerOptions } from '../data/windows/batch-job.js';
import {
  makeBatchesHere,
  type BatchSource as PreparedBatches,
  startBatchWorkers,
} from '../data/windows/batch-workers.js';
import { fitNormalisation } from '../data/windows/fit-normalisation.js';
import { type BatchMaker, createBatchMaker } from '../data/windows/make-batch.js';
import type { Engine } from '../engine/engine.js';
import { openEventLog, truncateEventLog } from '../events/event-log.js';
import type { CombinedObjective } from '../model/objectives/combine.js';
import { seededRandom } from '../random.js';
import { type BatchSource, type Ending, pretrain } from '../training/pretrain.js';
import { buildTrainingStep, type TrainingStep } from '../training/training-step.js';
import { keepEngine, startRunEngine } from './engine-record.js';
import { createGuards } from './guards.js';
import { buildModel, buildObjective, frontEndSettings, type Model } from './model.js';
import { cardToPlain, describeModel, type ModelCard } from './model-card.js';
import type { RunContext } from './run-context.js';
import { type ExistingPolicy, type GivenSettings, openRunFolder } from './run-folder.js';
import { isHeldOut, selectRecordings } from './select-recordings.js';

/** What `whisker pretrain` asks of the trainer: plain data. */
export interface PretrainJob {
  readonly settings: DeepReadonly<PretrainSettings>;
  readonly given: GivenSettings;
  readonly folder: string;
  readonly policy: ExistingPolicy;
}

export interface PretrainSummary {
  readonly folder: string;
  readonly ending: Ending;
  readonly step: number;
  readonly totalSteps: number;
  readonly checkpoint: string;
}

/** Windows that mean and spread of the channels are measured on. */
const NORMALISATION_WINDOWS = 2000;

/** Settings that may change between two starts of a run: no weight depends on them. */
const HARMLESS = /^(log|checkpoint)\.|^training\.(workers|maxMinutes)$/;

/**
 * Pretrains an encoder: opens the run's folder, the data and the engine, builds the model, and runs the loop.
 * A resumed run ends with the bits of one that was never stopped.
 *
 * @throws UserError for everything that a person can mend; the folder keeps its last checkpoint
 */
export async function runPretraining(job: PretrainJob, context: RunContext): Promise<PretrainSummary> {
  const { settings } = job;
  const started = performance.now();
  const run = openRunFolder(job.folder, job.given, job.policy, (setting) => HARMLESS.test(setting));
  try {
    const dataset = openDataset(settings.data.folder);
    const lastPath = run.isResumed ? findCheckpoint(run.path, 'last') : null;
    const resume = lastPath === null ? null : readCheckpoint(lastPath);
    observeLog(run.path, resume?.header.step ?? null, context);
    const engine = await startRunEngine(settings.engine);
    keepEngine(run.path, engine, { seed: settings.seed, dataset, isResumed: run.isResumed });

    const plan = planTraining(settings, dataset, context);
    const batches = openBatches(settings, plan);
    const guards = openGuards(settings, plan, dataset, engine);
    const { name, engine: asked } = settings;
    context.emit({
      type: 'started',
      command: 'pretrain',
      name,
      folder: run.path,
      totalSteps: plan.totalSteps,
      engine: engine.name,
      mode: asked.mode,
      device: engine.device,
    });
    const { ending, step, path } = await pretrain({
      engine,
      compile: { mode: asked.mode, precision: asked.precision },
      training: buildStep(settings, plan),
      batches: pausable(batches, plan, context),
      random: seededRandom(settings.seed, 'parameters'),
      steps: plan.totalSteps,
      maxMinutes: settings.training.maxMinutes,
      reportSteps: settings.log.everySteps,
      checkpoints: {
        runFolder: run.path,
        everySteps: settings.checkpoint.everySteps,
        keep: { newest: settings.checkpoint.keepNewest, everySteps: settings.checkpoint.keepEverySteps },
        settings: cardToPlain(plan.card),
      },
      probe: guards,
      monitor: settings.probe?.monitor ?? null,
      resume,
      control: { shouldStop: () => context.signal.aborted, takeSaveRequest: context.takeSaveRequest },
      emit: context.emit,
    }).finally(async () => {
      guards?.dispose();
      await batches.close();
    });
    const outcome = ending === 'stopped' ? 'stopped' : 'done';
    context.emit({ type: 'finished', outcome, seconds: (performance.now() - started) / 1000, next: [] });
    return { folder: run.path, ending, step, totalSteps: plan.totalSteps, checkpoint: path };
  } finally {
    run.release();
  }
}

/** Everything that follows from settings and data. */
interface TrainingPlan {
  readonly model: Model;
  readonly objective: CombinedObjective;
  readonly card: ModelCard;
  readonly batchJob: BatchJob;
  readonly maker: BatchMaker;
  readonly totalSteps: number;
}

function planTraining(
  settings: DeepReadonly<PretrainSettings>,
  dataset: Dataset,
  { emit }: RunContext,
): TrainingPlan {
  const recordings = selectRecordings(dataset, settings.data);
  const model = buildModel(settings, dataset.header);
  const objective = buildObjective(settings.objectives, model);
  emit({ type: 'phase', name: 'measure', detail: `${recordings.length} recordings` });
  const { frontEnd, window } = model;
  const { seed } = settings;
  const bodyLengths = measureBodyLengths(dataset, settings.bodyLength);
  const normalisation = fitNormalisation({
    ...{ dataset, recordings, bodyLengths, frontEnd, seed },
    windowFrames: window.windowFrames,
    windows: NORMALISATION_WINDOWS,
  });
  const batchJob: BatchJob = {
    ...{ recordings, window, normalisation, bodyLengths, seed },
    datasetFolder: settings.data.folder,
    frontEnd: frontEndSettings(settings),
    needs: { ...objective.needs, tokens: model.encoder.tokens },
    batchSize: settings.training.batchWindows,
    augment: settings.augment,
  };
  const maker = createBatchMaker(batchMakerOptions(batchJob, dataset));
  const card = describeModel(modelSettings(settings), dataset, recordings, normalisation);
  const totalSteps = countSteps(settings.training.duration, maker.stepsPerEpoch);
  return { model, objective, card, batchJob, maker, totalSteps };
}

function openBatches({ training }: DeepReadonly<PretrainSettings>, plan: TrainingPlan): PreparedBatches {
  if (training.workers === 0) return makeBatchesHere(plan.maker);
  return startBatchWorkers({
    job: plan.batchJob,
    workerCount: training.workers,
    aheadSteps: 2 * training.workers,
    stopStep: plan.totalSteps,
  });
}

/** Guards look at recordings that are held out; where there are none, at those that are learned from. */
function openGuards(
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

/** A run that is paused waits for its next batch. */
function pausable(batches: PreparedBatches, plan: TrainingPlan, context: RunContext): BatchSource {
  return {
    async next(step) {
      await context.untilResumed();
      return batches.next(step);
    },
    windowsPerBatch: plan.batchJob.batchSize,
    windowsPerEpoch: plan.maker.stepsPerEpoch * plan.batchJob.batchSize,
    windowFrames: plan.model.window.windowFrames,
  };
}

function buildStep(
  { training }: DeepReadonly<PretrainSettings>,
  { model, objective, totalSteps }: TrainingPlan,
): TrainingStep {
  const { beta1, beta2, epsilon, weightDecay, maxGradientNorm, warmupSteps, averageDecay } = training;
  return buildTrainingStep({
    encoder: model.encoder,
    objective,
    optimiser: { beta1, beta2, epsilon, weightDecay },
    maxGradientNorm,
    schedule: { peak: training.learningRate, final: training.finalLearningRate, warmupSteps, totalSteps },
    averageDecay,
  });
}

/** Steps of a run. */
function countSteps(
  duration: DeepReadonly<PretrainSettings>['training']['duration'],
  stepsPerEpoch: number,
): number {
  if (duration.steps !== undefined) return duration.steps;
  return Math.max(1, Math.round((duration.epochs ?? 1) * stepsPerEpoch));
}

function modelSettings({
  window,
  bodyLength,
  inputs,
  targets,
  kinematics,
  encoder,
}: DeepReadonly<PretrainSettings>) {
  return { window, bodyLength, inputs, targets, kinematics, encoder };
}

/** The log goes on from the checkpoint: no step stands in it twice. */
function observeLog(folder: string, resumedStep: number | null, context: RunContext): void {
  const file = join(folder, 'events.jsonl');
  if (resumedStep !== null) truncateEventLog(file, resumedStep);
  context.observe(openEventLog(file));
}
