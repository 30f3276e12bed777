import { describe, expect, it } from 'vitest';
import { measureBodyLengths } from '../../../src/data/inputs/body-length.js';
import type { Recording } from '../../../src/data/pose.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import { PAIR, walkingRecording } from '../walking-animals.js';

// The mean of the front lies .45 ahead of the origin, that of the back .4667 behind it: .9167 x 60 pixels.
const FRONT_TO_BACK = 55;

function scaled(recording: Recording, factor: number): Recording {
  return { ...recording, pose: recording.pose.map((value) => value * factor) };
}

describe('measureBodyLengths', () => {
  const walk = walkingRecording(1, { frames: 400, missing: 0.1 });
  const dataset = createMemoryDataset(PAIR, [walk, scaled(walk, 2)]);

  it('gives each recording its own, isotropically', () => {
    const lengths = measureBodyLengths(dataset, { scope: 'recording', framesPerRecording: 200 });
    expect(Math.abs(lengths[0] - FRONT_TO_BACK)).toBeLessThan(2);
    expect(lengths[1] / lengths[0]).toBeCloseTo(2, 5);
  });

  it('gives all the same where asked', () => {
    const lengths = measureBodyLengths(dataset, { scope: 'dataset', framesPerRecording: 200 });
    expect(new Set(lengths).size).toBe(1);
  });

  it('lends the length of the data set to a recording that shows too little', () => {
    const empty = { ...walk, pose: walk.pose.map(() => Number.NaN) };
    const lengths = measureBodyLengths(createMemoryDataset(PAIR, [walk, empty]), {
      scope: 'recording',
      framesPerRecording: 200,
    });
    expect(lengths[1]).toBe(lengths[0]);
    expect(() =>
      measureBodyLengths(createMemoryDataset(PAIR, [empty]), { scope: 'recording', framesPerRecording: 200 }),
    ).toThrow(/no body length/);
  });
});
