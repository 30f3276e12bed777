import { describe, expect, it } from 'vitest';
import { FOLD_GAP, FOLD_HELD_OUT, FOLD_TRAIN } from '../../../src/evaluation/heads/choose-strength.js';
import { balanceUnits, planFolds } from '../../../src/evaluation/protocols/folds.js';

const record = (recording: number, labels: number[]) => ({
  recording,
  frames: Uint32Array.from(labels, (_, frame) => frame),
  labels: Int16Array.from(labels),
});
const options = { count: 3, gapFrames: 5, unit: 'auto' as const };

describe('folds', () => {
  it('go by recording where three recordings carry every class', () => {
    const recordings = [0, 1, 2, 3, 4].map((index) => record(index, [0, 0, 1, 0]));
    const plan = planFolds(recordings, 2, options);
    expect(plan.unit).toBe('recording');
    expect(plan.folds).toHaveLength(3);
    const heldOut = new Float64Array(20);
    for (const fold of plan.folds) {
      expect(fold).not.toContain(FOLD_GAP);
      fold.forEach((role, frame) => {
        if (role === FOLD_HELD_OUT) heldOut[frame]++;
        expect(role).toBe(fold[4 * Math.floor(frame / 4)]); // whole recordings
      });
    }
    expect([...heldOut]).toEqual(new Array(20).fill(1));
  });

  it('go by block with a gap where a class is rarer, and say so', () => {
    const labels = Array.from({ length: 400 }, (_, frame) => Number(frame % 40 < 8));
    const plan = planFolds([record(0, labels), record(1, new Array(100).fill(0))], 2, options);
    expect(plan.unit).toBe('within-recording');
    expect(plan.folds).toHaveLength(3);
    for (const fold of plan.folds) {
      for (let frame = 0; frame < 400; frame++) {
        if (fold[frame] !== FOLD_HELD_OUT) continue;
        for (let near = Math.max(0, frame - 5); near <= Math.min(399, frame + 5); near++) {
          expect(fold[near]).not.toBe(FOLD_TRAIN);
        }
      }
      expect(fold.filter((role) => role === FOLD_GAP).length).toBeGreaterThan(0);
    }
  });

  it('refuse shuffled frames, and labels that are too few', () => {
    expect(() => planFolds([record(0, [0, 1])], 2, { ...options, unit: 'frame' })).toThrow(/refused/);
    expect(() => planFolds([record(0, [0, 1])], 2, options)).toThrow(/too few/);
  });

  it('leave out what holds nothing labelled, and what trains on one class alone', () => {
    const heldOutBy = (recordings: number[][]) =>
      planFolds(
        recordings.map((labels, index) => record(index, labels)),
        2,
        { count: recordings.length, gapFrames: 0, unit: 'recording' },
      )
        .folds.map((fold) => fold.indexOf(FOLD_HELD_OUT))
        .toSorted((a, b) => a - b);
    expect(heldOutBy([[0], [1], [0], [1], [-1]])).toEqual([0, 1, 2, 3]);
    expect(heldOutBy([[-1], [1], [0], [0], [0]])).toEqual([2, 3, 4]); // without 1 nothing but 0 is left
  });

  it('spread a rare class: two units that carry it go apart', () => {
    const counts = [
      [90, 10],
      [80, 0],
      [100, 0],
      [70, 10],
    ].map((count) => Float64Array.from(count));
    const folds = balanceUnits(counts, 2, 2);
    expect(folds[0]).not.toBe(folds[3]);
    expect(folds[1]).not.toBe(folds[2]);
  });
});
