import type { Random } from '../../random.js';
import { fillNoise } from './noise-table.js';
import type { AugmentSettings } from './settings.js';

/** Sizes that a window of poses [time, animal, keypoint, space] is read with. */
export interface WindowShape {
  readonly animals: number;
  readonly keypoints: number;
  readonly framesPerSecond: number;
  /** Pixels of a body length in this window. */
  readonly bodyLength: number;
}

/**
 * Spoils a window of poses in place, as trackers do: points and animals are missing for a while, points jitter and
 * drift. Only inputs are spoilt; targets stay clean. Call it on a copy.
 *
 * @param shown [time]: frames that it marks with 0 will not be looked at; left out: none. The others come out the same
 */
export function corruptPose(
  pose: Float32Array,
  shape: WindowShape,
  settings: AugmentSettings,
  random: Random,
  shown?: Uint8Array,
): void {
  const { keypointDropProbability, animalDropProbability, jitterBodyLengths, driftBodyLengths } = settings;
  if (driftBodyLengths > 0) addDrift(pose, shape, settings, random, shown);
  if (jitterBodyLengths > 0) addJitter(pose, shape, jitterBodyLengths, random, shown);
  const longest = settings.dropSeconds * shape.framesPerSecond;
  if (keypointDropProbability > 0) dropSpans(pose, shape, 1, keypointDropProbability, longest, random);
  if (animalDropProbability > 0)
    dropSpans(pose, shape, shape.keypoints, animalDropProbability, longest, random);
}

/** Whether `corruptPose` changes anything. */
export function doesCorrupt(settings: AugmentSettings | null): boolean {
  if (settings === null) return false;
  const { keypointDropProbability, animalDropProbability, jitterBodyLengths, driftBodyLengths } = settings;
  return keypointDropProbability + animalDropProbability + jitterBodyLengths + driftBodyLengths > 0;
}

/** Groups of `points` neighbouring points (1: keypoints; all of a body: animals) are missing for a span. */
function dropSpans(
  pose: Float32Array,
  { animals, keypoints }: WindowShape,
  points: number,
  probability: number,
  longestFrames: number,
  random: Random,
): void {
  const frameSize = animals * keypoints * 2;
  const frames = pose.length / frameSize;
  for (let group = 0; group < frameSize; group += points * 2) {
    if (random.uniform() >= probability) continue;
    const length = 1 + random.integer(Math.max(1, Math.min(frames, Math.round(longestFrames))));
    const start = random.integer(frames - length + 1);
    for (let time = start; time < start + length; time++) {
      const from = time * frameSize + group;
      pose.fill(Number.NaN, from, from + points * 2);
    }
  }
}

function addJitter(
  pose: Float32Array,
  shape: WindowShape,
  bodyLengths: number,
  random: Random,
  shown: Uint8Array | undefined,
): void {
  const frameSize = shape.animals * shape.keypoints * 2;
  const pixels = bodyLengths * shape.bodyLength;
  const noise = new Float32Array(frameSize);
  for (let time = 0; time * frameSize < pose.length; time++) {
    fillNoise(random, noise);
    if (shown?.[time] === 0) continue;
    const from = time * frameSize;
    for (let index = 0; index < frameSize; index++) pose[from + index] += noise[index] * pixels;
  }
}

/** Noise that is drawn anew every `driftSeconds` and runs straight in between. */
function addDrift(
  pose: Float32Array,
  shape: WindowShape,
  settings: AugmentSettings,
  random: Random,
  shown: Uint8Array | undefined,
): void {
  const frameSize = shape.animals * shape.keypoints * 2;
  const pixels = settings.driftBodyLengths * shape.bodyLength;
  const knotFrames = Math.max(1, Math.round(settings.driftSeconds * shape.framesPerSecond));
  let before = new Float32Array(frameSize);
  let after = new Float32Array(frameSize);
  fillNoise(random, after);
  for (let time = 0; time * frameSize < pose.length; time++) {
    const phase = (time % knotFrames) / knotFrames;
    if (phase === 0) {
      [before, after] = [after, before];
      fillNoise(random, after);
    }
    if (shown?.[time] === 0) continue;
    const from = time * frameSize;
    for (let index = 0; index < frameSize; index++) {
      pose[from + index] += (before[index] + phase * (after[index] - before[index])) * pixels;
    }
  }
}
