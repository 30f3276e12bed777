import { expect, it } from 'vitest';
import type { TaskResult } from '../../../src/evaluation/protocols/run-task.js';
import { buildLearningCurve } from '../../../src/evaluation/results/learning-curve.js';

const columns = [{ group: 'all', metric: 'f1', title: 'F1' }] as const;

function result(task: string, seed: number, recordings: number | null, f1: number): TaskResult {
  return {
    ...{ features: 'encoder', group: 'all', task, seed, metrics: { f1 } },
    few: recordings === null ? null : { by: 'recordings', recordings },
    fits: [{ trainedFrames: 100 * (recordings ?? 8) }, { trainedFrames: 0 }],
  } as unknown as TaskResult;
}

it('gives the mean over tasks of each seed, and the spread between seeds; an amount that is not finished is a gap', () => {
  const results = [
    ...[result('a', 1, 2, 0.1), result('b', 1, 2, 0.3), result('a', 2, 2, 0.5), result('b', 2, 2, 0.7)],
    ...[result('a', 1, 4, 0.8), result('b', 1, 4, 0.9), result('a', 2, 4, 1)],
    ...[result('a', 1, null, 0.9), result('b', 1, null, 1)],
  ];
  const { amounts, lines } = buildLearningCurve(results, columns);
  expect(amounts).toHaveLength(3);
  expect(amounts[2]).toBe('all labels');
  const [two, four, all] = lines[0].points;
  // seeds .2 and .6: mean .4, deviation sqrt((.2^2 + .2^2) / 1)
  expect(two?.mean).toBeCloseTo(0.4, 12);
  expect(two?.deviation).toBeCloseTo(Math.sqrt(0.08), 12);
  expect(two?.perSeed.map(({ seed }) => seed)).toEqual([1, 2]);
  expect(two?.trainedFrames).toBe(100); // of 200 and 0 in each
  expect(four).toBeNull();
  expect([all?.deviation, all?.perSeed.length]).toEqual([null, 1]);
});

it('leaves out rows of which nothing is finished', () => {
  const other = { ...result('b', 1, 2, 0.3), features: 'raw-pose' };
  expect(buildLearningCurve([result('a', 1, 2, 0.1), other], columns).lines).toEqual([]);
});
