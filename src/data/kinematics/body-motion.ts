import type { BodyPlan } from '../inputs/bodies.js';

/** Where bodies are, which way they look and how they move; [time, animal, ...], NaN where unknown. */
export interface BodyMotion {
  /** [time, animal, space] mean of the points. */
  readonly centre: Float64Array;
  /** [time, animal, space] unit vector from back to front. */
  readonly axis: Float64Array;
  /** [time, animal, space] mean velocity of the points, body lengths a second. */
  readonly velocity: Float64Array;
}

/** Room for the motion of `frames` frames. */
export function createBodyMotion(animals: number, frames: number): BodyMotion {
  const size = frames * animals * 2;
  return { centre: new Float64Array(size), axis: new Float64Array(size), velocity: new Float64Array(size) };
}

/**
 * @param points steady points [time, animal, keypoint, space]
 * @param lag velocities are taken over frames [t - lag, t + lag]
 */
export function measureMotion(
  plan: BodyPlan,
  points: Float64Array,
  lag: number,
  framesPerSecond: number,
  motion: BodyMotion,
): void {
  const { animals, keypoints } = plan;
  const bodySize = keypoints * 2;
  const step = lag * animals * bodySize;
  const perSecond = framesPerSecond / (2 * lag);
  for (let body = 0; body * bodySize < points.length; body++) {
    for (let space = 0; space < 2; space++) {
      let centre = 0;
      let count = 0;
      let displacement = 0;
      let moving = 0;
      const from = body * bodySize + space;
      for (let index = from; index < from + bodySize; index += 2) {
        if (!Number.isNaN(points[index])) {
          centre += points[index];
          count++;
        }
        const isInside = index >= step && index + step < points.length;
        const difference = isInside ? points[index + step] - points[index - step] : Number.NaN;
        if (!Number.isNaN(difference)) {
          displacement += difference;
          moving++;
        }
      }
      motion.centre[body * 2 + space] = centre / count; // 0 / 0 is NaN
      motion.velocity[body * 2 + space] = (displacement / moving) * perSecond;
    }
    const x = mean(points, body * bodySize, plan.front) - mean(points, body * bodySize, plan.back);
    const y = mean(points, body * bodySize + 1, plan.front) - mean(points, body * bodySize + 1, plan.back);
    const length = Math.sqrt(x * x + y * y);
    motion.axis[body * 2] = length > 1e-4 ? x / length : Number.NaN;
    motion.axis[body * 2 + 1] = length > 1e-4 ? y / length : Number.NaN;
  }
}

function mean(points: Float64Array, from: number, keypoints: readonly number[]): number {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < keypoints.length; index++) {
    const value = points[from + keypoints[index] * 2];
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/**
 * Change of a vector of `vectors` [time, animal, space] over frames [t - lag, t + lag], per second, in one
 * coordinate; NaN at the ends.
 */
export function rate(
  vectors: Float64Array,
  index: number,
  stride: number,
  lag: number,
  framesPerSecond: number,
): number {
  const step = stride * lag;
  if (index < step || index + step >= vectors.length) return Number.NaN;
  return ((vectors[index + step] - vectors[index - step]) * framesPerSecond) / (2 * lag);
}
