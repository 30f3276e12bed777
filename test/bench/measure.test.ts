import { expect, it } from 'vitest';
import { measureRuns, medianOf } from '../../src/bench/measure.js';
import { maskedNoiseBatch } from '../../src/bench/noise.js';
import { seededRandom } from '../../src/random.js';

it('takes the middle of the runs', () => {
  expect(medianOf([9, 1, 5])).toBe(5);
  expect(medianOf([10, 9, 1, 5])).toBe(7); // (5 + 9) / 2
});

it('counts what comes after the warm-up', async () => {
  const made: number[] = [];
  const plan = { warmUpRuns: 2, runs: 3, framesPerRun: 100 };
  const result = await measureRuns('a', plan, (run) => {
    made.push(run);
  });
  expect(made).toEqual([0, 1, 2, 3, 4]);
  expect(result.minimumMilliseconds).toBeLessThanOrEqual(result.medianMilliseconds);
  expect(result.framesPerSecond * result.medianMilliseconds).toBeCloseTo(100 * 1000);
  expect(result.peakBytes).toBeGreaterThan(1e6);
});

it('hides exactly round(tokens x ratio) tokens and shows the others, in order', () => {
  const { position, hidden, tokens, target } = maskedNoiseBatch(seededRandom(1), {
    windows: 3,
    windowTokens: 10,
    maskRatio: 0.68,
  });
  expect([position.shape, hidden.shape]).toEqual([
    [6, 3],
    [6, 7],
  ]);
  for (let row = 0; row < 6; row++) {
    const seen = [...position.data.subarray(row * 3, row * 3 + 3)];
    const unseen = [...hidden.data.subarray(row * 7, row * 7 + 7)];
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect([...seen, ...unseen].toSorted((a, b) => a - b)).toEqual([...Array(10).keys()]);
  }
  expect([tokens.shape, target.shape]).toEqual([
    [6, 3, 28],
    [6, 7, 28],
  ]);
});
