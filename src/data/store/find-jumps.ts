import type { Skeleton } from '../pose.js';

/** Where poses move in ways that bodies don't. */
export interface JumpReport {
  /** Frames in which at least one point moved further than the limit since the frame before. */
  readonly jumpFrames: number;
  /** The first of them; undefined where there is none. */
  readonly firstJump: number | undefined;
  /** How often each point moved further than the limit. [animal][keypoint] */
  readonly jumps: readonly (readonly number[])[];
  /** Frames at which two animals seem to have exchanged their identities. */
  readonly swapFrames: readonly number[];
}

/**
 * Finds points that move further than `limitPixels` from one frame to the next, and swaps of identities: both
 * animals of a pair jump, and each lands nearer to where the other one was than half of its way.
 *
 * @param pose [frame, animal, keypoint, space]
 * @param limitPixels NaN: nothing is found
 */
export function findJumps(
  pose: Float32Array,
  frames: number,
  animalCount: number,
  keypointCount: number,
  limitPixels: number,
): JumpReport {
  const values = animalCount * keypointCount * 2;
  const centres = findCentres(pose, frames, animalCount, keypointCount); // [frame, animal, space]
  const swapFrames: number[] = [];
  const jumps = Array.from({ length: animalCount }, () => new Array<number>(keypointCount).fill(0));
  let jumpFrames = 0;
  let firstJump: number | undefined;
  for (let frame = 1; frame < frames; frame++) {
    let isJump = false;
    for (let point = 0; point < values / 2; point++) {
      const at = frame * values + 2 * point;
      const x = pose[at] - pose[at - values];
      const y = pose[at + 1] - pose[at + 1 - values];
      if (!(x * x + y * y > limitPixels * limitPixels)) continue; // also where either is missing
      isJump = true;
      jumps[Math.floor(point / keypointCount)][point % keypointCount]++;
    }
    if (!isJump) continue;
    jumpFrames++;
    firstJump ??= frame;
    if (isSwap(centres, frame, animalCount, limitPixels)) swapFrames.push(frame);
  }
  return { jumpFrames, firstJump, jumps, swapFrames };
}

/** Median distance between the means of `front` and `back` in pixels; NaN where no frame shows both. */
export function measureBodyLength(
  pose: Float32Array,
  frames: number,
  animalCount: number,
  { keypoints, front, back }: Skeleton,
): number {
  const lengths: number[] = [];
  const step = Math.max(1, Math.floor((frames * animalCount) / 5000)); // a few thousand bodies are enough
  for (let body = 0; body < frames * animalCount; body += step) {
    const start = body * keypoints.length * 2;
    const [frontX, frontY] = meanOf(pose, start, front);
    const [backX, backY] = meanOf(pose, start, back);
    const length = Math.hypot(frontX - backX, frontY - backY);
    if (length > 0) lengths.push(length);
  }
  return lengths.sort((one, other) => one - other)[lengths.length >> 1] ?? Number.NaN;
}

function isSwap(centres: Float32Array, frame: number, animalCount: number, limitPixels: number): boolean {
  const distance = (now: number, before: number) => {
    const [to, from] = [(frame * animalCount + now) * 2, ((frame - 1) * animalCount + before) * 2];
    return Math.hypot(centres[to] - centres[from], centres[to + 1] - centres[from + 1]);
  };
  for (let one = 0; one < animalCount; one++)
    for (let other = one + 1; other < animalCount; other++) {
      const [ownOne, ownOther] = [distance(one, one), distance(other, other)];
      const isFar = ownOne > limitPixels && ownOther > limitPixels;
      if (isFar && distance(one, other) < ownOne / 2 && distance(other, one) < ownOther / 2) return true;
    }
  return false;
}

/** Mean of the points that are there; NaN where none is. [frame, animal, space] */
function findCentres(
  pose: Float32Array,
  frames: number,
  animalCount: number,
  keypointCount: number,
): Float32Array {
  const all = Array.from({ length: keypointCount }, (_, keypoint) => keypoint);
  const centres = new Float32Array(frames * animalCount * 2);
  for (let body = 0; body < frames * animalCount; body++)
    centres.set(meanOf(pose, body * keypointCount * 2, all), body * 2);
  return centres;
}

/** Mean of those keypoints of the body at `start` that are there. */
function meanOf(pose: Float32Array, start: number, keypoints: readonly number[]): [number, number] {
  let [x, y, count] = [0, 0, 0];
  for (const keypoint of keypoints) {
    const at = start + 2 * keypoint;
    if (Number.isNaN(pose[at])) continue;
    x += pose[at];
    y += pose[at + 1];
    count++;
  }
  return [x / count, y / count];
}
