import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import { UserError } from '../../errors.js';
import type { Random } from '../../random.js';
import { batchNorm, type ChannelStatistics, initBatchNorm, measureChannels } from '../nn/batch-norm.js';
import { dense, initDense } from '../nn/dense.js';
import { constantArray } from '../nn/initialise.js';
import type { Parameters } from '../parameters.js';

export interface ConvNetShape {
  /** Samples of a window. */
  readonly samples: number;
  /** Input channels of a sample. */
  readonly channels: number;
  readonly classes: number;
}

export interface ConvNetOptions {
  /** Channels of the convolutions, one after the other. */
  readonly channels: readonly number[];
  /** Samples that a convolution sees; there is no padding. */
  readonly kernelSamples: number;
}

/** How a window goes through the net. */
export type ConvNetMode =
  /** Batch statistics and dropout: `keep` holds 0 or 1, [window, sample, channel] after each pooling. */
  | { readonly training: true; readonly keep: readonly tf.Tensor3D[] }
  /** Running statistics by path, nothing dropped. */
  | { readonly training: false; readonly statistics: Parameters };

/** CalMS21's official convolutions as pure functions of parameters and batch. */
export interface ConvNet {
  /** Shapes after each pooling: what dropout masks must have, without the window axis. */
  readonly pooled: readonly { readonly samples: number; readonly channels: number }[];
  init(random: Random): HostArrays;
  /** Running statistics before any batch: `PATH/mean` 0 and `PATH/variance` 1. */
  initStatistics(): HostArrays;
  /** Scores [window, class], and the statistics that were used, by the paths of `initStatistics`. */
  apply(
    parameters: Parameters,
    windows: tf.Tensor3D,
    mode: ConvNetMode,
  ): { readonly scores: tf.Tensor2D; readonly statistics: Parameters };
}

/** The last layer's path: what a probe trains. */
export const CONV_NET_HEAD = 'head';
const INPUT_NORM = 'net/input/norm';

/**
 * Batch norm of the inputs, then for each layer: convolution, batch norm, ReLU, max pooling over 2, dropout of a half;
 * then one dense layer on all that is left. Convolution is unfolding + matMul, pooling the maximum of two slices: ops
 * that every engine differentiates.
 *
 * Sun et al., "The Multi-Agent Behavior Dataset: Mouse Dyadic Social Interactions", NeurIPS Datasets and Benchmarks
 * 2021 (the 1D convolutional baseline of CalMS21).
 *
 * @throws UserError (`settings`) when a window is too short for the layers
 */
export function buildConvNet(shape: ConvNetShape, { channels, kernelSamples }: ConvNetOptions): ConvNet {
  const pooled: { samples: number; channels: number }[] = [];
  let samples = shape.samples;
  for (const width of channels) {
    samples = Math.floor((samples - kernelSamples + 1) / 2);
    if (samples < 1) {
      throw new UserError(
        'settings',
        `convNet: windows of ${shape.samples} samples are too short for ${channels.length} convolutions`,
        { hint: 'Raise convNet.reachFrames, or lower convNet.gapFrames or the number of convNet.channels' },
      );
    }
    pooled.push({ samples, channels: width });
  }
  const layers = channels.map((width, number) => ({
    path: `net/conv${number}`,
    inputs: number === 0 ? shape.channels : channels[number - 1],
    width,
  }));
  const flat = samples * channels[channels.length - 1];
  const norms = [
    { path: INPUT_NORM, width: shape.channels },
    ...layers.map(({ path, width }) => ({ path: `${path}/norm`, width })),
  ];
  return {
    pooled,
    init: (random) =>
      Object.assign(
        {},
        ...norms.map(({ path, width }) => initBatchNorm(path, width)),
        ...layers.map(({ path, inputs, width }) => initDense(random, path, kernelSamples * inputs, width)),
        initDense(random, CONV_NET_HEAD, flat, shape.classes),
      ),
    initStatistics: () =>
      Object.assign(
        {},
        ...norms.map(({ path, width }) => ({
          [`${path}/mean`]: constantArray([width], 0),
          [`${path}/variance`]: constantArray([width], 1),
        })),
      ),
    apply(parameters, windows, mode) {
      const used: Record<string, tf.Tensor> = {};
      const normalise = (path: string, rows: tf.Tensor2D): tf.Tensor2D => {
        const statistics = mode.training ? measureChannels(rows) : runningStatistics(mode.statistics, path);
        used[`${path}/mean`] = statistics.mean;
        used[`${path}/variance`] = statistics.variance;
        return batchNorm(parameters, path, rows, statistics);
      };
      const [count, length, width] = windows.shape;
      const input = normalise(INPUT_NORM, tf.reshape(windows, [count * length, width]));
      let current: tf.Tensor3D = tf.reshape(input, [count, length, width]);
      layers.forEach(({ path, width: outputs }, number) => {
        const seen = current.shape[1] - kernelSamples + 1;
        const rows = dense(parameters, path, unfoldSamples(current, kernelSamples));
        const active = tf.relu(normalise(`${path}/norm`, rows));
        current = poolPairs(tf.reshape(active, [count, seen, outputs]));
        if (mode.training) current = tf.mul(current, tf.mul(mode.keep[number], 2));
      });
      const scores = dense(parameters, CONV_NET_HEAD, tf.reshape(current, [count, flat]));
      return { scores, statistics: used };
    },
  };
}

function runningStatistics(statistics: Parameters, path: string): ChannelStatistics {
  return {
    mean: statistics[`${path}/mean`] as tf.Tensor1D,
    variance: statistics[`${path}/variance`] as tf.Tensor1D,
  };
}

/** [window, sample, channel] -> [window x (samples - kernel + 1), kernel x channel]. */
function unfoldSamples(windows: tf.Tensor3D, kernelSamples: number): tf.Tensor2D {
  const [count, samples, channels] = windows.shape;
  const seen = samples - kernelSamples + 1;
  const taps = Array.from({ length: kernelSamples }, (_, tap) =>
    tf.slice(windows, [0, tap, 0], [count, seen, channels]),
  );
  return tf.reshape(tf.concat(taps, 2), [count * seen, kernelSamples * channels]);
}

/** The larger of every two samples; an odd one at the end is left out. [window, sample, channel] -> half as many */
function poolPairs(windows: tf.Tensor3D): tf.Tensor3D {
  const [count, samples, channels] = windows.shape;
  const half = Math.floor(samples / 2);
  const pairs = tf.reshape(tf.slice(windows, [0, 0, 0], [count, 2 * half, channels]), [
    count,
    half,
    2 * channels,
  ]);
  const [first, second] = [0, channels].map((at) => tf.slice(pairs, [0, 0, at], [count, half, channels]));
  return tf.maximum(first, second);
}
