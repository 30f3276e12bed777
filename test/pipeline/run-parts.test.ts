import { expect, it } from 'vitest';
import { countWorkers } from '../../src/pipeline/run-parts.js';

it.each([
  [1, 1],
  [2, 1],
  [4, 3],
  [8, 6],
  [16, 12],
  [128, 12],
])('on %i processors %i threads prepare batches', (processors, workers) => {
  expect(countWorkers({ workers: null }, processors)).toBe(workers);
});

it('as many as the settings say, and none', () => {
  expect(countWorkers({ workers: 12 }, 2)).toBe(12);
  expect(countWorkers({ workers: 0 }, 16)).toBe(0);
});
