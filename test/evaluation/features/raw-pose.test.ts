import { expect, it } from 'vitest';
import type { DatasetHeader } from '../../../src/data/pose.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import { createRawPose } from '../../../src/evaluation/features/raw-pose.js';
import { PAIR, walkingRecording } from '../../data/walking-animals.js';

const ORDERED: DatasetHeader = { ...PAIR, animals: { ...PAIR.animals, identity: 'ordered' } };
const POINTS = PAIR.skeleton.keypoints.length;

/** Two frames: the first animal's points at (index, 10 index) pixels, the other's a hundred pixels on. */
function readRawPose(change: (pose: Float32Array) => void): Float32Array {
  const walk = walkingRecording(1, { frames: 2 });
  const pose = walk.pose.map((_, index) => {
    const place = index % (POINTS * 4);
    const point = Math.floor((place % (POINTS * 2)) / 2);
    return (index % 2 === 0 ? point : 10 * point) + (place >= POINTS * 2 ? 100 : 0);
  });
  change(pose);
  return createRawPose(createMemoryDataset(ORDERED, [{ ...walk, pose }]), [50]).read(0, 0, 2);
}

it('is relative to the mean of the first animal’s valid points, in body lengths', () => {
  const values = readRawPose((pose) => pose.fill(Number.NaN, 4, 6)); // its third point, in the first frame
  // The others lie at 0, 1, 3, 4, 5, 6, mean 19 / 6; in the second frame at 0 to 6, mean 3.
  expect(values[4]).toBeNaN();
  expect(values[2]).toBeCloseTo((1 - 19 / 6) / 50, 6);
  expect(values[3]).toBeCloseTo((10 - 190 / 6) / 50, 6);
  expect(values[POINTS * 2]).toBeCloseTo((100 - 19 / 6) / 50, 6);
  expect(values[POINTS * 4]).toBeCloseTo((0 - 3) / 50, 6);
});

it('is missing where the first animal is', () => {
  const values = readRawPose((pose) => pose.fill(Number.NaN, 0, POINTS * 2));
  expect(values.subarray(0, POINTS * 4).every(Number.isNaN)).toBe(true);
  expect(values.subarray(POINTS * 4).some(Number.isNaN)).toBe(false);
});
