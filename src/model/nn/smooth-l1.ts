import * as tf from '@tensorflow/tfjs';

/**
 * Entry by entry d^2 / (2 b) where |d| < b, else |d| - b / 2: square near 0, and outliers pull no harder than others.
 * With m = min(|d|, b) that is m (|d| - m / 2) / b.
 * Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics, 1964.
 */
export function smoothL1(difference: tf.Tensor, bend: number): tf.Tensor {
  const size = tf.abs(difference);
  const bounded = tf.minimum(size, bend);
  return tf.div(tf.mul(bounded, tf.sub(size, tf.mul(bounded, 0.5))), bend);
}
