import * as tf from '@tensorflow/tfjs';
import type { StepResult } from '../engine/engine.js';
import type { AdamWOptions, Tensors } from './optimiser.js';
import { adamW, biasCorrections, clipByGlobalNorm } from './optimiser.js';
import type { Schedule } from './schedule.js';
import { learningRateAt } from './schedule.js';

/** How an update is made. */
export interface UpdateOptions {
  readonly optimiser: AdamWOptions;
  /** Gradients are scaled down to this norm. */
  readonly maxGradientNorm: number;
  /** The share of the learning rate that a parameter gets, by its path. */
  readonly rateFactor: (path: string) => number;
}

/** A loss that is the weighted sum of parts. */
export interface LossParts {
  readonly names: readonly string[];
  /** One weight a part: [part]. */
  readonly weights: tf.Tensor;
  /** The unweighted parts, scalars in the order of the names. */
  of(parameters: Tensors): readonly tf.Scalar[];
}

/** Beyond this a number counts as infinite; NaN is not below it either. */
const LARGEST = 3e38;

/** Whether a key of the state is a parameter, not a moment or an average of one. */
export function isParameter(key: string): boolean {
  return !key.startsWith('adam/') && !key.startsWith('average/');
}

/** Paths of the parameters of a state, in the one order in which they are always added up. */
export function parameterPaths(state: Tensors): readonly string[] {
  return Object.keys(state).filter(isParameter).sort();
}

/** The scalars that every update is fed with. */
export function updateScalars(
  step: number,
  schedule: Schedule,
  optimiser: AdamWOptions,
): Record<string, number> {
  return { learningRate: learningRateAt(step, schedule), ...biasCorrections(step, optimiser) };
}

/**
 * One gradient, clip, AdamW. The state holds parameters under their paths and moments under `adam/`. Outputs are
 * scalars: `loss`, `part/NAME` of each part unweighted, `gradientNorm` before clipping, and `ok`: 1 where all
 * of these are finite, which the gradient's norm is only if every gradient is.
 */
export function updateParameters(
  state: Tensors,
  loss: LossParts,
  scalars: Tensors,
  options: UpdateOptions,
): StepResult {
  const paths = parameterPaths(state);
  const parameters = pick(state, paths, '');
  // The parts are one vector and their weights its gradient: value and derivative of the sum in one go.
  const differentiate = tf.valueAndGrads((...values) => tf.stack([...loss.of(zip(paths, values))]));
  const { value: losses, grads } = differentiate(
    paths.map((path) => parameters[path]),
    loss.weights,
  );
  const { clipped, norm } = clipByGlobalNorm(zip(paths, grads), options.maxGradientNorm);
  const moments = { first: pick(state, paths, 'adam/first/'), second: pick(state, paths, 'adam/second/') };
  const { learningRate, firstCorrection, secondCorrection } = scalars;
  const rates = { learningRate, firstCorrection, secondCorrection };
  const updated = adamW(parameters, clipped, moments, rates, options.optimiser, options.rateFactor);

  const finite = tf.less(tf.add(tf.sum(tf.abs(losses)), norm), LARGEST);
  return {
    state: {
      ...updated.parameters,
      ...prefix('adam/first/', updated.moments.first),
      ...prefix('adam/second/', updated.moments.second),
    },
    outputs: {
      loss: tf.sum(tf.mul(losses, loss.weights)),
      gradientNorm: norm,
      ok: tf.cast(finite, 'float32'),
      ...Object.fromEntries(tf.unstack(losses).map((value, number) => [`part/${loss.names[number]}`, value])),
    },
  };
}

/** What lies in a state under `before` + path, by path. */
export function pick(state: Tensors, paths: readonly string[], before: string): Tensors {
  return Object.fromEntries(paths.map((path) => [path, state[`${before}${path}`]]));
}

/** The same values under `before` + path. */
export function prefix<T>(before: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([path, value]) => [`${before}${path}`, value]));
}

function zip(paths: readonly string[], tensors: readonly tf.Tensor[]): Tensors {
  return Object.fromEntries(paths.map((path, number) => [path, tensors[number]]));
}
