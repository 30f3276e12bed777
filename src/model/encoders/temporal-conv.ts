import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import { UserError } from '../../errors.js';
import type { Random } from '../../random.js';
import { dense, initDense } from '../nn/dense.js';
import { gelu } from '../nn/gelu.js';
import { initLayerNorm, layerNorm } from '../nn/layer-norm.js';
import type { Parameters } from '../parameters.js';
import type { Encoder, EncoderShape } from './encoder.js';

/** Settings of the temporal convolution net. */
export interface TemporalConvOptions {
  /** Channels of a token inside. */
  readonly width: number;
  /** Frames that one convolution looks at; odd, so that it is centred. */
  readonly kernelTokens: number;
  /** Distance of those frames, one entry a layer: 1, 2, 4, ... doubles the reach each time. */
  readonly dilations: readonly number[];
}

/** Tokens that influence one output token: 1 + (kernelTokens - 1) x the sum of the dilations. */
export function receptiveFieldTokens(options: TemporalConvOptions): number {
  return 1 + (options.kernelTokens - 1) * options.dilations.reduce((sum, dilation) => sum + dilation, 0);
}

/**
 * Residual dilated convolutions over all tokens of a window, each x + out(gelu(conv(norm(x)))), with a final norm.
 * Beyond the edges of a window lie zeros.
 *
 * Bai, Kolter & Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence
 * Modeling", arXiv:1803.01271 (dilated residual convolutions; here centred in time, not causal).
 *
 * @throws UserError when `kernelTokens` is even.
 */
export function buildTemporalConv(shape: EncoderShape, options: TemporalConvOptions): Encoder {
  const { width, kernelTokens, dilations } = options;
  if (kernelTokens % 2 === 0) {
    throw new UserError('settings', `encoder.kernelTokens must be odd, got ${kernelTokens}`, {
      hint: `use ${kernelTokens + 1}: an odd kernel looks equally far to both sides`,
    });
  }
  const layers = dilations.map((dilation, number) => ({ path: `encoder/layer${number}`, dilation }));
  return {
    name: 'temporal-conv',
    width,
    tokens: 'all',
    seesNeighbours: true,

    init(random: Random): HostArrays {
      return Object.assign(
        initDense(random, 'encoder/input', shape.channels, width),
        ...layers.map(({ path }) => ({
          ...initLayerNorm(`${path}/norm`, width),
          ...initDense(random, `${path}/conv`, kernelTokens * width, width),
          ...initDense(random, `${path}/out`, width, width),
        })),
        initLayerNorm('encoder/norm', width),
      );
    },

    apply(parameters: Parameters, tokens: tf.Tensor3D): readonly tf.Tensor3D[] {
      const [windows, count, channels] = tokens.shape;
      let rows = dense(parameters, 'encoder/input', tf.reshape(tokens, [windows * count, channels]));
      const outputs = layers.map(({ path, dilation }) => {
        const normed = tf.reshape(layerNorm(parameters, `${path}/norm`, rows), [windows, count, width]);
        const seen = unfoldTokens(normed as tf.Tensor3D, kernelTokens, dilation);
        const hidden = gelu(dense(parameters, `${path}/conv`, seen));
        rows = tf.add(rows, dense(parameters, `${path}/out`, hidden));
        return rows;
      });
      outputs[Math.max(0, outputs.length - 1)] = layerNorm(parameters, 'encoder/norm', rows);
      return outputs.map((output) => tf.reshape(output, [windows, count, width]));
    },
  };
}

/** What each token sees of its neighbours: [window, token, width] -> [window x token, kernelTokens x width]. */
function unfoldTokens(tokens: tf.Tensor3D, kernelTokens: number, dilation: number): tf.Tensor2D {
  const [windows, count, width] = tokens.shape;
  const reach = (dilation * (kernelTokens - 1)) / 2;
  const padded = tf.pad(tokens, [
    [0, 0],
    [reach, reach],
    [0, 0],
  ]);
  const shifted = Array.from({ length: kernelTokens }, (_, tap) =>
    tf.slice(padded, [0, tap * dilation, 0], [windows, count, width]),
  );
  return tf.reshape(tf.concat(shifted, 2), [windows * count, kernelTokens * width]);
}
