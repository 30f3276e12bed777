import { expect } from 'vitest';

/**
 * Every entry of `actual` lies within `relative` x the largest magnitude of `expected` of its counterpart. NaN and
 * infinity are close to nothing, not even to themselves.
 */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  for (let index = 0; index < expected.length; index++) {
    const error = Math.abs(actual[index] - expected[index]);
    if (!(error <= relative * scale)) {
      expect.fail(
        `entry ${index}: got ${actual[index]}, expected ${expected[index]} (scale ${scale}, ${relative})`,
      );
    }
  }
}
