import { type DatasetHeader, MOUSE_SKELETON, type Recording } from '../../src/data/pose.js';
import { seededRandom } from '../../src/random.js';

export const PAIR: DatasetHeader = {
  name: 'pair',
  skeleton: MOUSE_SKELETON,
  animals: { names: ['one', 'other'], identity: 'exchangeable' },
  tracks: [],
};

export const SINGLE: DatasetHeader = {
  ...PAIR,
  name: 'single',
  animals: { names: ['one'], identity: 'ordered' },
};

/** Where the seven points lie on a body of length 1 that looks along x. */
const BODY = [
  [0.6, 0],
  [0.45, 0.15],
  [0.45, -0.15],
  [0.3, 0],
  [-0.4, 0.2],
  [-0.4, -0.2],
  [-0.6, 0],
];

/**
 * Animals of 60 pixels that wander and turn, [frame, animal, keypoint, space]: smooth in time, and never the same
 * twice. A point is missing with probability `missing`.
 */
export function walkingPose(seed: number, frames: number, animals: number, missing = 0): Float32Array {
  const random = seededRandom(seed, 'walking');
  const pose = new Float32Array(frames * animals * BODY.length * 2);
  const states = Array.from({ length: animals }, () => ({
    x: 200 + 300 * random.uniform(),
    y: 200 + 200 * random.uniform(),
    angle: 6 * random.uniform(),
    turning: 0,
  }));
  let index = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (const state of states) {
      state.turning = 0.9 * state.turning + 0.03 * random.normal();
      state.angle += state.turning;
      state.x += 2 * Math.cos(state.angle);
      state.y += 2 * Math.sin(state.angle);
      const [cos, sin] = [60 * Math.cos(state.angle), 60 * Math.sin(state.angle)];
      for (const [ahead, across] of BODY) {
        const isMissing = random.uniform() < missing;
        const wobble = 0.02 * random.normal();
        pose[index++] = isMissing ? Number.NaN : state.x + cos * (ahead + wobble) - sin * across;
        pose[index++] = isMissing ? Number.NaN : state.y + sin * (ahead + wobble) + cos * across;
      }
    }
  }
  return pose;
}

export function walkingRecording(
  seed: number,
  options: { frames: number; animals?: number; framesPerSecond?: number; missing?: number; id?: string },
): Recording {
  return {
    id: options.id ?? `walk${seed}`,
    subset: 'all',
    frames: options.frames,
    framesPerSecond: options.framesPerSecond ?? 30,
    pose: walkingPose(seed, options.frames, options.animals ?? 2, options.missing ?? 0),
    labels: new Map(),
  };
}

/** The pose turned by `angle` about the pixel (0, 0), then shifted. */
export function movePose(pose: Float32Array, angle: number, shiftX: number, shiftY: number): Float32Array {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return pose.map((value, index) =>
    index % 2 === 0
      ? value * cos - pose[index + 1] * sin + shiftX
      : pose[index - 1] * sin + value * cos + shiftY,
  );
}
