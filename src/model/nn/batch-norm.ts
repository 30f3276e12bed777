import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Parameters } from '../parameters.js';
import { constantArray } from './initialise.js';

/** Keeps the square root away from 0, as Keras does. */
const EPSILON = 1e-3;

/** Mean and variance of each channel, [channel]. */
export interface ChannelStatistics {
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/** `PATH/gain` and `PATH/bias`, [channel]. */
export function initBatchNorm(path: string, channels: number): HostArrays {
  return {
    [`${path}/gain`]: constantArray([channels], 1),
    [`${path}/bias`]: constantArray([channels], 0),
  };
}

/** Of all rows: [row, channel]. */
export function measureChannels(rows: tf.Tensor2D): ChannelStatistics {
  const mean = tf.mean(rows, 0) as tf.Tensor1D;
  return { mean, variance: tf.mean(tf.square(tf.sub(rows, mean)), 0) as tf.Tensor1D };
}

/**
 * gain (x - mean) / sqrt(variance + 0.001) + bias, channel by channel.
 * Ioffe & Szegedy, "Batch Normalization", ICML 2015. While training the statistics are those of the batch, later
 * running averages of them.
 */
export function batchNorm(
  parameters: Parameters,
  path: string,
  rows: tf.Tensor2D,
  { mean, variance }: ChannelStatistics,
): tf.Tensor2D {
  const scale = tf.mul(parameters[`${path}/gain`], tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(tf.sub(rows, mean), scale), parameters[`${path}/bias`]);
}
