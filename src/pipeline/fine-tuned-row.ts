import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings } from '../config/schema/finetune.js';
import { animalOrders } from '../data/inputs/animal-orders.js';
import { measureBodyLengths } from '../data/inputs/body-length.js';
import type { Dataset } from '../data/store/dataset.js';
import { createLabelledWindows } from '../data/windows/labelled-windows.js';
import { planSlide, slideWindows } from '../data/windows/slide-windows.js';
import { stitchWindow } from '../data/windows/stitch-window.js';
import type { ViewSource } from '../data/windows/view-writer.js';
import type { Engine, Program, Step } from '../engine/engine.js';
import { balanceClasses } from '../evaluation/heads/problem.js';
import {
  applyUnchanged,
  type Classifier,
  type Lesson,
  NO_HEADS,
} from '../evaluation/protocols/classifier.js';
import { seededRandom } from '../random.js';
import { buildFinetuneStep, classScores } from '../training/finetune-step.js';
import { slideStride } from './embedder.js';
import { encoderPart, type LoadedEncoder } from './load-encoder.js';
import { buildModel, type Model } from './model.js';
import { assertFits } from './model-card.js';
import type { RunContext } from './run-context.js';
import { readTrained, trainClassifier } from './train-classifier.js';
import { type TrainedPlace, trainedFolder } from './trained-folder.js';

/** What the row needs of its run. */
export interface FineTunedRow {
  readonly settings: Pick<DeepReadonly<FinetuneSettings>, 'fineTuned' | 'features' | 'head' | 'engine'>;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly context: RunContext;
  /** One for all splits, or one per split in their order. */
  readonly encoders: readonly LoadedEncoder[];
  readonly place: TrainedPlace;
}

const NAME = 'fine-tuned';

/**
 * Encoder and linear head trained together on the labelled windows, from the pretrained encoder; a task with an anchor
 * goes on from the anchor's encoder and head. Tokens are classified, and frames take the probabilities between tokens.
 */
export function createFineTunedRow(row: FineTunedRow): Classifier {
  return {
    name: NAME,
    method: 'encoder and head trained together',
    async fit(lesson) {
      const { task, split, anchor, dataset, fold } = lesson;
      if (anchor !== null && task.fitting === 'zero-shot') return applyUnchanged(anchor, split);
      const encoder = row.encoders[row.encoders.length === 1 ? 0 : (fold ?? 0)];
      assertFits('encoder', encoder.card, dataset);
      const model = buildModel(encoder.card.model, dataset.header);
      const source: ViewSource = {
        ...{ dataset, window: model.window, frontEnd: model.frontEnd },
        normalisation: encoder.card.normalisation,
        bodyLengths: measureBodyLengths(dataset, encoder.card.model.bodyLength),
      };
      const trained = await trainOn(row, lesson, encoder, model, source);
      if (trained === null) return null;
      const program = await compileTokenClasses(row, model, source, lesson, trained.state);
      return {
        split: split.name,
        parts: [],
        fit: { ...NO_HEADS, split: split.name, unit: 'not chosen', trainedFrames: trained.frames },
        predict: (recording) => predict(row, program, model, source, recording, task.classes.length),
        dispose: () => program?.dispose(),
      };
    },
  };
}

