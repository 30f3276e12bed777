import { describe, expect, it } from 'vitest';
import { findBouts, scoreBouts } from '../../../src/evaluation/metrics/bouts.js';

describe('bouts', () => {
  it('are half open runs', () => {
    expect(findBouts([1, 1, 0, 1, -1, 1], 1)).toEqual([
      { start: 0, stop: 2 },
      { start: 3, stop: 4 },
      { start: 5, stop: 6 },
    ]);
  });

  it('match at an overlap of a half, one to one', () => {
    // true [0,4) and [6,10); predicted [1,5): 3/5 matches; [8,12): 2/6 doesn't
    const labels = [1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0];
    const predictions = [0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1];
    const score = scoreBouts([{ labels, predictions }], 1, 0.5);
    expect(score).toEqual({
      precision: 0.5,
      recall: 0.5,
      f1: 0.5,
      trueBouts: 2,
      predictedBouts: 2,
      matchedBouts: 1,
      onsetErrorFrames: 1,
    });
  });

  it('match at exactly the overlap that is asked for', () => {
    // true [0,2), predicted [0,4): 2/4
    const scored = { labels: [1, 1, 0, 0], predictions: [1, 1, 1, 1] };
    expect(scoreBouts([scored], 1, 0.5).matchedBouts).toBe(1);
    expect(scoreBouts([scored], 1, 0.51).matchedBouts).toBe(0);
  });

  it('of two predictions within one bout only one counts', () => {
    const labels = [1, 1, 1, 1, 1, 1];
    const predictions = [1, 1, 0, 1, 1, 1];
    const score = scoreBouts([{ labels, predictions }], 1, 0.3);
    expect(score.matchedBouts).toBe(1);
    expect(score.onsetErrorFrames).toBe(3);
  });

  it('are not looked for where nobody has annotated', () => {
    // predicted: one bout that runs on from annotated frames, and one where nothing is annotated at all
    const labels = [0, 1, 1, -1, -1, -1, -1, -1, -1];
    const predictions = [0, 1, 1, 1, 1, 1, 0, 1, 1];
    const score = scoreBouts([{ labels, predictions }], 1, 0.5);
    expect(score).toMatchObject({ precision: 1, recall: 1, predictedBouts: 1, matchedBouts: 1 });
  });

  it('say so when nothing is there', () => {
    const score = scoreBouts([{ labels: [0], predictions: [0] }], 1, 0.5);
    expect(score.recall).toBe(0);
    expect(score.onsetErrorFrames).toBeNaN();
  });
});
