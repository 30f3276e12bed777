import type { HostArrays } from '../arrays.js';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { hashTensors } from '../checkpoint/hash-tensors.js';
import { findCheckpoint } from '../checkpoint/run-folder.js';
import { UserError } from '../errors.js';
import { cardFromPlain, type ModelCard } from './model-card.js';

/** A trained encoder at rest. */
export interface LoadedEncoder {
  readonly path: string;
  readonly step: number;
  readonly card: ModelCard;
  /** Parameters below `encoder/` alone. */
  readonly parameters: HostArrays;
  /** sha256 of the parameters' names and bits: names the encoder in features, heads and reports. */
  readonly hash: string;
}

/**
 * The encoder of a run at its last checkpoint, or at the best one of a run that was monitored.
 * @throws UserError (`data`) when the folder has no such checkpoint, or one without an encoder
 */
export function loadEncoder(runFolder: string, which: 'best' | 'last'): LoadedEncoder {
  const path = findCheckpoint(runFolder, which);
  if (path === null) {
    throw new UserError('data', `${runFolder} holds no ${which} checkpoint`, {
      hint:
        which === 'last'
          ? 'Name the folder of a pretraining, e.g. checkpoints/quickstart'
          : 'Only a run with probe.monitor has a best one: take the last',
    });
  }
  const { header, tensors } = readCheckpoint(path);
  const parameters = encoderPart(tensors);
  return {
    path,
    step: header.step,
    card: cardFromPlain(path, header.settings),
    parameters,
    hash: hashTensors(parameters),
  };
}

/** Tensors below `encoder/`. */
export function encoderPart(tensors: HostArrays): HostArrays {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith('encoder/')));
}