async function trainOn(
  row: FineTunedRow,
  { task, split, view, seed }: Lesson,
  encoder: LoadedEncoder,
  model: Model,
  source: ViewSource,
): Promise<{ state: HostArrays; frames: number } | null> {
  const { settings, engine, context, place } = row;
  const { fineTuned } = settings;
  const labels = view.recordings.map((recording) => view.labels(recording));
  const all = labels.flatMap((own) => [...own]);
  const classCount = task.classes.length;
  const windows = createLabelledWindows({
    ...source,
    recordings: view.recordings,
    labels: view.labels,
    classWeights:
      settings.head.classWeights === 'balanced' ? balanceClasses(all, classCount) : task.classes.map(() => 1),
    batchWindows: fineTuned.batchWindows,
    isFlagged: model.encoder.tokens === 'all',
    seed,
  });
  const steps = Math.max(
    1,
    Math.round((fineTuned.epochs * windows.windowsPerEpoch) / fineTuned.batchWindows),
  );
  const anchor = task.fitting === 'free' || task.anchor === null ? null : task.anchor;
  const start = anchor === null ? null : readTrained(trainedFolder(place, anchor, null));
  const { learningRate, finalLearningRate, weightDecay, maxGradientNorm, layerDecay } = fineTuned;
  context.emit({ type: 'phase', name: task.name, detail: `${NAME}: ${steps} steps` });
  const state = await trainClassifier({
    ...{ engine, context, steps, checkpointSteps: fineTuned.checkpointSteps },
    compile: { mode: settings.engine.mode, precision: settings.engine.precision },
    folder: trainedFolder(place, task.name, split.name),
    training: buildFinetuneStep({
      encoder: model.encoder,
      encoderParameters: start === null ? encoder.parameters : encoderPart(start),
      headParameters: start === null ? null : pickHead(start),
      labels: 'exclusive',
      classes: classCount,
      optimiser: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay },
      maxGradientNorm,
      schedule: {
        peak: learningRate,
        final: finalLearningRate,
        warmupSteps: Math.round(fineTuned.warmupShare * steps),
        totalSteps: steps,
      },
      layerDecay,
    }),
    batches: {
      async next(step) {
        await context.untilResumed();
        return windows.batchAt(step);
      },
      windowsPerBatch: fineTuned.batchWindows,
      windowsPerEpoch: windows.windowsPerEpoch,
      windowFrames: model.window.windowFrames,
    },
    random: seededRandom(seed, NAME, task.name, split.name),
    settings: { task: task.name, split: split.name, classes: [...task.classes], encoder: encoder.hash },
  });
  return state === null ? null : { state, frames: all.filter((label) => label >= 0).length };
}

function pickHead(state: HostArrays): HostArrays {
  return Object.fromEntries(Object.entries(state).filter(([path]) => path.startsWith('head/')));
}

function slideOf({ settings }: FineTunedRow, model: Model, source: ViewSource) {
  return {
    ...source,
    strideFrames: slideStride(model, settings.features.stride),
    batchSize: settings.features.batchWindows,
    tokens: model.encoder.tokens,
  };
}

/** The probabilities of every token of a batch of windows; null for a split that scores nothing. */
async function compileTokenClasses(
  row: FineTunedRow,
  model: Model,
  source: ViewSource,
  { split }: Lesson,
  state: HostArrays,
): Promise<Program | null> {
  const first = slideWindows({ ...slideOf(row, model, source), recordings: split.test }).next();
  if (first.done) return null;
  const { tokens, position } = first.value.batch;
  const kept = { ...encoderPart(state), ...pickHead(state) };
  const step: Step = (parameters, batch) => {
    const scores = classScores(
      model.encoder,
      parameters,
      batch.tokens as tf.Tensor3D,
      batch.position as tf.Tensor2D,
    );
    return { state: parameters, outputs: { probabilities: tf.softmax(scores) } };
  };
  const example = { state: kept, batch: { tokens, position }, scalars: {} };
  return row.engine.compile(step, example, { mode: 'auto', precision: 'float32' });
}

/** [frame, class]; exchangeable animals: the mean over who is the focal one. */
async function predict(
  row: FineTunedRow,
  program: Program | null,
  model: Model,
  source: ViewSource,
  recording: number,
  classes: number,
): Promise<Float32Array> {
  const options = slideOf(row, model, source);
  const entry = source.dataset.recordings[recording];
  const slide = planSlide(entry, model.window, options.strideFrames);
  const orders = animalOrders(source.dataset.header).length;
  const output = new Float32Array(entry.frames * classes);
  for (const { batch, rows } of slideWindows({ ...options, recordings: [recording] })) {
    const { tokens, position } = batch;
    const { probabilities } = (program as Program).run({ tokens, position }, {});
    const size = probabilities.shape[1] * classes;
    rows.forEach(({ window }, index) => {
      const own = (probabilities.data as Float32Array).subarray(index * size, (index + 1) * size);
      const { start, values } = stitchWindow(slide, window, own, classes);
      values.forEach((value, at) => {
        output[start * classes + at] += value / orders;
      });
    });
    await new Promise(setImmediate);
  }
  return output;
}
