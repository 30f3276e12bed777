import { describe, expect, it } from 'vitest';
import { chooseBouts, type HeldOutRun } from '../../../src/evaluation/bouts/choose-bouts.js';

/** Two classes at one frame a second; `certain` of each frame is the probability of class 1. */
function runOf(labels: readonly number[], certain: readonly number[]): HeldOutRun {
  return {
    framesPerSecond: 1,
    labels: Int16Array.from(labels),
    probabilities: Float32Array.from(certain.flatMap((value) => [1 - value, value])),
  };
}

/** A bout of ten frames whose fifth looks like none. */
const TORN = runOf(
  [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
  [0.1, 0.1, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9, 0.9, 0.4, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1],
);

describe('chooseBouts', () => {
  it('takes what finds bouts and frames best', () => {
    // As it is: 9 of 10 frames, precision 1: F1 = 18/19. Of two predicted bouts the one of five frames overlaps by a half:
    // one of one found, F1 = 2/3. Mean (18/19 + 2/3) / 2.
    const raw = chooseBouts([TORN], 2, [1], { smoothSeconds: [0], minimalBoutSeconds: [0] });
    expect(raw.score).toBeCloseTo((18 / 19 + 2 / 3) / 2, 12);
    // Averaged over three frames the gap closes: (.9 + .4 + .9) / 3 > .5, and the edges stay: (.9 + .9 + .1) / 3 > .5.
    const both = chooseBouts([TORN], 2, [1], { smoothSeconds: [0, 2], minimalBoutSeconds: [0] });
    expect(both).toEqual({ smoothSeconds: 2, minimalBoutSeconds: 0, score: 1 });
    // A gap of one frame is a bout of the other class that is too short.
    const dropped = chooseBouts([TORN], 2, [1], { smoothSeconds: [0], minimalBoutSeconds: [0, 2] });
    expect(dropped).toEqual({ smoothSeconds: 0, minimalBoutSeconds: 2, score: 1 });
  });

  it('changes nothing where nothing is better: of equal ones the first', () => {
    const clear = runOf([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0]);
    const tried = { smoothSeconds: [0, 2], minimalBoutSeconds: [0, 2] };
    expect(chooseBouts([clear], 2, [1], tried)).toEqual({
      smoothSeconds: 0,
      minimalBoutSeconds: 0,
      score: 1,
    });
  });

  it('adds recordings up and never joins their bouts', () => {
    // Bouts that end one recording and begin the next are two.
    const [ends, begins] = [runOf([0, 0, 0, 1, 1], [0, 0, 0, 1, 1]), runOf([1, 1, 0, 0, 0], [1, 1, 0, 0, 0])];
    const choice = chooseBouts([ends, begins], 2, [1], { smoothSeconds: [0], minimalBoutSeconds: [3] });
    // Each bout of two is dropped on its own: nothing is found.
    expect(choice.score).toBe(0);
  });
});
