import { expect, test } from 'vitest';
import { drawGeometric, drawKey, drawQuantile, standardNormalCdf } from '../../../src/data/simulate/draw.js';
import { seededRandom } from '../../../src/random.js';

test('keys come in proportion to their weights, never with weight zero', () => {
  const random = seededRandom(1, 'keys');
  const count = { a: 0, b: 0, c: 0 };
  for (let draw = 0; draw < 8000; draw++) {
    count[drawKey(random, { a: 1, b: 0, c: 3 })]++;
  }
  expect(count.b).toBe(0);
  // Binomial: 2000 expected, standard deviation sqrt(8000 / 4 x 3 / 4) = 39.
  expect(Math.abs(count.a - 2000)).toBeLessThan(160);
});

test('the mean of geometric numbers is the one asked for, the least is 1', () => {
  const random = seededRandom(1, 'geometric');
  const numbers = Array.from({ length: 8000 }, () => drawGeometric(random, 5));
  expect(Math.min(...numbers)).toBe(1);
  // Standard deviation of one: sqrt(5 x 4) = 4.5; of the mean of 8,000: 0.05.
  expect(numbers.reduce((sum, value) => sum + value, 0) / 8000).toBeCloseTo(5, 0);
  expect(drawGeometric(random, 1)).toBe(1);
});

test('a quantile function is linear between its levels', () => {
  const at = (level: number) => drawQuantile(level, [0, 0.5, 1], [1, 11, 111]);
  expect([at(0), at(0.25), at(0.5), at(0.75), at(1)]).toEqual([1, 6, 11, 61, 111]);
});

test('the normal distribution function has its tabled values', () => {
  expect(standardNormalCdf(0)).toBeCloseTo(0.5, 7);
  expect(standardNormalCdf(1.959963985)).toBeCloseTo(0.975, 6);
  expect(standardNormalCdf(-1)).toBeCloseTo(0.1586552539, 6);
});
