import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import type { Parameters } from '../parameters.js';
import { constantArray, glorotKernel } from './initialise.js';

/** `PATH/kernel` [inputs, outputs] and `PATH/bias` [outputs]; drawn from a fork named by the path. */
export function initDense(random: Random, path: string, inputs: number, outputs: number): HostArrays {
  return {
    [`${path}/kernel`]: glorotKernel(random.fork(path), inputs, outputs),
    [`${path}/bias`]: constantArray([outputs], 0),
  };
}

/** An affine map of rows: [row, inputs] -> [row, outputs]. */
export function dense(parameters: Parameters, path: string, rows: tf.Tensor2D): tf.Tensor2D {
  const kernel = parameters[`${path}/kernel`] as tf.Tensor2D;
  return tf.add(tf.matMul(rows, kernel), parameters[`${path}/bias`]);
}
