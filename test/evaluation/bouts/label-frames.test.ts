import { describe, expect, it } from 'vitest';
import {
  dropShortBouts,
  labelFrames,
  smoothProbabilities,
} from '../../../src/evaluation/bouts/label-frames.js';

describe('labels from probabilities', () => {
  it('averages over windows that are cut at the edges', () => {
    // 2 s windows at 1 frame a second reach one frame to each side: (1 + 0) / 2, (1 + 0 + 0) / 3, ...
    const smooth = smoothProbabilities(Float32Array.of(1, 0, 0, 1, 0, 1, 0, 1), 2, 1, 2);
    const expected = [1 / 2, 1 / 2, 1 / 3, 2 / 3, 0, 1, 0, 1];
    for (const [index, value] of expected.entries()) expect(smooth[index]).toBeCloseTo(value, 6);
  });

  it('averages a long recording as if it were one piece', () => {
    const frames = 70_000;
    const ramp = Float32Array.from({ length: frames }, (_, frame) => frame);
    const smooth = smoothProbabilities(ramp, 1, 1, 4); // two frames to each side: a ramp stays a ramp
    expect([...smooth.subarray(32_760, 32_780)]).toEqual([...ramp.subarray(32_760, 32_780)]);
    expect(smooth[0]).toBe(1);
    expect(smooth[frames - 1]).toBe(frames - 2);
  });

  it('gives short bouts to the more probable neighbour, shortest first', () => {
    const labels = Int16Array.of(0, 0, 0, 1, 2, 2, 2, 2);
    const probabilities = new Float32Array(24).fill(0.1);
    probabilities[3 * 3 + 2] = 0.4; // class 2 is the likelier neighbour of frame 3
    expect([...dropShortBouts(labels, probabilities, 3, 2)]).toEqual([0, 0, 0, 2, 2, 2, 2, 2]);
    // then the three frames of class 0 are too short as well
    expect([...dropShortBouts(labels, probabilities, 3, 4)]).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
    expect([...dropShortBouts(labels, probabilities, 3, 1)]).toEqual([...labels]);
    // both neighbours are of one class: they become one bout, long enough to stay
    const split = Int16Array.of(0, 0, 1, 0, 0, 2, 2, 2, 2, 2);
    const towardsTwo = Float32Array.from({ length: 30 }, (_, index) => Number(index % 3 === 2));
    expect([...dropShortBouts(split, towardsTwo, 3, 5)]).toEqual([0, 0, 0, 0, 0, 2, 2, 2, 2, 2]);
    expect([...dropShortBouts(Int16Array.of(1, 1), new Float32Array(4), 2, 9)]).toEqual([1, 1]);
  });

  it('counts a bout of exactly the minimal time as long enough', () => {
    const first = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
    const probabilities = Float32Array.from(first.flatMap((one) => [one, 1 - one]));
    const label = (minimalBoutSeconds: number) => [
      ...labelFrames(probabilities, 2, 100, { smoothSeconds: 0, minimalBoutSeconds }),
    ];
    expect(label(0.07)).toEqual(first.map((one) => 1 - one)); // 7.000000000000001 frames
    expect(label(0.08)).toEqual(first.map(() => 0));
  });
});
