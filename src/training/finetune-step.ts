import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import type { Step } from '../engine/engine.js';
import { UserError } from '../errors.js';
import type { Encoder } from '../model/encoders/encoder.js';
import { dense, initDense } from '../model/nn/dense.js';
import { weightedMean } from '../model/nn/weighted-mean.js';
import type { Parameters } from '../model/parameters.js';
import type { AdamWOptions, Tensors } from './optimiser.js';
import { initMoments } from './optimiser.js';
import type { Schedule } from './schedule.js';
import type { TrainingStep } from './training-step.js';
import { updateParameters, updateScalars } from './update.js';

/** What a token's label is: one of several classes, or any number of them. */
export type LabelKind = 'exclusive' | 'binary';

/** What a step of fine-tuning is made of. */
export interface FinetuneStepParts {
  readonly encoder: Encoder;
  /** The pretrained parameters below `encoder/`. */
  readonly encoderParameters: HostArrays;
  /** The head to start from; null: a fresh one. */
  readonly headParameters?: HostArrays | null;
  readonly labels: LabelKind;
  readonly classes: number;
  readonly optimiser: AdamWOptions;
  readonly maxGradientNorm: number;
  readonly schedule: Schedule;
  /** Each layer further from the head gets this share of the learning rate of the one above it. */
  readonly layerDecay: number;
}

const HEAD = 'head';

/**
 * Trains encoder and linear head on labelled windows, layer by layer slower towards the input.
 * Clark et al., "ELECTRA", ICLR 2020 (layer-wise decay); Bao et al., "BEiT", ICLR 2022.
 *
 * Batch fields: `tokens` and `position` as in pretraining, without a mask; `label`: int32 [window, token] (exclusive)
 * or float32 [window, token, class], 1 or 0 (binary); `labelWeight` of the same shape: 0 where nobody annotated,
 * else the class's weight. The one loss part is `crossEntropy`, the weighted mean over labels.
 *
 * @throws UserError when `encoderParameters` are not this encoder's
 */
export function buildFinetuneStep(parts: FinetuneStepParts): TrainingStep {
  const { encoder, encoderParameters, labels, classes, optimiser, maxGradientNorm, layerDecay } = parts;
  const paths = Object.keys(encoderParameters);
  const strange = paths.find((path) => !path.startsWith('encoder/'));
  if (strange !== undefined) throw new UserError('data', `${strange} is not a parameter of an encoder`);
  const options = { optimiser, maxGradientNorm, rateFactor: layerRates(paths, layerDecay) };

  const step: Step = (state, batch, scalars) => {
    const loss = {
      names: ['crossEntropy'],
      weights: tf.ones([1]),
      of(parameters: Tensors) {
        const scores = classScores(
          encoder,
          parameters,
          batch.tokens as tf.Tensor3D,
          batch.position as tf.Tensor2D,
        );
        return [crossEntropy(scores, batch.label, batch.labelWeight, labels)];
      },
    };
    return updateParameters(state, loss, scalars, options);
  };

  return {
    kind: 'finetuning',
    whenItDiverges: 'A lower fineTuned.learningRate may help.',
    step,
    init(random) {
      const head = parts.headParameters ?? initDense(random, HEAD, encoder.width, classes);
      const parameters = { ...encoderParameters, ...head };
      return { ...parameters, ...initMoments(parameters) };
    },
    scalarsAt: (number) => updateScalars(number, parts.schedule, optimiser),
  };
}

/** The head's scores of every token: [window, token, class]. */
export function classScores(
  encoder: Encoder,
  parameters: Parameters,
  tokens: tf.Tensor3D,
  position: tf.Tensor2D,
): tf.Tensor3D {
  const layers = encoder.apply(parameters, tokens, position);
  const [windows, count, width] = layers[layers.length - 1].shape;
  const rows = dense(parameters, HEAD, tf.reshape(layers[layers.length - 1], [windows * count, width]));
  return tf.reshape(rows, [windows, count, rows.shape[1]]);
}

/**
 * The weighted mean of -log p(label). Exclusive: softmax over the classes. Binary: each class by itself,
 * log(1 + exp(score)) - label x score.
 */
export function crossEntropy(
  scores: tf.Tensor3D,
  label: tf.Tensor,
  labelWeight: tf.Tensor,
  kind: LabelKind,
): tf.Scalar {
  if (kind === 'binary') {
    const tail = tf.log(tf.add(tf.exp(tf.neg(tf.abs(scores))), 1));
    const softplus = tf.add(tf.relu(scores), tail); // log(1 + exp(score)), without overflow
    return weightedMean(tf.sub(softplus, tf.mul(label, scores)), labelWeight);
  }
  const classes = scores.shape[2];
  const isLabel = tf.cast(tf.oneHot(label as tf.Tensor2D, classes), 'float32'); // [window, token, class]
  const chosen = tf.mul(isLabel, tf.expandDims(labelWeight, 2));
  return tf.neg(weightedMean(tf.logSoftmax(scores), chosen));
}

/**
 * decay^(layers above): 1 for the head and the encoder's last norm, decay^1 for the last block, one power more for each
 * block below it, and one more for input and positions.
 */
function layerRates(paths: readonly string[], decay: number): (path: string) => number {
  const blockOf = (path: string) => /^encoder\/(?:block|layer)(\d+)\//.exec(path)?.[1];
  const blocks = 1 + Math.max(-1, ...paths.flatMap((path) => blockOf(path) ?? []).map(Number));
  return (path) => {
    const block = blockOf(path);
    if (block !== undefined) return decay ** (blocks - Number(block));
    return path.startsWith(`${HEAD}/`) || path.startsWith('encoder/norm/') ? 1 : decay ** (blocks + 1);
  };
}
