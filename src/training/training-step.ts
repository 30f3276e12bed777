import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import type { Step } from '../engine/engine.js';
import type { Encoder } from '../model/encoders/encoder.js';
import type { CombinedObjective } from '../model/objectives/combine.js';
import type { Random } from '../random.js';
import type { AdamWOptions, Tensors } from './optimiser.js';
import { adamW, biasCorrections, clipByGlobalNorm, initMoments } from './optimiser.js';
import type { Schedule } from './schedule.js';
import { learningRateAt } from './schedule.js';

/** What a training step is made of. */
export interface TrainingStepParts {
  readonly encoder: Encoder;
  readonly objective: CombinedObjective;
  readonly optimiser: AdamWOptions;
  /** Gradients are scaled down to this norm. */
  readonly maxGradientNorm: number;
  readonly schedule: Schedule;
  /** Memory of the running averages of all parameters (a teacher's weights), or null: none are kept. */
  readonly averageDecay: number | null;
}

/**
 * A pure training step and what it starts from. The state holds each parameter under its own path, the moments under
 * `adam/first/PATH` and `adam/second/PATH`, the running averages under `average/PATH`.
 */
export interface TrainingStep {
  readonly step: Step;
  /** The first state. */
  init(random: Random): HostArrays;
  /** The scalars that step number `step` (the first is 0) is fed with. */
  scalarsAt(step: number): Readonly<Record<string, number>>;
}

/** Beyond this a number counts as infinite; NaN is not below it either. */
const LARGEST = 3e38;

/**
 * Encode once, all losses, one gradient, clip, AdamW. Outputs are scalars: `loss` (the weighted sum), `part/NAME` of
 * each part unweighted, `gradientNorm` before clipping, and `ok`: 1 where all of these are finite, which
 * the gradient's norm is only if every gradient is.
 */
export function buildTrainingStep(parts: TrainingStepParts): TrainingStep {
  const { encoder, objective, optimiser, maxGradientNorm, averageDecay } = parts;
  if (objective.hasTeacher && averageDecay === null) {
    throw new Error('an objective with a teacher needs averageDecay: the teacher is the running average');
  }

  const step: Step = (state, batch, scalars) => {
    const paths = Object.keys(state).filter(isParameter).sort();
    const parameters = pick(state, paths, '');
    const average = averageDecay === null ? {} : pick(state, paths, 'average/');
    const targets = objective.targets({ average, batch, encoder });
    const lossesOf = (current: Tensors) => {
      const layers = encoder.apply(current, batch.tokens as tf.Tensor3D, batch.position as tf.Tensor2D);
      return objective.losses({ parameters: current, batch, encoded: layers[layers.length - 1], targets });
    };

    // The parts are one vector and their weights its gradient: value and derivative of the sum in one go.
    const weights = tf.stack(objective.parts.map((part) => scalars[`weight/${part.objective}`]));
    const { value: losses, grads } = tf.valueAndGrads((...values) =>
      tf.stack([...lossesOf(zip(paths, values))]),
    )(
      paths.map((path) => parameters[path]),
      weights,
    );
    const { clipped, norm } = clipByGlobalNorm(zip(paths, grads), maxGradientNorm);
    const moments = { first: pick(state, paths, 'adam/first/'), second: pick(state, paths, 'adam/second/') };
    const { learningRate, firstCorrection, secondCorrection } = scalars;
    const updated = adamW(
      parameters,
      clipped,
      moments,
      { learningRate, firstCorrection, secondCorrection },
      optimiser,
    );

    const loss = tf.sum(tf.mul(losses, weights));
    const finite = tf.less(tf.add(tf.sum(tf.abs(losses)), norm), LARGEST);
    return {
      state: {
        ...updated.parameters,
        ...prefix('adam/first/', updated.moments.first),
        ...prefix('adam/second/', updated.moments.second),
        ...(averageDecay === null
          ? {}
          : prefix('average/', follow(average, updated.parameters, scalars.averageRate))),
      },
      outputs: {
        loss,
        gradientNorm: norm,
        ok: tf.cast(finite, 'float32'),
        ...Object.fromEntries(
          tf.unstack(losses).map((value, number) => [`part/${objective.parts[number].name}`, value]),
        ),
      },
    };
  };

  return {
    step,
    init(random) {
      const parameters = { ...encoder.init(random), ...objective.init(random) };
      const average = averageDecay === null ? {} : prefix('average/', parameters);
      return { ...parameters, ...initMoments(parameters), ...average };
    },
    scalarsAt(number) {
      const weights = prefix('weight/', objective.weightsAt(number));
      const rates = {
        learningRate: learningRateAt(number, parts.schedule),
        ...biasCorrections(number, optimiser),
      };
      if (averageDecay === null) return { ...rates, ...weights };
      return { ...rates, ...weights, averageRate: averageRateAt(number, averageDecay) };
    },
  };
}

/** Whether a key of the state is a parameter, not a moment or an average of one. */
export function isParameter(key: string): boolean {
  return !key.startsWith('adam/') && !key.startsWith('average/');
}

/**
 * The share by which averages move towards the parameters: 1 - decay, and more in the first steps, so that the random
 * start is forgotten: 1 - min(decay, (1 + step) / (10 + step)).
 */
function averageRateAt(step: number, decay: number): number {
  return 1 - Math.min(decay, (1 + step) / (10 + step));
}

/** average + rate (parameter - average). */
function follow(average: Tensors, parameters: Tensors, rate: tf.Tensor): Tensors {
  return Object.fromEntries(
    Object.entries(average).map(([path, old]) => [
      path,
      tf.add(old, tf.mul(tf.sub(parameters[path], old), rate)),
    ]),
  );
}

function pick(state: Tensors, paths: readonly string[], before: string): Tensors {
  return Object.fromEntries(paths.map((path) => [path, state[`${before}${path}`]]));
}

function zip(paths: readonly string[], tensors: readonly tf.Tensor[]): Tensors {
  return Object.fromEntries(paths.map((path, number) => [path, tensors[number]]));
}

function prefix<T>(before: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([path, value]) => [`${before}${path}`, value]));
}
