import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import type { Parameters } from '../parameters.js';
import { dense, initDense } from './dense.js';
import { constantArray, glorotKernel } from './initialise.js';

/** How the rows of a layer lie in windows: row = window x tokens + token. */
export interface RowLayout {
  readonly windows: number;
  readonly tokens: number;
  /** So many of a window's last tokens are asked for; all of them are looked at. */
  readonly asked: number;
}

/** The rows of the tokens that are asked for: [window x token, width] -> [window x asked, width]. */
export function askedRows(rows: tf.Tensor2D, { windows, tokens, asked }: RowLayout): tf.Tensor2D {
  if (asked === tokens) return rows;
  const width = rows.shape[1];
  const last = tf.slice(tf.reshape(rows, [windows, tokens, width]), [0, tokens - asked, 0]);
  return tf.reshape(last, [windows * asked, width]);
}

/**
 * `PATH/qkv` (queries, keys and values in one product) and `PATH/output`. Each of the three has the spread that it
 * would have alone.
 */
export function initAttention(random: Random, path: string, width: number): HostArrays {
  const parts = ['query', 'key', 'value'].map((name) => glorotKernel(random.fork(path, name), width, width));
  const kernel = new Float32Array(width * 3 * width);
  parts.forEach((part, number) => {
    for (let row = 0; row < width; row++) {
      kernel.set(part.data.subarray(row * width, (row + 1) * width), (row * 3 + number) * width);
    }
  });
  return {
    [`${path}/qkv/kernel`]: { shape: [width, 3 * width], data: kernel },
    [`${path}/qkv/bias`]: constantArray([3 * width], 0),
    ...initDense(random, `${path}/output`, width, width),
  };
}

/**
 * Every token looks at every token of its window: softmax(Q K^T / sqrt(d)) V in `heads` parts of d = width / heads.
 * Rows in, rows out: [window x token, width] -> [window x asked, width].
 * Vaswani et al., "Attention Is All You Need", NeurIPS 2017, section 3.2.
 */
export function attention(
  parameters: Parameters,
  path: string,
  rows: tf.Tensor2D,
  layout: RowLayout,
  heads: number,
): tf.Tensor2D {
  const { windows, tokens, asked } = layout;
  const width = rows.shape[1];
  const depth = width / heads;
  const toHeads = (part: tf.Tensor) =>
    tf.transpose(tf.reshape(part, [windows, tokens, heads, depth]), [0, 2, 1, 3]); // [window, head, token, depth]
  const [query, key, value] = tf.split(dense(parameters, `${path}/qkv`, rows), 3, 1).map(toHeads);
  const asking = asked === tokens ? query : tf.slice(query, [0, 0, tokens - asked, 0]);
  const scores = tf.matMul(tf.mul(asking, 1 / Math.sqrt(depth)), key, false, true); // [window, head, asked, token]
  const looked = tf.matMul(tf.softmax(scores), value); // [window, head, asked, depth]
  const joined = tf.reshape(tf.transpose(looked, [0, 2, 1, 3]), [windows * asked, width]) as tf.Tensor2D;
  return dense(parameters, `${path}/output`, joined);
}
