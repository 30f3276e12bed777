import type { Dataset } from '../store/dataset.js';
import { createKinematics, type KinematicSettings } from './kinematics.js';

export interface RecordingKinematicsOptions {
  readonly dataset: Dataset;
  readonly recording: number;
  readonly settings: KinematicSettings;
  /** Animals by number, the focal one first. */
  readonly order: readonly number[];
  /** Pixels of a body length. */
  readonly bodyLength: number;
}

/** Consecutive frames [start, start + values.length / names.length) of a recording. */
export interface KinematicChunk {
  readonly start: number;
  /** [frame, feature]; NaN where unknown. */
  readonly values: Float32Array;
}

const CHUNK_FRAMES = 4096;

/**
 * Kinematic features of the original frames [first, end) of a recording, at its own rate, a few thousand frames at a time.
 *
 * @throws UserError for more than two animals.
 */
export function* readKinematics(
  options: RecordingKinematicsOptions,
  first = 0,
  end = options.dataset.recordings[options.recording].frames,
): Generator<KinematicChunk> {
  const { dataset, recording, order, bodyLength } = options;
  const { frames, framesPerSecond } = dataset.recordings[recording];
  const kinematics = createKinematics(options.settings, dataset.header, framesPerSecond);
  const width = kinematics.names.length;
  const bodySize = dataset.header.skeleton.keypoints.length * 2;
  for (let start = first; start < end; start += CHUNK_FRAMES) {
    const stop = Math.min(end, start + CHUNK_FRAMES);
    const from = Math.max(0, start - kinematics.reachFrames);
    const to = Math.min(frames, stop + kinematics.reachFrames);
    const points = toBodyLengths(dataset.readPose(recording, from, to), bodySize, order, bodyLength);
    const values = new Float32Array((to - from) * width);
    kinematics.compute(points, null, values, width, 0);
    yield { start, values: values.slice((start - from) * width, (stop - from) * width) };
  }
}

/** Poses in pixels [frame, animal, keypoint, space] to body lengths, with the animals in another order. */
function toBodyLengths(
  pose: Float32Array,
  bodySize: number,
  order: readonly number[],
  bodyLength: number,
): Float64Array {
  const points = new Float64Array(pose.length);
  for (let body = 0; body * bodySize < pose.length; body++) {
    const animal = body % order.length;
    const from = (body - animal + order[animal]) * bodySize;
    for (let index = 0; index < bodySize; index++)
      points[body * bodySize + index] = pose[from + index] / bodyLength;
  }
  return points;
}
