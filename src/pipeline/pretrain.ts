import { join } from 'node:path';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { findCheckpoint } from '../checkpoint/run-folder.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { measureBodyLengths } from '../data/inputs/body-length.js';
import type { Normalisation } from '../data/inputs/normalisation.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { BatchNeeds } from '../data/windows/batch.js';
import { fitNormalisation } from '../data/windows/fit-normalisation.js';
import { createBatchMaker } from '../data/windows/make-batch.js';
import type { Device } from '../engine/engine.js';
import { startEngine } from '../engine/start.js';
import { openEventLog, truncateEventLog } from '../events/event-log.js';
import type { CombinedObjective } from '../model/objectives/combine.js';
import { seededRandom } from '../random.js';
import { type BatchSource, type Ending, pretrain } from '../training/pretrain.js';
import { buildTrainingStep } from '../training/training-step.js';
import { keepEngine } from './engine-record.js';
import { buildModel, buildObjective, type Model } from './model.js';
import { cardToPlain, describeModel } from './model-card.js';
import type { RunContext } from './run-context.js';
import { type ExistingPolicy, type GivenSettings, openRunFolder } from './run-folder.js';
import { selectRecordings } from './select-recordings.js';

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
const HARMLESS = /^(log|checkpoint)\.|^training\.workers$/;

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
    const recordings = selectRecordings(dataset, settings.data);
    const lastPath = run.isResumed ? findCheckpoint(run.path, 'last') : null;
    const resume = lastPath === null ? null : readCheckpoint(lastPath);
    observeLog(run.path, resume?.header.step ?? null, context);

    const engine = await startEngine({
      device: settings.engine.device as Device,
      ...(settings.engine.threads === null ? {} : { threads: settings.engine.threads }),
    });
    keepEngine(run.path, engine, { seed: settings.seed, dataset, isResumed: run.isResumed });

    const model = buildModel(settings, dataset.header);
    const objective = buildObjective(settings.objectives, model);
    context.emit({ type: 'phase', name: 'measure', detail: `${recordings.length} recordings` });
    const bodyLengths = measureBodyLengths(dataset, settings.bodyLength);
    const normalisation = fitNormalisation({
      dataset,
      recordings,
      bodyLengths,
      frontEnd: model.frontEnd,
      windowFrames: model.window.windowFrames,
      windows: NORMALISATION_WINDOWS,
      seed: settings.seed,
    });
    const needs = { ...objective.needs, tokens: model.encoder.tokens };
    const batches = openBatches(
      settings,
      model,
      needs,
      { dataset, recordings, bodyLengths, normalisation },
      context,
    );
    const totalSteps = countSteps(settings.training.duration, batches.stepsPerEpoch);
    context.emit({
      type: 'started',
      command: 'pretrain',
      name: settings.name,
      folder: run.path,
      totalSteps,
      engine: engine.name,
      mode: settings.engine.mode,
      device: engine.device,
    });
    const result = await pretrain({
      engine,
      compile: { mode: settings.engine.mode, precision: settings.engine.precision },
      training: buildStep(settings, model, objective, totalSteps),
      batches: batches.source,
      random: seededRandom(settings.seed, 'parameters'),
      steps: totalSteps,
      maxMinutes: null,
      reportSteps: settings.log.everySteps,
      checkpoints: {
        runFolder: run.path,
        everySteps: settings.checkpoint.everySteps,
        keep: { newest: settings.checkpoint.keepNewest, everySteps: settings.checkpoint.keepEverySteps },
        settings: cardToPlain(describeModel(modelSettings(settings), dataset, recordings, normalisation)),
      },
      probe: null,
      monitor: null,
      resume,
      control: {
        shouldStop: () => context.signal.aborted,
        takeSaveRequest: context.takeSaveRequest,
      },
      emit: context.emit,
    });
    context.emit({
      type: 'finished',
      outcome: result.ending === 'stopped' ? 'stopped' : 'done',
      seconds: (performance.now() - started) / 1000,
      next: [],
    });
    return {
      folder: run.path,
      ending: result.ending,
      step: result.step,
      totalSteps,
      checkpoint: result.path,
    };
  } finally {
    run.release();
  }
}

/** What batches are cut from. */
interface Source {
  readonly dataset: Dataset;
  readonly recordings: readonly number[];
  readonly bodyLengths: readonly number[];
  readonly normalisation: Normalisation;
}

function openBatches(
  settings: DeepReadonly<PretrainSettings>,
  model: Model,
  needs: BatchNeeds,
  source: Source,
  context: RunContext,
): { source: BatchSource; stepsPerEpoch: number } {
  const { batchWindows } = settings.training;
  const maker = createBatchMaker({
    ...source,
    window: model.window,
    frontEnd: model.frontEnd,
    needs,
    batchSize: batchWindows,
    augment: settings.augment,
    seed: settings.seed,
  });
  return {
    stepsPerEpoch: maker.stepsPerEpoch,
    source: {
      async next(step) {
        await context.untilResumed();
        return maker.makeBatch(step);
      },
      windowsPerBatch: batchWindows,
      windowsPerEpoch: maker.stepsPerEpoch * batchWindows,
      windowFrames: model.window.windowFrames,
    },
  };
}

function buildStep(
  settings: DeepReadonly<PretrainSettings>,
  model: Model,
  objective: CombinedObjective,
  totalSteps: number,
) {
  const { beta1, beta2, epsilon, weightDecay, maxGradientNorm, ...rate } = settings.training;
  return buildTrainingStep({
    encoder: model.encoder,
    objective,
    optimiser: { beta1, beta2, epsilon, weightDecay },
    maxGradientNorm,
    schedule: {
      peak: rate.learningRate,
      final: rate.finalLearningRate,
      warmupSteps: rate.warmupSteps,
      totalSteps,
    },
    averageDecay: null,
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
