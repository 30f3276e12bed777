import type { BodyPlan } from '../inputs/bodies.js';
import type { Skeleton } from '../pose.js';
import { type BodyMotion, rate } from './body-motion.js';

/** What features of a frame are computed from. */
export interface Frames {
  /** Points as they were observed, and made steady: [time, animal, keypoint, space] in body lengths. */
  readonly observed: Float64Array;
  readonly steady: Float64Array;
  readonly motion: BodyMotion;
  readonly lag: number;
  readonly framesPerSecond: number;
}

/** Distances are entered as log(.1 + body lengths), speeds as log(.3 + per second): near ones are told apart best. */
export const logDistance = (value: number): number => Math.log(0.1 + value);
export const logSpeed = (value: number): number => Math.log(0.3 + value);

/** Points that have no partner in a mirror, in the order of the skeleton: the animal's middle line. */
export function midlineOf(skeleton: Skeleton): number[] {
  const paired = new Set(skeleton.mirrorPairs.flat());
  return skeleton.keypoints.map((_, keypoint) => keypoint).filter((keypoint) => !paired.has(keypoint));
}

/** Features of one animal: shape, speeds, turning and what is seen of it. */
export function bodyFeatureNames(skeleton: Skeleton): string[] {
  const names = skeleton.keypoints;
  const midline = midlineOf(skeleton).map((keypoint) => names[keypoint]);
  return [
    ...names.flatMap((name, first) => names.slice(first + 1).map((other) => `distance.${name}-${other}`)),
    ...names.map((name) => `speed.${name}`),
    'speed',
    'acceleration',
    'turning',
    ...midline.slice(2).map((name, index) => `bend.${midline[index]}-${midline[index + 1]}-${name}`),
    ...names.map((name) => `observed.${name}`),
  ];
}

/** Writes the features of a body (time x animals + animal) to `out` from `first` on; returns the next free place. */
export function writeBodyFeatures(
  plan: BodyPlan,
  midline: readonly number[],
  frames: Frames,
  body: number,
  out: Float64Array,
  first: number,
): number {
  const { observed, steady, motion, lag, framesPerSecond } = frames;
  const { animals, keypoints } = plan;
  const from = body * keypoints * 2;
  const frameSize = animals * keypoints * 2;
  let place = first;
  for (let one = from; one < from + keypoints * 2; one += 2) {
    for (let other = one + 2; other < from + keypoints * 2; other += 2) {
      out[place++] = length(steady[one] - steady[other], steady[one + 1] - steady[other + 1]);
    }
  }
  for (let index = from; index < from + keypoints * 2; index += 2) {
    const x = rate(steady, index, frameSize, lag, framesPerSecond);
    const y = rate(steady, index + 1, frameSize, lag, framesPerSecond);
    out[place++] = logSpeed(length(x, y));
  }
  const { axis, velocity } = motion;
  const at = body * 2;
  const stride = animals * 2;
  out[place++] = logSpeed(length(velocity[at], velocity[at + 1]));
  const accelerationX = rate(velocity, at, stride, lag, framesPerSecond);
  const accelerationY = rate(velocity, at + 1, stride, lag, framesPerSecond);
  out[place++] = Math.log(3 + length(accelerationX, accelerationY));
  const turnX = rate(axis, at, stride, lag, framesPerSecond);
  const turnY = rate(axis, at + 1, stride, lag, framesPerSecond);
  out[place++] = logSpeed(Math.abs(axis[at] * turnY - axis[at + 1] * turnX));
  for (let index = 2; index < midline.length; index++) {
    out[place++] = bend(steady, from, midline[index - 2], midline[index - 1], midline[index]);
  }
  for (let index = from; index < from + keypoints * 2; index += 2) {
    out[place++] = Number.isNaN(observed[index]) ? 0 : 1;
  }
  return place;
}

/** Cosine of the angle by which a line through three points bends: 1 where it is straight. */
function bend(points: Float64Array, from: number, a: number, b: number, c: number): number {
  const firstX = points[from + b * 2] - points[from + a * 2];
  const firstY = points[from + b * 2 + 1] - points[from + a * 2 + 1];
  const secondX = points[from + c * 2] - points[from + b * 2];
  const secondY = points[from + c * 2 + 1] - points[from + b * 2 + 1];
  const lengths = length(firstX, firstY) * length(secondX, secondY);
  return lengths > 1e-8 ? (firstX * secondX + firstY * secondY) / lengths : Number.NaN;
}

/** Euclidean length; Math.hypot is many times slower. */
export function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}
