import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import { UserError } from '../../errors.js';
import type { Random } from '../../random.js';
import { dense, initDense } from '../nn/dense.js';
import { normalArray } from '../nn/initialise.js';
import { initLayerNorm, layerNorm } from '../nn/layer-norm.js';
import { lookUpRows, sinusoidalTable } from '../nn/position.js';
import { initTransformerBlock, transformerBlock } from '../nn/transformer-block.js';
import type { Parameters } from '../parameters.js';
import type { Encoder, EncoderShape } from './encoder.js';

/** Settings of the transformer. */
export interface TransformerOptions {
  /** Channels of a token inside; a multiple of `heads`. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Units of the hidden layer in each block's feed-forward half. */
  readonly feedForward: number;
  /** How a token knows where in its window it is: a trained row per position, or fixed sines and cosines. */
  readonly positions: 'learned' | 'sinusoidal';
}

/**
 * A pre-norm transformer over the visible tokens of a window, with a final norm.
 *
 * He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022 (the encoder sees visible tokens only);
 * Xiong et al., "On Layer Normalization in the Transformer Architecture", ICML 2020 (pre-norm).
 *
 * @throws UserError when `width` can't be divided among the heads.
 */
export function buildTransformer(shape: EncoderShape, options: TransformerOptions): Encoder {
  const { width, layers, heads, feedForward, positions } = options;
  if (width % heads !== 0) {
    throw new UserError(
      'settings',
      `encoder.width must be a multiple of encoder.heads (${heads}), got ${width}`,
      {
        hint: `use ${Math.ceil(width / heads) * heads}, or another number of heads`,
      },
    );
  }
  const blocks = Array.from({ length: layers }, (_, number) => `encoder/block${number}`);
  return {
    name: 'transformer',
    width,
    tokens: 'visible',
    seesNeighbours: true,

    init(random: Random): HostArrays {
      const table = normalArray(random.fork('encoder/position'), [shape.windowTokens, width], 0.02);
      return Object.assign(
        initDense(random, 'encoder/input', shape.channels, width),
        positions === 'learned' ? { 'encoder/position/table': table } : {},
        ...blocks.map((path) => initTransformerBlock(random, path, { width, heads, feedForward })),
        initLayerNorm('encoder/norm', width),
      );
    },

    apply(parameters: Parameters, tokens: tf.Tensor3D, position: tf.Tensor2D): readonly tf.Tensor3D[] {
      const [windows, count, channels] = tokens.shape;
      const layout = { windows, tokens: count, asked: count };
      const table =
        positions === 'learned'
          ? (parameters['encoder/position/table'] as tf.Tensor2D)
          : sinusoidalTable(shape.windowTokens, width);
      const input = dense(parameters, 'encoder/input', tf.reshape(tokens, [windows * count, channels]));
      let rows = tf.add(input, lookUpRows(table, position)) as tf.Tensor2D; // [window x token, width]
      const outputs = blocks.map((path) => {
        rows = transformerBlock(parameters, path, rows, layout, heads);
        return rows;
      });
      outputs[Math.max(0, outputs.length - 1)] = layerNorm(parameters, 'encoder/norm', rows);
      return outputs.map((output) => tf.reshape(output, [windows, count, width]));
    },
  };
}
