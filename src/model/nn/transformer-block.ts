import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import type { Parameters } from '../parameters.js';
import type { RowLayout } from './attention.js';
import { askedRows, attention, initAttention } from './attention.js';
import { dense, initDense } from './dense.js';
import { gelu } from './gelu.js';
import { initLayerNorm, layerNorm } from './layer-norm.js';

/** The extents of a block. */
export interface BlockShape {
  readonly width: number;
  readonly heads: number;
  /** Units of the hidden layer of the feed-forward half. */
  readonly feedForward: number;
}

/** Parameters of {@link transformerBlock} below `path`. */
export function initTransformerBlock(random: Random, path: string, shape: BlockShape): HostArrays {
  return {
    ...initLayerNorm(`${path}/attention-norm`, shape.width),
    ...initAttention(random, `${path}/attention`, shape.width),
    ...initLayerNorm(`${path}/feed-forward-norm`, shape.width),
    ...initDense(random, `${path}/feed-forward/in`, shape.width, shape.feedForward),
    ...initDense(random, `${path}/feed-forward/out`, shape.feedForward, shape.width),
  };
}

/**
 * A pre-norm block on rows [window x token, width]: x + attention(norm(x)), then x + feedForward(norm(x)). Gives the
 * rows of the tokens that are asked for: [window x asked, width].
 * Xiong et al., "On Layer Normalization in the Transformer Architecture", ICML 2020.
 */
export function transformerBlock(
  parameters: Parameters,
  path: string,
  rows: tf.Tensor2D,
  layout: RowLayout,
  heads: number,
): tf.Tensor2D {
  const attended = attention(
    parameters,
    `${path}/attention`,
    layerNorm(parameters, `${path}/attention-norm`, rows),
    layout,
    heads,
  );
  const middle = tf.add(askedRows(rows, layout), attended) as tf.Tensor2D;
  const normed = layerNorm(parameters, `${path}/feed-forward-norm`, middle);
  const hidden = gelu(dense(parameters, `${path}/feed-forward/in`, normed));
  return tf.add(middle, dense(parameters, `${path}/feed-forward/out`, hidden));
}
