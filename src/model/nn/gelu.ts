import * as tf from '@tensorflow/tfjs';

const SLOPE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/**
 * The smooth rectifier in its tanh form, x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2: tanh is fast and
 * differentiable on every engine, erf is neither.
 * Hendrycks & Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415.
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  const inner = tf.mul(x, tf.add(tf.mul(tf.square(x), SLOPE * CUBIC), SLOPE));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}
