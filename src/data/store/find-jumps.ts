import type { Skeleton } from '../pose.js';

/** Where poses move in ways that bodies don't. */
export interface JumpReport {
  /** Frames in which at least one point moved further than the limit since the frame before. */
  readonly jumpFrames: number;
  /** The first of them; undefined where there is none. */
  readonly firstJump: number | undefined;
  /** How often each point moved further than the limit. [animal][keypoint] */
  readonly jumps: readonly (readonly number[])[];
}

/**
 * Finds points that move further than `limitPixels` from one frame to the next.
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
  }
  return { jumpFrames, firstJump, jumps };
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

/** Mean of those keypoints of the body at `start` that are there; NaN where none is. */
export function meanOf(pose: Float32Array, start: number, keypoints: readonly number[]): [number, number] {
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
