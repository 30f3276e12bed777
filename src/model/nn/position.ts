import * as tf from '@tensorflow/tfjs';

/** Rows of `table` [count, width] by number: int32 [window, token] -> [window x token, width]. */
export function lookUpRows(table: tf.Tensor2D, numbers: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(oneHotRows(numbers, table.shape[0]), table);
}

/** int32 [window, token] -> float32 [window x token, count], one 1 a row. */
export function oneHotRows(numbers: tf.Tensor2D, count: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(tf.reshape(numbers, [-1]), count), 'float32') as tf.Tensor2D;
}

/**
 * The table [count, width] of sin(p w_i), cos(p w_i) with w_i = 10000^(-2i / width).
 * Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.5.
 */
export function sinusoidalTable(count: number, width: number): tf.Tensor2D {
  const table = new Float32Array(count * width);
  for (let position = 0; position < count; position++) {
    for (let channel = 0; channel < width; channel++) {
      const angle = position * 10_000 ** (-(channel - (channel % 2)) / width);
      table[position * width + channel] = channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return tf.tensor2d(table, [count, width]);
}
