import type { Random } from '../../random.js';
import { TRACKING, VIEW } from './constants.js';
import { drawGeometric, drawLogNormal } from './draw.js';

const ANIMALS = 2;
const POINTS = 7;
const TRACKED = ANIMALS * POINTS;
const NECK = 3;
const LEFT_HIP = 4;
const RIGHT_HIP = 5;
const INNOVATION = Math.sqrt(1 - TRACKING.jitterCorrelation ** 2);
const DRIFT_INNOVATION = TRACKING.occlusionDriftPixels * Math.sqrt(1 - TRACKING.occlusionCorrelation ** 2);
const JUMP_SHARE = TRACKING.jumpsPerSecond / VIEW.framesPerSecond;
const MIRROR_SHARE = TRACKING.mirrorsPerSecond / VIEW.framesPerSecond;
const IDENTITY_SHARE = TRACKING.identityPerSecond / VIEW.framesPerSecond;
const LEFT_RIGHT = [
  [1, 2],
  [4, 5],
] as const;

/**
 * Turns true keypoints into tracked ones, in place: jitter correlated over frames, drift where a point is hidden by
 * the other animal, jumps, ears or hips exchanged, animals exchanged while close (`TRACKING`).
 * @param pose [frame, animal, keypoint, space] in pixels, two animals of seven points; overwritten.
 * @returns scores [frame, animal, keypoint] in [0, 1], low where a point is wrong, though not always.
 */
export function trackPose(random: Random, pose: Float32Array, frames: number): Float32Array {
  const scores = new Float32Array(frames * TRACKED);
  const quality = drawLogNormal(random, 1, TRACKING.logQuality);
  const jitter = new Float64Array(2 * TRACKED);
  const drift = new Float64Array(2 * TRACKED);
  const hidden = new Uint8Array(TRACKED);
  const jumpLeft = new Int32Array(TRACKED);
  const jump = new Float64Array(2 * TRACKED);
  const mirrorLeft = new Int32Array(2 * ANIMALS);
  let identityLeft = 0;
  for (let frame = 0; frame < frames; frame++) {
    const row = pose.subarray(frame * 2 * TRACKED, (frame + 1) * 2 * TRACKED);
    const score = scores.subarray(frame * TRACKED, (frame + 1) * TRACKED);
    const distance = findHidden(row, hidden);
    for (let animal = 0; animal < ANIMALS; animal++) {
      if (random.uniform() < JUMP_SHARE) {
        startJump(random, row, animal, jump, jumpLeft);
      }
      if (random.uniform() < MIRROR_SHARE) {
        mirrorLeft[2 * animal + random.integer(2)] = drawGeometric(random, TRACKING.mirrorFrames);
      }
    }
    for (let point = 0; point < TRACKED; point++) {
      const keypoint = point % POINTS;
      const spread = quality * TRACKING.jitterPixels[keypoint] * INNOVATION;
      let error = 0;
      for (let axis = 2 * point; axis < 2 * point + 2; axis++) {
        jitter[axis] = TRACKING.jitterCorrelation * jitter[axis] + spread * random.normal();
        drift[axis] *= TRACKING.occlusionCorrelation;
        if (hidden[point] === 1) {
          drift[axis] += DRIFT_INNOVATION * random.normal();
        }
        const offset = jitter[axis] + drift[axis] + (jumpLeft[point] > 0 ? jump[axis] : 0);
        row[axis] += offset;
        error += Math.abs(offset);
      }
      // A tracker knows only some of its errors: the loss for the same error is between none and twice the mean.
      const loss =
        2 * random.uniform() * TRACKING.scoreLossPerPixel * error + TRACKING.hiddenScoreLoss * hidden[point];
      const value = TRACKING.score[keypoint] + TRACKING.scoreSpread * (random.uniform() - 0.5) - loss;
      if (jumpLeft[point] > 0) {
        jumpLeft[point]--;
      }
      score[point] = Math.min(1, Math.max(0.01, value));
    }
    for (let pair = 0; pair < 2 * ANIMALS; pair++) {
      if (mirrorLeft[pair] > 0) {
        mirrorLeft[pair]--;
        const animal = pair >> 1;
        const [left, right] = LEFT_RIGHT[pair & 1];
        exchange(row, score, animal * POINTS + left, animal * POINTS + right);
      }
    }
    if (identityLeft === 0 && distance < TRACKING.identityCm && random.uniform() < IDENTITY_SHARE) {
      identityLeft = drawGeometric(random, TRACKING.identityFrames);
    }
    if (identityLeft > 0) {
      identityLeft--;
      for (let keypoint = 0; keypoint < POINTS; keypoint++) {
        exchange(row, score, keypoint, POINTS + keypoint);
      }
    }
  }
  return scores;
}

