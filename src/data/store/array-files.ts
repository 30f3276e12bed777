import { endianness } from 'node:os';
import { UserError } from '../../errors.js';

/** The version of the folder's layout; a reader refuses every other one. */
export const DATASET_VERSION = 1;

/** The description; its sha256 names the data set. It holds the hashes of the arrays, so it stands for them too. */
export const DESCRIPTION_FILE = 'dataset.json';

/**
 * The arrays: all recordings one after another in the order of `dataset.json`, little endian, nothing between.
 * - `pose.f32`: [frame, animal, keypoint, space]
 * - `scores.f32`: [frame, animal, keypoint] of the recordings that have scores
 * - `labels.i16`: for each recording, for each of its tracks in the order listed there, [frame]
 */
export const ARRAY_FILES = ['pose.f32', 'scores.f32', 'labels.i16'] as const;

export type ArrayFile = (typeof ARRAY_FILES)[number];

/** Where each recording's arrays start, in bytes; all of it follows from the description. */
export interface ArrayOffsets {
  readonly pose: readonly number[];
  readonly scores: readonly number[];
  readonly labels: readonly number[];
  readonly sizes: Readonly<Record<ArrayFile, number>>;
}

/** Lays the arrays out: pure arithmetic, shared by the writer's check and the reader. */
export function layOutArrays(
  recordings: readonly { frames: number; hasScores: boolean; tracks: readonly string[] }[],
  animalCount: number,
  keypointCount: number,
): ArrayOffsets {
  const pose: number[] = [];
  const scores: number[] = [];
  const labels: number[] = [];
  const points = animalCount * keypointCount;
  let [poseEnd, scoresEnd, labelsEnd] = [0, 0, 0];
  for (const { frames, hasScores, tracks } of recordings) {
    pose.push(poseEnd);
    scores.push(scoresEnd);
    labels.push(labelsEnd);
    poseEnd += frames * points * 2 * 4;
    scoresEnd += hasScores ? frames * points * 4 : 0;
    labelsEnd += tracks.length * frames * 2;
  }
  return {
    pose,
    scores,
    labels,
    sizes: { 'pose.f32': poseEnd, 'scores.f32': scoresEnd, 'labels.i16': labelsEnd },
  };
}

/** The arrays are mapped as they lie, so the machine has to be little endian (all supported ones are). */
export function assertLittleEndian(): void {
  if (endianness() !== 'LE')
    throw new UserError('device', 'data set folders can be read on little-endian machines only');
}
