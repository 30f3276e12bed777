import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';

/** Tensors by parameter path. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Settings of AdamW. */
export interface AdamWOptions {
  /** Memory of the mean gradient. */
  readonly beta1: number;
  /** Memory of the mean squared gradient. */
  readonly beta2: number;
  readonly epsilon: number;
  /** Share of a kernel that is taken away at each step, times the learning rate. */
  readonly weightDecay: number;
}

/** What changes from step to step; on the device these are fed scalars. */
export interface AdamWScalars {
  readonly learningRate: tf.Tensor;
  /** 1 - beta1^t at the t-th update, counted from 1. */
  readonly firstCorrection: tf.Tensor;
  /** 1 - beta2^t. */
  readonly secondCorrection: tf.Tensor;
}

/** Running means of the gradients (`first`) and of their squares (`second`). */
export interface Moments {
  readonly first: Tensors;
  readonly second: Tensors;
}

/** Moments of nothing seen yet, under `adam/first/PATH` and `adam/second/PATH`. */
export function initMoments(parameters: HostArrays): HostArrays {
  const zeros = (prefix: string) =>
    Object.entries(parameters).map(([path, { shape, data }]) => [
      `${prefix}/${path}`,
      { shape, data: new Float32Array(data.length) },
    ]);
  return Object.fromEntries([...zeros('adam/first'), ...zeros('adam/second')]);
}

/** Kernels shrink; biases, gains, positions and mask tokens do not. */
function isDecayed(path: string): boolean {
  return path.endsWith('/kernel');
}

/** The bias corrections of the update that follows `step` updates. */
export function biasCorrections(
  step: number,
  options: AdamWOptions,
): { firstCorrection: number; secondCorrection: number } {
  return {
    firstCorrection: 1 - options.beta1 ** (step + 1),
    secondCorrection: 1 - options.beta2 ** (step + 1),
  };
}

/**
 * Scales all gradients by min(1, maxNorm / norm), where norm is that of all of them as one vector.
 * Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, section 3.2.
 */
export function clipByGlobalNorm(gradients: Tensors, maxNorm: number): { clipped: Tensors; norm: tf.Scalar } {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares)) as tf.Scalar;
  const factor = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
  return { clipped: mapTensors(gradients, (gradient) => tf.mul(gradient, factor)), norm };
}

/**
 * One update of AdamW:
 *
 *   m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g^2
 *   p = (1 - rate decay) p - rate (m / firstCorrection) / (sqrt(v / secondCorrection) + epsilon)
 *
 * Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2 (in PyTorch's scaling, where
 * the decay is multiplied by the learning rate).
 *
 * @param rateFactor the share of the learning rate that a parameter gets, by its path
 */
export function adamW(
  parameters: Tensors,
  gradients: Tensors,
  moments: Moments,
  scalars: AdamWScalars,
  options: AdamWOptions,
  rateFactor: (path: string) => number = () => 1,
): { parameters: Tensors; moments: Moments } {
  const { beta1, beta2, epsilon, weightDecay } = options;
  const stepSize = tf.div(scalars.learningRate, scalars.firstCorrection);
  const rootScale = tf.rsqrt(scalars.secondCorrection);
  const first = mapTensors(gradients, (gradient, path) =>
    tf.add(tf.mul(moments.first[path], beta1), tf.mul(gradient, 1 - beta1)),
  );
  const second = mapTensors(gradients, (gradient, path) =>
    tf.add(tf.mul(moments.second[path], beta2), tf.mul(tf.square(gradient), 1 - beta2)),
  );
  const updated = mapTensors(parameters, (parameter, path) => {
    const direction = tf.div(first[path], tf.add(tf.mul(tf.sqrt(second[path]), rootScale), epsilon));
    const moved = tf.mul(direction, tf.mul(stepSize, rateFactor(path)));
    if (weightDecay === 0 || !isDecayed(path)) return tf.sub(parameter, moved);
    const kept = tf.sub(1, tf.mul(scalars.learningRate, weightDecay * rateFactor(path)));
    return tf.sub(tf.mul(parameter, kept), moved);
  });
  return { parameters: updated, moments: { first, second } };
}

function mapTensors(tensors: Tensors, change: (tensor: tf.Tensor, path: string) => tf.Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([path, tensor]) => [path, change(tensor, path)]));
}
