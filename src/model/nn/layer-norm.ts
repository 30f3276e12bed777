import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Parameters } from '../parameters.js';
import { constantArray } from './initialise.js';

const EPSILON = 1e-5;

/** `PATH/gain` and `PATH/bias`, both [width]. */
export function initLayerNorm(path: string, width: number): HostArrays {
  return { [`${path}/gain`]: constantArray([width], 1), [`${path}/bias`]: constantArray([width], 0) };
}

/** Gives every row of [row, width] mean 0 and deviation 1, then scales and shifts it. See {@link standardiseRows}. */
export function layerNorm(parameters: Parameters, path: string, rows: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.mul(standardiseRows(rows), parameters[`${path}/gain`]), parameters[`${path}/bias`]);
}

/**
 * (x - mean) / sqrt(variance + 1e-5) of every row of [row, width].
 *
 * With y the result and g its gradient, the gradient of x is (g - mean(g) - y mean(g y)) / deviation: half the
 * operations of what differentiating the forward pass would record.
 * Ba, Kiros & Hinton, "Layer Normalization", arXiv:1607.06450.
 */
export const standardiseRows = tf.customGrad((x, save) => {
  const rows = x as tf.Tensor2D;
  const centred = tf.sub(rows, tf.mean(rows, 1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), EPSILON)); // [row, 1]
  const value = tf.mul(centred, inverse);
  (save as tf.GradSaveFunc)([value, inverse]);
  return {
    value,
    gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
      const [y, inverseDeviation] = saved;
      const along = tf.mul(y, tf.mean(tf.mul(gradient, y), 1, true));
      const across = tf.sub(gradient, tf.mean(gradient, 1, true));
      return tf.mul(tf.sub(across, along), inverseDeviation);
    },
  };
}) as (rows: tf.Tensor2D) => tf.Tensor2D;
