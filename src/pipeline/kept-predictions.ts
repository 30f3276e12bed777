import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Dataset } from '../data/store/dataset.js';
import { UserError } from '../errors.js';
import type { OpenTask, ScoredProbabilities } from '../evaluation/protocols/run-task.js';
import { fileName } from '../files/file-name.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';
import type { RecordingMark } from './head-files.js';

const VERSION = 1;
/** A probability p is kept as round(p x 65535). */
const STEPS = 65_535;

/**
 * What the heads of one row and task said about every scored frame, beside `results.json`: a gzip file of one line of JSON
 * (this, without the probabilities) and then, for each recording in that order, [frame, class] little-endian uint16, where
 * 65535 is a probability of 1.
 */
export interface KeptPredictions {
  readonly format: 'whisker-predictions';
  readonly version: typeof VERSION;
  readonly task: string;
  readonly track: string;
  readonly features: string;
  readonly seed: number;
  readonly classes: readonly string[];
  /** `Dataset.hash` of the data set that the recordings belong to. */
  readonly dataset: string;
  readonly recordings: readonly KeptRecording[];
}

export interface KeptRecording extends RecordingMark {
  /** The split whose heads predicted. */
  readonly split: string;
  readonly frames: number;
  readonly framesPerSecond: number;
}

/** Predictions that were read back; `probabilities` are [frame, class], one for each recording. */
export interface LoadedPredictions extends KeptPredictions {
  readonly probabilities: readonly Float32Array[];
}

/** The predictions of one row and task, all splits. */
export interface PredictionsToKeep {
  readonly open: OpenTask;
  readonly dataset: Dataset;
  readonly features: string;
  readonly seed: number;
  readonly scored: readonly ScoredProbabilities[];
}

export function keepPredictions(folder: string, kept: PredictionsToKeep): void {
  const { open, dataset, features, seed, scored } = kept;
  const header: KeptPredictions = {
    ...{ format: 'whisker-predictions', version: VERSION, task: open.task.name, track: open.task.track },
    ...{ features, seed, classes: open.task.classes, dataset: dataset.hash },
    recordings: scored.map(({ recording, split }) => {
      const { id, poseHash, frames, framesPerSecond } = dataset.recordings[recording];
      return { id, poseHash, split, frames, framesPerSecond };
    }),
  };
  const parts = scored.map(({ probabilities }) => {
    const steps = Uint16Array.from(probabilities, (value) => Math.round(value * STEPS));
    return new Uint8Array(steps.buffer);
  });
  makeFolder(join(folder, 'predictions'));
  const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts]);
  writeWhole(predictionsPath(folder, open.task.name, features, seed), [gzipSync(bytes, { level: 4 })]);
}

/** Reads them back; null where the run has kept none. @throws UserError (`data`) when the file is damaged */
export function loadPredictions(
  folder: string,
  task: string,
  features: string,
  seed: number,
): LoadedPredictions | null {
  const path = predictionsPath(folder, task, features, seed);
  let packed: Buffer;
  try {
    packed = readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
  try {
    return unpack(gunzipSync(packed));
  } catch (cause) {
    throw new UserError('data', `${path} is damaged: ${(cause as Error).message}`, {
      hint: 'Take it away; a report without it lacks the pictures of single recordings',
      cause,
    });
  }
}

function unpack(bytes: Buffer): LoadedPredictions {
  const end = bytes.indexOf(10);
  const header = JSON.parse(bytes.toString('utf8', 0, end)) as KeptPredictions;
  if (header.format !== 'whisker-predictions' || header.version !== VERSION) {
    throw new Error(`expected predictions of version ${VERSION}, got ${header.version}`);
  }
  const sizes = header.recordings.map(({ frames }) => frames * header.classes.length);
  const expected = end + 1 + 2 * sizes.reduce((sum, size) => sum + size, 0);
  if (bytes.length !== expected) throw new Error(`expected ${expected} bytes, got ${bytes.length}`);
  let at = end + 1;
  const probabilities = sizes.map((size) => {
    const values = new Float32Array(size);
    for (let index = 0; index < size; index++) values[index] = bytes.readUInt16LE(at + 2 * index) / STEPS;
    at += 2 * size;
    return values;
  });
  return { ...header, probabilities };
}

function predictionsPath(folder: string, task: string, features: string, seed: number): string {
  return join(folder, 'predictions', `${fileName(`${task}, ${features}, seed ${seed}`)}.gz`);
}
