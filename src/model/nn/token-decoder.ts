import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import type { Parameters } from '../parameters.js';
import { dense, initDense } from './dense.js';
import { normalArray } from './initialise.js';
import { initLayerNorm, layerNorm } from './layer-norm.js';
import { lookUpRows, oneHotRows } from './position.js';
import { initTransformerBlock, transformerBlock } from './transformer-block.js';

/** Settings of a light decoder from encoded tokens to what is hidden. */
export interface TokenDecoderOptions {
  readonly width: number;
  /** 0: a norm and an affine map only. */
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
}

/** What a decoder stands between. */
export interface TokenDecoderShape {
  /** Width of an encoded token. */
  readonly encodedWidth: number;
  readonly windowTokens: number;
  readonly outputs: number;
  /** Whether the encoded tokens are the visible ones, or all in order. */
  readonly tokens: 'visible' | 'all';
}

/** A decoder below `path`. */
export interface TokenDecoder {
  init(random: Random): HostArrays;
  /**
   * @param encoded [window, token, width]
   * @param position int32 [window, token], the tokens' numbers
   * @param hidden int32 [window, hidden], the numbers of the tokens asked for
   * @returns [window x hidden, outputs]
   */
  apply(
    parameters: Parameters,
    encoded: tf.Tensor3D,
    position: tf.Tensor2D,
    hidden: tf.Tensor2D,
  ): tf.Tensor2D;
}

/**
 * The decoder of a masked autoencoder: tokens of the encoder and one trained token in place of each hidden one, both
 * with their positions, through a few blocks. Attention doesn't care about order, so the hidden tokens simply follow
 * the visible ones and are cut off at the end: nothing is scattered or gathered.
 * He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022, section 3.
 */
export function buildTokenDecoder(
  path: string,
  shape: TokenDecoderShape,
  options: TokenDecoderOptions,
): TokenDecoder {
  const { width, layers, heads } = options;
  const blocks = Array.from({ length: layers }, (_, number) => `${path}/block${number}`);

  function runBlocks(parameters: Parameters, tokens: tf.Tensor3D): tf.Tensor3D {
    const [windows, count] = tokens.shape;
    let rows: tf.Tensor2D = tf.reshape(tokens, [windows * count, width]);
    for (const block of blocks)
      rows = transformerBlock(parameters, block, rows, { windows, tokens: count }, heads);
    return tf.reshape(rows, tokens.shape);
  }

  return {
    init(random: Random): HostArrays {
      const maskToken = normalArray(random.fork(path, 'mask-token'), [width], 0.02);
      const table = normalArray(random.fork(path, 'position'), [shape.windowTokens, width], 0.02);
      return Object.assign(
        initDense(random, `${path}/input`, shape.encodedWidth, width),
        { [`${path}/position/table`]: table },
        shape.tokens === 'visible' ? { [`${path}/mask-token`]: maskToken } : {},
        ...blocks.map((block) => initTransformerBlock(random, block, options)),
        initLayerNorm(`${path}/norm`, width),
        initDense(random, `${path}/output`, width, shape.outputs),
      );
    },

    apply(parameters, encoded, position, hidden) {
      const [windows, count, encodedWidth] = encoded.shape;
      const hiddenCount = hidden.shape[1];
      const table = parameters[`${path}/position/table`] as tf.Tensor2D;
      const rows = tf.reshape(encoded, [windows * count, encodedWidth]) as tf.Tensor2D;
      const given = tf.add(dense(parameters, `${path}/input`, rows), lookUpRows(table, position));
      let tokens = tf.reshape(given, [windows, count, width]) as tf.Tensor3D;
      let asked: tf.Tensor3D; // [window, hidden, width]
      if (shape.tokens === 'visible') {
        const blank = tf.add(lookUpRows(table, hidden), parameters[`${path}/mask-token`]);
        tokens = tf.concat([tokens, tf.reshape(blank, [windows, hiddenCount, width]) as tf.Tensor3D], 1);
        asked = tf.slice(runBlocks(parameters, tokens), [0, count, 0], [windows, hiddenCount, width]);
      } else {
        const chosen = tf.reshape(oneHotRows(hidden, count), [windows, hiddenCount, count]);
        asked = tf.matMul(chosen, runBlocks(parameters, tokens)) as tf.Tensor3D;
      }
      const askedRows = tf.reshape(asked, [windows * hiddenCount, width]) as tf.Tensor2D;
      return dense(parameters, `${path}/output`, layerNorm(parameters, `${path}/norm`, askedRows));
    },
  };
}
