import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import { dense, initDense } from '../nn/dense.js';
import { gelu } from '../nn/gelu.js';
import { meanOverTokens, weightedMean } from '../nn/weighted-mean.js';
import type { Parameters } from '../parameters.js';
import type { BatchTensors, LossInputs, Objective, ObjectiveShape } from './objective.js';

/** What counts as the same thing seen twice. */
export type Positives =
  /** Two augmented, separately masked views of a window. */
  | { readonly kind: 'views' }
  /** Two windows of a recording that start at most this far apart. */
  | { readonly kind: 'neighbours'; readonly withinSeconds: number };

/** Settings of the contrast between windows. */
export interface ContrastiveOptions {
  readonly positives: Positives;
  /** Similarities are cosines divided by this. */
  readonly temperature: number;
  /** Units of the projection's hidden layer. */
  readonly hiddenWidth: number;
  /** Width in which windows are compared. */
  readonly projectionWidth: number;
  /**
   * Windows of the same recording that start less than this apart are neither positive nor negative. Those further
   * away are negatives, so that the arena and the individual alone don't solve the task.
   */
  readonly nearSeconds: number;
}

/** A similarity so low that it takes no part in a softmax. */
const LEFT_OUT = -1e9;

/**
 * Tells a window's counterpart from all others: for a row i with counterpart p(i),
 *
 *   l_i = -log( exp(s_ip / t) / sum over j not left out of exp(s_ij / t) ),   contrastive = sum w_i l_i / sum w_i
 *
 * with s the cosine of projected means over tokens. Left out of the sum are i itself, near windows of the same
 * recording, and padding (w_j = 0). Equal similarities give log of the number of terms.
 *
 * Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", ICML 2020 (NT-Xent); van den
 * Oord et al., "Representation Learning with Contrastive Predictive Coding", arXiv:1807.03748 (InfoNCE).
 */
export function buildContrastive(shape: ObjectiveShape, options: ContrastiveOptions): Objective {
  const { positives, temperature, hiddenWidth, projectionWidth, nearSeconds } = options;
  const path = 'objective/contrastive/projection';
  return {
    name: 'contrastive',
    needs: {
      views: positives.kind === 'views' ? 2 : 1,
      mask: null,
      clean: false,
      truth: false,
      neighbourSeconds: positives.kind === 'neighbours' ? positives.withinSeconds : null,
      futureSeconds: null,
    },
    parts: ['contrastive'],

    init(random: Random): HostArrays {
      return initProjection(random, path, [shape.width, hiddenWidth, projectionWidth]);
    },

    loss({ parameters, batch, encoded }: LossInputs) {
      const rows = encoded.shape[0];
      const windows = batch.recording.shape[0];
      const counterpart = counterparts(rows, windows, positives);
      const projected = project(parameters, path, meanOverTokens(encoded)); // [row, projectionWidth], length 1
      const similarity = tf.div(tf.matMul(projected, projected, false, true), temperature) as tf.Tensor2D;
      const leftOut = leaveOut(batch, rows / windows, counterpart, nearSeconds);
      return { contrastive: ntXent(similarity, counterpart, leftOut, batch.windowWeight as tf.Tensor1D) };
    },
  };
}

/** Row of each row's counterpart. Rows are view-major: row = view x windows + window. */
function counterparts(rows: number, windows: number, positives: Positives): Int32Array {
  const half = windows / 2;
  return Int32Array.from({ length: rows }, (_, row) => {
    if (positives.kind === 'views') return (row + windows) % rows;
    const window = row % windows;
    return row - window + ((window + half) % windows);
  });
}

/** Parameters of `project`. @param widths of its inputs, its hidden layer and its outputs */
export function initProjection(
  random: Random,
  path: string,
  [inputs, hidden, outputs]: readonly [number, number, number],
): HostArrays {
  return {
    ...initDense(random, `${path}/in`, inputs, hidden),
    ...initDense(random, `${path}/out`, hidden, outputs),
  };
}

/** Affine, gelu, affine; each row scaled to length 1. */
export function project(parameters: Parameters, path: string, pooled: tf.Tensor2D): tf.Tensor2D {
  const rows = dense(parameters, `${path}/out`, gelu(dense(parameters, `${path}/in`, pooled)));
  return tf.mul(rows, tf.rsqrt(tf.add(tf.sum(tf.square(rows), 1, true), 1e-12)));
}

/**
 * 1 where a pair of rows takes no part in the softmax, else 0: [row, row]. Needs no gradient.
 *
 * @param views how often each window occurs
 */
export function leaveOut(
  batch: BatchTensors,
  views: number,
  counterpart: Int32Array,
  nearSeconds: number,
): tf.Tensor2D {
  const rows = counterpart.length;
  const column = (field: tf.Tensor) => tf.reshape(tf.tile(field, [views]), [rows, 1]);
  const pairs = (field: tf.Tensor) => tf.sub(column(field), tf.transpose(column(field)));
  const sameRecording = tf.equal(pairs(batch.recording), 0);
  const near = tf.logicalAnd(sameRecording, tf.less(tf.abs(pairs(batch.startSeconds)), nearSeconds));
  const padding = tf.less(tf.reshape(batch.windowWeight, [1, rows]), 0.5);
  const isCounterpart = tf.cast(oneHotOf(counterpart, rows), 'bool');
  const isSelf = tf.cast(
    oneHotOf(
      Int32Array.from(counterpart, (_, row) => row),
      rows,
    ),
    'bool',
  );
  const others = tf.logicalAnd(tf.logicalOr(near, padding), tf.logicalNot(isCounterpart));
  return tf.cast(tf.logicalOr(others, isSelf) as tf.Tensor2D, 'float32');
}

function oneHotOf(numbers: Int32Array, count: number): tf.Tensor2D {
  return tf.oneHot(tf.tensor1d(numbers, 'int32'), count) as tf.Tensor2D;
}

/**
 * The weighted mean over rows of -log softmax(similarity without what is left out) at the counterpart.
 *
 * @param similarity [row, column], already divided by the temperature
 * @param counterpart [row] its column
 * @param leftOut [row, column], 1 or 0; never 1 at the counterpart
 * @param rowWeight [row]
 */
export function ntXent(
  similarity: tf.Tensor2D,
  counterpart: Int32Array,
  leftOut: tf.Tensor2D,
  rowWeight: tf.Tensor1D,
): tf.Scalar {
  const [rows, columns] = similarity.shape;
  const logProbability = tf.logSoftmax(tf.add(similarity, tf.mul(leftOut, LEFT_OUT)));
  const chosen = tf.mul(tf.cast(oneHotOf(counterpart, columns), 'float32'), tf.reshape(rowWeight, [rows, 1]));
  return tf.neg(weightedMean(logProbability, chosen));
}
