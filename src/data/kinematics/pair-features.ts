import type { BodyPlan } from '../inputs/bodies.js';
import type { Skeleton } from '../pose.js';
import { type Frames, length, logDistance, logSpeed } from './body-features.js';

/** Features of one animal towards the other: facing, approaching, passing by, and how near its front comes. */
export const TOWARDS_NAMES = ['facing', 'approach', 'sideways', 'nearest.front'] as const;

/** Writes `TOWARDS_NAMES` of `animal` (0 or 1) towards the other at a frame; returns the next free place. */
export function writeTowardsFeatures(
  plan: BodyPlan,
  frames: Frames,
  time: number,
  animal: number,
  out: Float64Array,
  first: number,
): number {
  const { centre, axis, velocity } = frames.motion;
  const own = (time * 2 + animal) * 2;
  const other = (time * 2 + 1 - animal) * 2;
  const x = centre[other] - centre[own];
  const y = centre[other + 1] - centre[own + 1];
  const distance = length(x, y);
  out[first] = (axis[own] * x + axis[own + 1] * y) / distance;
  out[first + 1] = (velocity[own] * x + velocity[own + 1] * y) / distance;
  out[first + 2] = logSpeed(Math.abs(velocity[own] * y - velocity[own + 1] * x) / distance);
  let nearest = Number.POSITIVE_INFINITY;
  for (let index = 0; index < plan.front.length; index++) {
    for (let keypoint = 0; keypoint < plan.keypoints; keypoint++) {
      const apart = pointDistance(plan, frames.steady, time, animal, plan.front[index], keypoint);
      if (apart < nearest) nearest = apart;
    }
  }
  out[first + 3] = nearest === Number.POSITIVE_INFINITY ? Number.NaN : logDistance(nearest);
  return first + 4;
}

/**
 * Features of the pair. `symmetric`: the same whichever animal comes first, with the mean and the smaller of the two
 * distances between unlike points. Otherwise every distance from a point of the focal animal to one of the partner.
 */
export function pairFeatureNames(skeleton: Skeleton, symmetric: boolean): string[] {
  const names = skeleton.keypoints;
  const distances = names.flatMap((name, first) =>
    names.flatMap((other, second) => {
      if (!symmetric) return [`between.${name}-${other}`];
      if (second < first) return [];
      const mean = `between.${name}-${other}`;
      return first === second ? [mean] : [mean, `${mean}.min`];
    }),
  );
  return [
    ...distances,
    'between.centres',
    'nearest',
    'headings.cos',
    ...(symmetric ? [] : ['headings.sin']),
    'closing',
    'closing.size',
    'relative.speed',
    'observed.points',
    'observed.both',
  ];
}

/** Writes the features of the pair at a frame to `out` from `first` on. */
export function writePairFeatures(
  plan: BodyPlan,
  frames: Frames,
  time: number,
  symmetric: boolean,
  out: Float64Array,
  first: number,
): void {
  const { keypoints } = plan;
  const { steady, motion, lag, framesPerSecond } = frames;
  let place = first;
  let nearest = Number.POSITIVE_INFINITY;
  for (let one = 0; one < keypoints; one++) {
    for (let other = symmetric ? one : 0; other < keypoints; other++) {
      const there = pointDistance(plan, steady, time, 0, one, other);
      const back = symmetric ? pointDistance(plan, steady, time, 1, one, other) : there;
      const low = smaller(there, back);
      if (low < nearest) nearest = low;
      out[place++] = logDistance(Number.isNaN(there + back) ? low : (there + back) / 2);
      if (symmetric && other > one) out[place++] = logDistance(low);
    }
  }
  const { axis, velocity } = motion;
  const own = time * 4;
  const apart = centreDistance(motion.centre, own);
  out[place++] = logDistance(apart);
  out[place++] = nearest === Number.POSITIVE_INFINITY ? Number.NaN : logDistance(nearest);
  out[place++] = axis[own] * axis[own + 2] + axis[own + 1] * axis[own + 3];
  if (!symmetric) out[place++] = axis[own] * axis[own + 3] - axis[own + 1] * axis[own + 2];
  const closing = -distanceRate(motion.centre, own, lag, framesPerSecond);
  out[place++] = closing;
  out[place++] = logSpeed(Math.abs(closing));
  out[place++] = logSpeed(length(velocity[own] - velocity[own + 2], velocity[own + 1] - velocity[own + 3]));
  let count = 0;
  const from = time * keypoints * 4;
  for (let index = from; index < from + keypoints * 4; index += 2) {
    if (!Number.isNaN(frames.observed[index])) count++;
  }
  out[place++] = count;
  out[place] =
    isSeen(frames.observed, from, keypoints) && isSeen(frames.observed, from + keypoints * 2, keypoints)
      ? 1
      : 0;
}

/** Distance of point `one` of an animal from point `other` of the other animal. */
function pointDistance(
  { keypoints }: BodyPlan,
  points: Float64Array,
  time: number,
  animal: number,
  one: number,
  other: number,
): number {
  const from = ((time * 2 + animal) * keypoints + one) * 2;
  const to = ((time * 2 + 1 - animal) * keypoints + other) * 2;
  return length(points[from] - points[to], points[from + 1] - points[to + 1]);
}

function centreDistance(centre: Float64Array, own: number): number {
  return length(centre[own + 2] - centre[own], centre[own + 3] - centre[own + 1]);
}

function distanceRate(centre: Float64Array, own: number, lag: number, framesPerSecond: number): number {
  const step = 4 * lag;
  if (own < step || own + step >= centre.length) return Number.NaN;
  return (
    ((centreDistance(centre, own + step) - centreDistance(centre, own - step)) * framesPerSecond) / (2 * lag)
  );
}

/** The smaller of two numbers, the other where one is missing. */
export function smaller(one: number, other: number): number {
  if (Number.isNaN(one)) return other;
  return Number.isNaN(other) ? one : Math.min(one, other);
}

function isSeen(points: Float64Array, from: number, keypoints: number): boolean {
  for (let index = from; index < from + keypoints * 2; index += 2) {
    if (!Number.isNaN(points[index])) return true;
  }
  return false;
}
