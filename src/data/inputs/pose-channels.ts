import type { DatasetHeader } from '../pose.js';
import { animalRoles, bodyPlanOf, type ChannelGroup } from './channel-group.js';

/**
 * The keypoints of all animals in the focal animal's frame (body lengths; x ahead, y across), and the headings of
 * the partners in it as cosine and sine.
 *
 * Flags: whether the frame is known at all, each keypoint and each heading observed. The focal heading's flag is 0
 * where it is held.
 */
export function createPoseChannels(header: DatasetHeader): ChannelGroup {
  const { animals, keypoints } = bodyPlanOf(header);
  const roles = animalRoles(animals);
  const names = header.skeleton.keypoints;
  const pointCount = animals * keypoints;
  return {
    values: [
      ...roles.flatMap((role) => names.flatMap((name) => [`${role}.${name}.x`, `${role}.${name}.y`])),
      ...roles.slice(1).flatMap((role) => [`${role}.heading.cos`, `${role}.heading.sin`]),
    ],
    flags: [
      'frame.known',
      ...roles.flatMap((role) => names.map((name) => `${role}.${name}.observed`)),
      ...roles.map((role) => `${role}.heading.observed`),
    ],
    reachFrames: 0,
    isSymmetric: animals === 1,
    writeValues({ frames, points, heading, frameOrigin, frameHeading }, wanted, out, stride, first) {
      for (let time = 0; time < frames; time++) {
        if (wanted[time] === 0) continue;
        const originX = frameOrigin[time * 2];
        const originY = frameOrigin[time * 2 + 1];
        const cos = frameHeading[time * 2];
        const sin = frameHeading[time * 2 + 1];
        let column = time * stride + first;
        const from = time * pointCount * 2;
        for (let index = from; index < from + pointCount * 2; index += 2) {
          const x = points[index] - originX;
          const y = points[index + 1] - originY;
          out[column++] = x * cos + y * sin;
          out[column++] = y * cos - x * sin;
        }
        for (let animal = 1; animal < animals; animal++) {
          const x = heading[(time * animals + animal) * 2];
          const y = heading[(time * animals + animal) * 2 + 1];
          out[column++] = x * cos + y * sin;
          out[column++] = y * cos - x * sin;
        }
      }
    },
    writeFlags({ frames, points, heading, frameOrigin, frameHeading }, wanted, out, stride, first) {
      for (let time = 0; time < frames; time++) {
        if (wanted[time] === 0) continue;
        let column = time * stride + first;
        out[column++] = Number.isNaN(frameOrigin[time * 2] + frameHeading[time * 2]) ? 0 : 1;
        const from = time * pointCount * 2;
        for (let index = from; index < from + pointCount * 2; index += 2) {
          out[column++] = Number.isNaN(points[index]) ? 0 : 1;
        }
        for (let animal = 0; animal < animals; animal++) {
          out[column++] = Number.isNaN(heading[(time * animals + animal) * 2]) ? 0 : 1;
        }
      }
    },
  };
}
