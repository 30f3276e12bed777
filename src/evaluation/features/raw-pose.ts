import type { Dataset } from '../../data/store/dataset.js';
import { computeInPieces, type FrameFeatures, symmetrise } from './frame-features.js';

/**
 * The control: coordinates of all animals in body lengths, relative to the mean of the first animal's valid points,
 * not rotated, nothing smoothed or filled; NaN where missing, and everything NaN where the first animal is.
 * Exchangeable animals: mean and half absolute difference over both orders (see `symmetrise`).
 * @param bodyLengths pixels of a body length for each recording
 */
export function createRawPose(dataset: Dataset, bodyLengths: readonly number[]): FrameFeatures {
  const { animals } = dataset.header;
  const order = animals.names.map((_, animal) => animal);
  const stored = rawPoseInOrder(dataset, bodyLengths, order);
  if (animals.identity === 'ordered' || order.length !== 2) return stored;
  return symmetrise(stored, rawPoseInOrder(dataset, bodyLengths, [1, 0]), true);
}

function rawPoseInOrder(
  dataset: Dataset,
  bodyLengths: readonly number[],
  order: readonly number[],
): FrameFeatures {
  const { skeleton, animals } = dataset.header;
  const bodySize = skeleton.keypoints.length * 2;
  const width = order.length * bodySize;
  const channelNames = order.flatMap((animal) =>
    skeleton.keypoints.flatMap((keypoint) =>
      ['x', 'y'].map((axis) => `${animals.names[animal]}.${keypoint}.${axis}`),
    ),
  );
  const framesOf = (recording: number) => dataset.recordings[recording].frames;
  return computeInPieces({ name: 'raw-pose', width, channelNames }, framesOf, (recording, start, stop) => {
    const pose = dataset.readPose(recording, start, stop); // [frame, animal, keypoint, space]
    const output = new Float32Array(pose.length);
    for (let frame = 0; frame < stop - start; frame++) {
      const origin = meanPoint(pose, frame * width + order[0] * bodySize, bodySize);
      order.forEach((animal, place) => {
        const from = frame * width + animal * bodySize;
        const to = frame * width + place * bodySize;
        for (let index = 0; index < bodySize; index++) {
          output[to + index] = (pose[from + index] - origin[index % 2]) / bodyLengths[recording];
        }
      });
    }
    return output;
  });
}

/** The mean of a body's valid points; NaN where none is. */
function meanPoint(pose: Float32Array, from: number, bodySize: number): readonly [number, number] {
  let [x, y, count] = [0, 0, 0];
  for (let index = 0; index < bodySize; index += 2) {
    if (Number.isNaN(pose[from + index])) continue;
    x += pose[from + index];
    y += pose[from + index + 1];
    count++;
  }
  return [x / count, y / count];
}
