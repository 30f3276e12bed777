import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import { dense, initDense } from '../nn/dense.js';
import { gelu } from '../nn/gelu.js';
import { initLayerNorm, layerNorm } from '../nn/layer-norm.js';
import type { Parameters } from '../parameters.js';
import type { Encoder, EncoderShape } from './encoder.js';

/** Settings of the perceptron. */
export interface MlpOptions {
  /** Channels of an encoded token. */
  readonly width: number;
  /** Units of the hidden layers, one entry a layer; none: an affine map. */
  readonly hiddenWidths: readonly number[];
}

/**
 * Encodes every token by itself: affine maps with a gelu after each but the last, and a final norm. For tokens that hold
 * their surroundings already (`inputs.context`).
 *
 * Hinton & Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 2006 (the encoder half of
 * an autoencoder); Hendrycks & Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415.
 */
export function buildMlp(shape: EncoderShape, { width, hiddenWidths }: MlpOptions): Encoder {
  const widths = [shape.channels, ...hiddenWidths, width];
  const layers = widths.slice(1).map((outputs, number) => ({
    path: number === 0 ? 'encoder/input' : `encoder/layer${number}`,
    inputs: widths[number],
    outputs,
  }));
  return {
    name: 'mlp',
    width,
    tokens: 'visible',
    seesNeighbours: false,

    init(random: Random): HostArrays {
      return Object.assign(
        {},
        ...layers.map(({ path, inputs, outputs }) => initDense(random, path, inputs, outputs)),
        initLayerNorm('encoder/norm', width),
      );
    },

    apply(parameters: Parameters, tokens: tf.Tensor3D): readonly tf.Tensor3D[] {
      const [windows, count, channels] = tokens.shape;
      let rows: tf.Tensor2D = tf.reshape(tokens, [windows * count, channels]);
      layers.forEach(({ path }, number) => {
        rows = dense(parameters, path, number === 0 ? rows : (gelu(rows) as tf.Tensor2D));
      });
      return [tf.reshape(layerNorm(parameters, 'encoder/norm', rows), [windows, count, width])];
    },
  };
}
