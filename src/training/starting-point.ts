import type { HostArray, HostArrays } from '../arrays.js';
import { assertSameTensors, type Checkpoint } from '../checkpoint/checkpoint.js';
import { UserError } from '../errors.js';
import type { Random } from '../random.js';
import { NO_PROGRESS, type Progress, toProgress } from './progress.js';
import type { TrainingStep } from './training-step.js';
import { isParameter } from './update.js';

/** The state, the step and the progress that a run starts with. */
export interface StartingPoint {
  readonly state: HostArrays;
  readonly step: number;
  readonly progress: Progress;
}

/**
 * The start of a run, or where an earlier start of it has stopped.
 * @throws UserError when the checkpoint is of another model
 */
export function startingPoint(
  training: TrainingStep,
  random: Random,
  resume: Checkpoint | null,
): StartingPoint {
  const state = training.init(random);
  if (resume === null) return { state, step: 0, progress: NO_PROGRESS };
  const { header, tensors } = resume;
  const whose = `the ${header.kind} at step ${header.step}`;
  assertSameTensors(whose, tensors, state, 'the settings of this run');
  // In the order of the first state: sums over all parameters are then added up as before.
  const ordered = Object.fromEntries(Object.keys(state).map((name) => [name, tensors[name]]));
  return { state: ordered, step: header.step, progress: toProgress(header) };
}

/** What a new run has taken of another one's weights. */
export interface TakenWeights {
  readonly state: HostArrays;
  /** Parameters that start from the weights. */
  readonly taken: readonly string[];
  /** Those that start at random, each with the reason: `decoder/... (not there)`. */
  readonly fresh: readonly string[];
  /** Parameters among the weights that this run has no use for. */
  readonly unused: readonly string[];
}

/**
 * A first state whose parameters, and their running averages, are those of other weights wherever name and shape are
 * the same. The optimiser starts anew.
 * @param path of the weights, for messages
 * @throws UserError when nothing fits
 */
export function startFromWeights(first: HostArrays, weights: HostArrays, path: string): TakenWeights {
  const wanted = Object.keys(first).filter(isParameter);
  const given = Object.keys(weights).filter(isParameter);
  const taken = wanted.filter((name) => name in weights && hasSameShape(first[name], weights[name]));
  const fresh = wanted
    .filter((name) => !taken.includes(name))
    .map((name) =>
      name in weights
        ? `${name} ([${weights[name].shape}], here [${first[name].shape}])`
        : `${name} (not there)`,
    );
  if (taken.length === 0) {
    throw new UserError('data', `${path} holds no weights that fit this run: ${fresh[0]}`, {
      hint: 'Take the encoder settings of the run that the weights come from; `whisker checkpoint inspect` shows them',
    });
  }
  const replaced = taken.flatMap((name) => [
    [name, weights[name]],
    ...(`average/${name}` in first ? [[`average/${name}`, weights[name]]] : []),
  ]);
  return {
    state: { ...first, ...Object.fromEntries(replaced) },
    taken,
    fresh,
    unused: given.filter((name) => !taken.includes(name)),
  };
}

function hasSameShape(one: HostArray, other: HostArray): boolean {
  return `${one.shape}` === `${other.shape}` && one.data.constructor === other.data.constructor;
}
