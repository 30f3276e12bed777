import { expect, it } from 'vitest';
import { fillGaps } from '../../src/data/fill-gaps.js';

const _ = Number.NaN;

it('fills short gaps along a line, not long ones and no end, and leaves its input alone', () => {
  // two points of one animal: [frame][x, y, x, y]
  const pose = Float32Array.from(
    [
      [_, _, 0, 10],
      [1, 5, _, _],
      [_, _, _, _],
      [3, 9, _, _],
      [_, _, 4, 14],
    ].flat(),
  );
  const before = pose.slice();
  const { pose: filled, pointsFilled } = fillGaps(pose, 5, 2);
  expect(filled).toEqual(
    Float32Array.from(
      [
        [_, _, 0, 10],
        [1, 5, _, _],
        [2, 7, _, _], // half way; three frames are too many for the other point
        [3, 9, _, _],
        [_, _, 4, 14],
      ].flat(),
    ),
  );
  expect([pointsFilled, pose]).toEqual([1, before]);
  const longer = fillGaps(pose, 5, 3);
  expect([...longer.pose.slice(2 * 4 + 2, 2 * 4 + 4), longer.pointsFilled]).toEqual([2, 12, 4]);
});
