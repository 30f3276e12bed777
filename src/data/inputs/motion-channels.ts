import type { DatasetHeader } from '../pose.js';
import type { Bodies } from './bodies.js';
import { animalRoles, bodyPlanOf, type ChannelGroup } from './channel-group.js';

/**
 * How each body moves from the frame before: its velocity along and across the focal heading (body lengths a second)
 * and how fast it turns (radians a second, counted from x to y). The velocity is the mean over the points that are
 * valid in both frames, so that a point which comes or goes doesn't look like a jump. The first frame of a window,
 * and one after a hidden frame, has no motion.
 */
export function createMotionChannels(header: DatasetHeader, framesPerSecond: number): ChannelGroup {
  const { animals, keypoints } = bodyPlanOf(header);
  const roles = animalRoles(animals);
  const velocity = new Float64Array(2);
  return {
    values: roles.flatMap((role) => [`${role}.along`, `${role}.across`, `${role}.turning`]),
    flags: roles.flatMap((role) => [`${role}.moving.observed`, `${role}.turning.observed`]),
    reachFrames: 1,
    isSymmetric: animals === 1,
    writeValues(bodies, wanted, out, stride, first) {
      for (let time = 0; time < bodies.frames; time++) {
        if (wanted[time] === 0) continue;
        const cos = bodies.frameHeading[time * 2];
        const sin = bodies.frameHeading[time * 2 + 1];
        let column = time * stride + first;
        for (let animal = 0; animal < animals; animal++) {
          meanStep(bodies, animals, keypoints, time, animal, velocity);
          const x = velocity[0] * framesPerSecond;
          const y = velocity[1] * framesPerSecond;
          out[column++] = x * cos + y * sin;
          out[column++] = y * cos - x * sin;
          out[column++] = turn(bodies, animals, time, animal) * framesPerSecond;
        }
      }
    },
    writeFlags(bodies, wanted, out, stride, first) {
      for (let time = 0; time < bodies.frames; time++) {
        if (wanted[time] === 0) continue;
        let column = time * stride + first;
        for (let animal = 0; animal < animals; animal++) {
          meanStep(bodies, animals, keypoints, time, animal, velocity);
          out[column++] = Number.isNaN(velocity[0]) ? 0 : 1;
          out[column++] = Number.isNaN(turn(bodies, animals, time, animal)) ? 0 : 1;
        }
      }
    },
  };
}

/** How each keypoint moves against its own body, in the focal frame (body lengths a second). */
export function createKeypointMotionChannels(header: DatasetHeader, framesPerSecond: number): ChannelGroup {
  const { animals, keypoints } = bodyPlanOf(header);
  const roles = animalRoles(animals);
  const names = header.skeleton.keypoints;
  const frameSize = animals * keypoints * 2;
  const velocity = new Float64Array(2);
  return {
    values: roles.flatMap((role) =>
      names.flatMap((name) => [`${role}.${name}.along`, `${role}.${name}.across`]),
    ),
    flags: roles.flatMap((role) => names.map((name) => `${role}.${name}.moving.observed`)),
    reachFrames: 1,
    isSymmetric: animals === 1,
    writeValues(bodies, wanted, out, stride, first) {
      const { points, frameHeading } = bodies;
      out.fill(Number.NaN, first, first + animals * keypoints * 2); // before the first frame lies nothing
      for (let time = 1; time < bodies.frames; time++) {
        if (wanted[time] === 0) continue;
        const cos = frameHeading[time * 2] * framesPerSecond;
        const sin = frameHeading[time * 2 + 1] * framesPerSecond;
        let column = time * stride + first;
        let index = time * frameSize;
        for (let animal = 0; animal < animals; animal++) {
          meanStep(bodies, animals, keypoints, time, animal, velocity);
          for (let keypoint = 0; keypoint < keypoints; keypoint++, index += 2) {
            const x = points[index] - points[index - frameSize] - velocity[0];
            const y = points[index + 1] - points[index + 1 - frameSize] - velocity[1];
            out[column++] = x * cos + y * sin;
            out[column++] = y * cos - x * sin;
          }
        }
      }
    },
    writeFlags({ frames, points }, wanted, out, stride, first) {
      for (let time = 0; time < frames; time++) {
        if (wanted[time] === 0) continue;
        let column = time * stride + first;
        const from = time * frameSize;
        for (let index = from; index < from + frameSize; index += 2) {
          const isMoving = time > 0 && !Number.isNaN(points[index] - points[index - frameSize]);
          out[column++] = isMoving ? 1 : 0;
        }
      }
    },
  };
}

/** Mean displacement since the frame before, of the points that are valid in both; NaN without one. */
function meanStep(
  { points }: Bodies,
  animals: number,
  keypoints: number,
  time: number,
  animal: number,
  step: Float64Array,
): void {
  const frameSize = animals * keypoints * 2;
  const from = time * frameSize + animal * keypoints * 2;
  let sumX = 0;
  let sumY = 0;
  let count = 0;
  for (let index = from; index < from + keypoints * 2 && time > 0; index += 2) {
    const x = points[index] - points[index - frameSize];
    if (!Number.isNaN(x)) {
      sumX += x;
      sumY += points[index + 1] - points[index + 1 - frameSize];
      count++;
    }
  }
  step[0] = sumX / count; // 0 / 0 is NaN
  step[1] = sumY / count;
}

/** Angle from the heading of the frame before to this one's, in (-pi, pi]; NaN unless both are observed. */
function turn({ heading }: Bodies, animals: number, time: number, animal: number): number {
  if (time === 0) return Number.NaN;
  const now = (time * animals + animal) * 2;
  const before = now - animals * 2;
  const dot = heading[now] * heading[before] + heading[now + 1] * heading[before + 1];
  const cross = heading[before] * heading[now + 1] - heading[before + 1] * heading[now];
  return Math.atan2(cross, dot);
}
