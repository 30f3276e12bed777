import { statSync } from 'node:fs';
import type { HostArrays } from '../arrays.js';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { hashTensors } from '../checkpoint/hash-tensors.js';
import { findCheckpoint } from '../checkpoint/run-folder.js';
import { UserError } from '../errors.js';
import type { EmitEvent } from '../events/event.js';
import { startFromWeights } from '../training/starting-point.js';
import type { TrainingStep } from '../training/training-step.js';
import { isParameter } from '../training/update.js';
import { cardFromPlain, type ModelCard, withRecordings } from './model-card.js';

/** Weights that a new run starts from. */
export interface StartWeights {
  readonly path: string;
  readonly step: number;
  /** sha256 of the parameters' names and bits. */
  readonly hash: string;
  readonly parameters: HostArrays;
  readonly card: ModelCard;
}

/**
 * Reads the weights of a checkpoint; of a run's folder, its last one.
 * @throws UserError (`data`) when there is none
 */
export function readStartWeights(place: string): StartWeights {
  const path = isFolder(place) ? findCheckpoint(place, 'last') : place;
  if (path === null) {
    throw new UserError('data', `${place} holds no checkpoint to start from`, {
      hint: 'Name the folder of a run, or one of the .whisker files in its steps/',
    });
  }
  const { header, tensors } = readCheckpoint(path);
  const parameters = Object.fromEntries(Object.entries(tensors).filter(([name]) => isParameter(name)));
  return {
    ...{ path, parameters },
    step: header.step,
    hash: hashTensors(parameters),
    card: cardFromPlain(path, header.settings),
  };
}

/** The step, starting from weights; what was taken and what was not is told. */
export function startingFrom(training: TrainingStep, weights: StartWeights, emit: EmitEvent): TrainingStep {
  return {
    ...training,
    init(random) {
      const { path, parameters, step } = weights;
      const { state, taken, fresh, unused } = startFromWeights(training.init(random), parameters, path);
      const lines = [
        `starts from ${taken.length} tensors of ${path} (step ${step}); the optimiser starts anew`,
        ...(fresh.length === 0 ? [] : [`random: ${listNames(fresh)}`]),
        ...(unused.length === 0 ? [] : [`not used: ${listNames(unused)}`]),
      ];
      const level = fresh.some((name) => name.startsWith('encoder/')) ? 'warning' : 'info';
      for (const text of lines) emit({ type: 'message', level, text });
      return state;
    },
  };
}

/** A card that also names the recordings which the weights had learned from: nothing seen is scored as unseen. */
export function withSeenBefore(
  card: ModelCard,
  { card: before, path }: StartWeights,
  emit: EmitEvent,
): ModelCard {
  const names = (of: ModelCard) => of.skeleton.keypoints.join(', ');
  if (names(card) !== names(before)) {
    const text = `${path} was trained on the keypoints ${names(before)}; this run has ${names(card)}`;
    emit({ type: 'message', level: 'warning', text });
  }
  return withRecordings(card, before.recordings);
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
