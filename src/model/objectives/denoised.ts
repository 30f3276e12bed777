import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import { dense, initDense } from '../nn/dense.js';
import { oneHotRows } from '../nn/position.js';
import { smoothL1 } from '../nn/smooth-l1.js';
import { weightedMean } from '../nn/weighted-mean.js';
import type { Parameters } from '../parameters.js';
import type { BatchTensors, LossInputs, Objective, ObjectiveShape } from './objective.js';

/** Settings of denoising. */
export interface DenoisedOptions {
  /** Share of a window's tokens that is hidden, below 1; 0: none, only noise is taken off. */
  readonly maskRatio: number;
  /** Tokens that are hidden together. */
  readonly spanTokens: number;
  /** How much a token that the encoder saw counts, where a hidden one counts 1. */
  readonly visibleWeight: number;
  /** Errors up to this (in standard deviations) count by their square, larger ones by their size. */
  readonly bend: number;
}

const PATH = 'objective/denoised/output';

/**
 * Tells the clean truth from every encoded token by one affine map: of hidden tokens, and of seen ones without the
 * noise that augmentation put on them.
 *
 * denoised = sum_i w_i smoothL1(prediction_i - truth_i) / sum_i w_i; w is 0 where the truth isn't valid or the window
 * pads, `visibleWeight` at seen tokens, 1 at hidden ones. An encoder of visible tokens is asked about those only.
 *
 * Vincent et al., "Extracting and Composing Robust Features with Denoising Autoencoders", ICML 2008, applied to pose
 * tokens that augmentation has blurred and a mask has hidden in part.
 */
export function buildDenoised(shape: ObjectiveShape, options: DenoisedOptions): Objective {
  const { maskRatio, spanTokens, bend } = options;
  return {
    name: 'denoised',
    needs: {
      views: 1,
      mask: maskRatio === 0 ? null : { ratio: maskRatio, spanTokens },
      clean: false,
      truth: true,
      neighbourSeconds: null,
      futureSeconds: null,
    },
    parts: ['denoised'],

    init(random: Random): HostArrays {
      return initDense(random, PATH, shape.width, shape.targetChannels);
    },

    loss({ parameters, batch, encoded }: LossInputs) {
      const { truth, weight } = weighTruth(shape, batch, options);
      const counted = tf.mul(weight, tf.reshape(batch.windowWeight, [-1, 1, 1]));
      const error = smoothL1(tf.sub(denoise(parameters, encoded), truth), bend);
      return { denoised: weightedMean(error, counted) };
    },
  };
}

/** The reconstruction itself, which is a feature of its own: [window, token, width] -> [window, token, target]. */
export function denoise(parameters: Parameters, encoded: tf.Tensor3D): tf.Tensor3D {
  const [windows, tokens, width] = encoded.shape;
  const rows = dense(parameters, PATH, tf.reshape(encoded, [windows * tokens, width]));
  return tf.reshape(rows, [windows, tokens, rows.shape[1]]);
}

/** Both [window, token, target]; the weights need no gradient. */
interface WeighedTruth {
  readonly truth: tf.Tensor;
  readonly weight: tf.Tensor;
}

function weighTruth(
  { tokens }: ObjectiveShape,
  batch: BatchTensors,
  { visibleWeight }: DenoisedOptions,
): WeighedTruth {
  if (batch.hidden === undefined) return { truth: batch.truth, weight: batch.truthWeight };
  return tokens === 'all' ? truthOfAll(batch, visibleWeight) : truthOfVisible(batch, visibleWeight);
}

function truthOfAll({ truth, truthWeight, hidden }: BatchTensors, visibleWeight: number): WeighedTruth {
  const [windows, tokens] = truth.shape;
  const marks = tf.reshape(oneHotRows(hidden as tf.Tensor2D, tokens), [windows, -1, tokens]);
  const isHidden = tf.reshape(tf.sum(marks, 1), [windows, tokens, 1]);
  const share = tf.add(tf.mul(isHidden, 1 - visibleWeight), visibleWeight);
  return { truth, weight: tf.mul(truthWeight, share) };
}

function truthOfVisible({ truth, truthWeight, position }: BatchTensors, visibleWeight: number): WeighedTruth {
  const [windows, tokens] = truth.shape;
  const chosen = tf.reshape(oneHotRows(position as tf.Tensor2D, tokens), [windows, -1, tokens]);
  return { truth: tf.matMul(chosen, truth), weight: tf.mul(tf.matMul(chosen, truthWeight), visibleWeight) };
}
