import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import type { Step } from '../engine/engine.js';
import type { Encoder } from '../model/encoders/encoder.js';
import type { CombinedObjective } from '../model/objectives/combine.js';
import type { Random } from '../random.js';
import type { AdamWOptions, Tensors } from './optimiser.js';
import { initMoments } from './optimiser.js';
import type { Schedule } from './schedule.js';
import { parameterPaths, pick, prefix, updateParameters, updateScalars } from './update.js';

/**
 * A pure training step and what it starts from. The state holds each parameter under its own path, the moments under
 * `adam/first/PATH` and `adam/second/PATH`, the running averages under `average/PATH`.
 */
export interface TrainingStep {
  /** What its checkpoints are called, e.g. `pretraining`. */
  readonly kind: string;
  /** What may help where it diverges, with the settings by name: the end of the message. */
  readonly whenItDiverges: string;
  /** Its outputs are scalars: `loss`, `part/NAME`, `gradientNorm`, `ok`. */
  readonly step: Step;
  /** The first state. */
  init(random: Random): HostArrays;
  /** The scalars that step number `step` (the first is 0) is fed with. */
  scalarsAt(step: number): Readonly<Record<string, number>>;
}

/** What a step of pretraining is made of. */
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

/** Encode once, all losses, one update. */
export function buildTrainingStep(parts: TrainingStepParts): TrainingStep {
  const { encoder, objective, optimiser, maxGradientNorm, averageDecay } = parts;
  if (objective.hasTeacher && averageDecay === null) {
    throw new Error('an objective with a teacher needs averageDecay: the teacher is the running average');
  }
  const options = { optimiser, maxGradientNorm, rateFactor: () => 1 };

  const step: Step = (state, batch, scalars) => {
    const average = averageDecay === null ? {} : pick(state, parameterPaths(state), 'average/');
    const targets = objective.targets({ average, batch, encoder });
    const loss = {
      names: objective.parts.map(({ name }) => name),
      weights: tf.stack(objective.parts.map((part) => scalars[`weight/${part.objective}`])),
      of(parameters: Tensors) {
        const layers = encoder.apply(parameters, batch.tokens as tf.Tensor3D, batch.position as tf.Tensor2D);
        return objective.losses({ parameters, batch, encoded: layers[layers.length - 1], targets });
      },
    };
    const updated = updateParameters(state, loss, scalars, options);
    if (averageDecay === null) return updated;
    const followed = prefix('average/', follow(average, updated.state, scalars.averageRate));
    return { state: { ...updated.state, ...followed }, outputs: updated.outputs };
  };

  return {
    kind: 'pretraining',
    whenItDiverges: 'A lower training.learningRate may help; training.onDivergence can leave such steps out.',
    step,
    init(random) {
      const parameters = { ...encoder.init(random), ...objective.init(random) };
      const average = averageDecay === null ? {} : prefix('average/', parameters);
      return { ...parameters, ...initMoments(parameters), ...average };
    },
    scalarsAt(number) {
      const weights = prefix('weight/', objective.weightsAt(number));
      const scalars = { ...updateScalars(number, parts.schedule, optimiser), ...weights };
      return averageDecay === null
        ? scalars
        : { ...scalars, averageRate: averageRateAt(number, averageDecay) };
    },
  };
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
