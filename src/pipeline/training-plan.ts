import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { measureBodyLengths } from '../data/inputs/body-length.js';
import type { Dataset } from '../data/store/dataset.js';
import { type BatchJob, batchMakerOptions } from '../data/windows/batch-job.js';
import { fitNormalisation } from '../data/windows/fit-normalisation.js';
import { type BatchMaker, createBatchMaker } from '../data/windows/make-batch.js';
import type { EmitEvent } from '../events/event.js';
import { branchedEncoder } from '../model/encoders/branched.js';
import type { CombinedObjective } from '../model/objectives/combine.js';
import { buildTrainingStep, type TrainingStep } from '../training/training-step.js';
import { buildModel, buildObjective, frontEndSettings, type Model } from './model.js';
import { describeModel, type ModelCard } from './model-card.js';
import { selectRecordings } from './select-recordings.js';

/** Windows that mean and spread of the channels are measured on. */
const NORMALISATION_WINDOWS = 2000;

/** Everything that follows from settings and data. */
export interface TrainingPlan {
  readonly model: Model;
  readonly objective: CombinedObjective;
  readonly card: ModelCard;
  readonly batchJob: BatchJob;
  readonly maker: BatchMaker;
}

/**
 * Chooses recordings, builds model and objectives, and measures what they need of the data.
 * @throws UserError where settings contradict each other or the data
 */
export function planTraining(
  settings: DeepReadonly<PretrainSettings>,
  dataset: Dataset,
  emit: EmitEvent,
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
  return { model, objective, card, batchJob, maker };
}

/**
 * The training step of a run of `totalSteps`.
 *
 * @param branches parts of a batch that are encoded side by side: see `Engine.branches`
 */
export function buildStep(
  { training }: DeepReadonly<PretrainSettings>,
  { model, objective }: TrainingPlan,
  totalSteps: number,
  branches = 1,
): TrainingStep {
  const { beta1, beta2, epsilon, weightDecay, maxGradientNorm, warmupSteps, averageDecay } = training;
  return buildTrainingStep({
    encoder: branchedEncoder(model.encoder, branches),
    objective,
    optimiser: { beta1, beta2, epsilon, weightDecay },
    maxGradientNorm,
    schedule: { peak: training.learningRate, final: training.finalLearningRate, warmupSteps, totalSteps },
    averageDecay,
  });
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
