import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import { UserError } from '../../errors.js';
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
  checkOptions(path, shape, options);
  const blocks = Array.from({ length: layers }, (_, number) => `${path}/block${number}`);

  /** [window, token, width] -> the last `asked` tokens of each window: [window x asked, width]. */
  function runBlocks(parameters: Parameters, input: tf.Tensor3D, asked: number): tf.Tensor2D {
    const [windows, tokens] = input.shape;
    let rows: tf.Tensor2D = tf.reshape(input, [windows * tokens, width]);
    blocks.forEach((block, number) => {
      const isLast = number === blocks.length - 1; // nobody looks at what the last block makes of the others
      rows = transformerBlock(
        parameters,
        block,
        rows,
        { windows, tokens, asked: isLast ? asked : tokens },
        heads,
      );
    });
    return rows;
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
      const tokens = tf.reshape(given, [windows, count, width]) as tf.Tensor3D;
      let asked: tf.Tensor2D; // [window x hidden, width]
      if (shape.tokens === 'visible') {
        const blank = tf.add(lookUpRows(table, hidden), parameters[`${path}/mask-token`]);
        const blanks = tf.reshape(blank, [windows, hiddenCount, width]) as tf.Tensor3D;
        asked = runBlocks(parameters, tf.concat([tokens, blanks], 1), hiddenCount);
      } else {
        const all = tf.reshape(runBlocks(parameters, tokens, count), [windows, count, width]);
        const chosen = tf.reshape(oneHotRows(hidden, count), [windows, hiddenCount, count]);
        asked = tf.reshape(tf.matMul(chosen, all), [windows * hiddenCount, width]);
      }
      return dense(parameters, `${path}/output`, layerNorm(parameters, `${path}/norm`, asked));
    },
  };
}

function checkOptions(
  path: string,
  shape: TokenDecoderShape,
  { width, layers, heads }: TokenDecoderOptions,
): void {
  if (width % heads !== 0) {
    throw new UserError('settings', `${path}: width must be a multiple of heads (${heads}), got ${width}`);
  }
  if (layers === 0 && shape.tokens === 'visible') {
    throw new UserError(
      'settings',
      `${path}: layers must be at least 1 for an encoder of visible tokens, got 0`,
      {
        hint: 'without a block nothing passes from visible tokens to hidden ones; 0 suits a temporal-conv encoder',
      },
    );
  }
}
