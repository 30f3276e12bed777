import type { HostArray } from '../../src/arrays.js';
import type { AugmentSettings } from '../../src/data/augment/settings.js';
import { measureBodyLengths } from '../../src/data/inputs/body-length.js';
import { createFrontEnd, type FrontEndSettings } from '../../src/data/inputs/front-end.js';
import type { Dataset } from '../../src/data/store/dataset.js';
import type { BatchNeeds } from '../../src/data/windows/batch.js';
import { fitNormalisation } from '../../src/data/windows/fit-normalisation.js';
import type { BatchMakerOptions } from '../../src/data/windows/make-batch.js';

export const NO_AUGMENT: AugmentSettings = {
  mirrorProbability: 0,
  scaleSpread: 0,
  speedSpread: 0,
  keypointDropProbability: 0,
  animalDropProbability: 0,
  dropSeconds: 0,
  jitterBodyLengths: 0,
  driftBodyLengths: 0,
  driftSeconds: 0,
  channelNoise: 0,
  frameNoise: 0,
  channelDropProbability: 0,
  scaleDropProbability: 0,
};

export const FULL_AUGMENT: AugmentSettings = {
  mirrorProbability: 0.5,
  scaleSpread: 0.1,
  speedSpread: 0.1,
  keypointDropProbability: 0.1,
  animalDropProbability: 0.05,
  dropSeconds: 1,
  jitterBodyLengths: 0.01,
  driftBodyLengths: 0.02,
  driftSeconds: 0.5,
  channelNoise: 0.3,
  frameNoise: 0.3,
  channelDropProbability: 0.1,
  scaleDropProbability: 0.1,
};

export const FRONT_END: FrontEndSettings = {
  framesPerSecond: 30,
  inputs: { pose: true, motion: true, keypointMotion: true, kinematics: false, flags: true },
  targets: { pose: true, motion: true, keypointMotion: false, kinematics: false, smoothSeconds: 0 },
  kinematics: { gapSeconds: 0.5, smoothSeconds: 0.067, lagSeconds: 0.067, roles: 'symmetric' },
  limit: 8,
};

export const NEEDS: BatchNeeds = {
  views: 2,
  mask: { ratio: 0.6, spanTokens: 3 },
  tokens: 'visible',
  clean: false,
  truth: false,
  neighbourSeconds: null,
  futureSeconds: null,
};

/** Everything a batch maker needs, for any data set of test animals. */
export function batchOptions(
  dataset: Dataset,
  changes: Partial<Omit<BatchMakerOptions, 'frontEnd'>> & { frontEndSettings?: FrontEndSettings } = {},
): BatchMakerOptions {
  const frontEnd = createFrontEnd(changes.frontEndSettings ?? FRONT_END, dataset.header);
  const recordings = dataset.recordings.map((_, recording) => recording);
  const bodyLengths = measureBodyLengths(dataset, { scope: 'recording', framesPerRecording: 200 });
  const normalisation = fitNormalisation({
    dataset,
    recordings,
    bodyLengths,
    frontEnd,
    windowFrames: 32,
    windows: 16,
    seed: 1,
  });
  return {
    dataset,
    recordings,
    window: { framesPerSecond: frontEnd.framesPerSecond, windowFrames: 32, patchFrames: 2, patch: 'frames' },
    frontEnd,
    normalisation,
    bodyLengths,
    needs: NEEDS,
    batchSize: 6,
    augment: FULL_AUGMENT,
    seed: 3,
    ...changes,
  };
}

/** One row of a field of a batch: [rows, ...]. */
export function rowOf({ shape, data }: HostArray, row: number): number[] {
  const size = data.length / shape[0];
  return Array.from(data.subarray(row * size, (row + 1) * size));
}