/**
 * Removes points, as a tracker without a guess would: each is missing for a share `share` of the time, in stretches
 * of 8 frames on average. Both coordinates become NaN; the score of a missing point is 0.
 */
export function dropPoints(
  random: Random,
  pose: Float32Array,
  scores: Float32Array,
  frames: number,
  share: number,
): void {
  const mean = 8;
  for (let point = 0; point < TRACKED; point++) {
    let frame = Math.floor(drawGeometric(random, (mean * (1 - share)) / share) * random.uniform());
    while (frame < frames) {
      const stop = Math.min(frames, frame + drawGeometric(random, mean));
      for (; frame < stop; frame++) {
        pose.fill(Number.NaN, 2 * (frame * TRACKED + point), 2 * (frame * TRACKED + point) + 2);
        scores[frame * TRACKED + point] = 0;
      }
      frame += drawGeometric(random, (mean * (1 - share)) / share);
    }
  }
}

/** Marks the points that lie on the other animal's trunk; returns the distance of the trunks in centimetres. */
function findHidden(row: Float32Array, hidden: Uint8Array): number {
  const limit = (TRACKING.occlusionCm * VIEW.pixelsPerCm) ** 2;
  for (let animal = 0; animal < ANIMALS; animal++) {
    const other = 2 * POINTS * (1 - animal);
    const neckX = row[other + 2 * NECK];
    const neckY = row[other + 2 * NECK + 1];
    const alongX = 0.5 * (row[other + 2 * LEFT_HIP] + row[other + 2 * RIGHT_HIP]) - neckX;
    const alongY = 0.5 * (row[other + 2 * LEFT_HIP + 1] + row[other + 2 * RIGHT_HIP + 1]) - neckY;
    const square = alongX * alongX + alongY * alongY;
    for (let point = animal * POINTS; point < (animal + 1) * POINTS; point++) {
      const x = row[2 * point] - neckX;
      const y = row[2 * point + 1] - neckY;
      const share = Math.min(1, Math.max(0, (x * alongX + y * alongY) / square));
      const besideX = x - share * alongX;
      const besideY = y - share * alongY;
      // The resident is mostly on top, so that of its points only the ones near the middle are lost.
      const reach = animal === 0 ? 0.25 * limit : limit;
      hidden[point] = besideX * besideX + besideY * besideY < reach ? 1 : 0;
    }
  }
  const x = row[2 * NECK] - row[2 * (POINTS + NECK)];
  const y = row[2 * NECK + 1] - row[2 * (POINTS + NECK) + 1];
  return Math.sqrt(x * x + y * y) / VIEW.pixelsPerCm;
}

/** A point jumps to the same part of the other animal, or anywhere within `jumpPixels`. */
function startJump(
  random: Random,
  row: Float32Array,
  animal: number,
  jump: Float64Array,
  jumpLeft: Int32Array,
): void {
  const keypoint = random.integer(POINTS);
  const point = animal * POINTS + keypoint;
  const twin = (1 - animal) * POINTS + keypoint;
  const toTwin = random.uniform() < 0.35;
  for (let axis = 0; axis < 2; axis++) {
    jump[2 * point + axis] = toTwin
      ? row[2 * twin + axis] - row[2 * point + axis]
      : TRACKING.jumpPixels * random.normal();
  }
  jumpLeft[point] = drawGeometric(random, TRACKING.jumpFrames);
}

function exchange(row: Float32Array, score: Float32Array, a: number, b: number): void {
  for (let axis = 0; axis < 2; axis++) {
    const held = row[2 * a + axis];
    row[2 * a + axis] = row[2 * b + axis];
    row[2 * b + axis] = held;
  }
  const held = score[a];
  score[a] = score[b];
  score[b] = held;
}
