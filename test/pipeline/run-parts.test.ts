import { expect, it } from 'vitest';
import { countWorkers } from '../../src/pipeline/run-parts.js';

it.each([
  [1, 1],
  [2, 1],
  [3, 1],
  [8, 4],
  [16, 8],
  [128, 8],
])('on %i processors %i threads prepare batches', (processors, workers) => {
  expect(countWorkers({ workers: null }, processors)).toBe(workers);
});

it('as many as the settings say, and none', () => {
  expect(countWorkers({ workers: 12 }, 2)).toBe(12);
  expect(countWorkers({ workers: 0 }, 16)).toBe(0);
});
