import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  averagePrecision,
  averagePrecisionByClass,
} from '../../../src/evaluation/metrics/average-precision.js';

interface Ranking {
  positive: number[];
  scores: number[];
  averagePrecision: number;
  brier: number;
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/sklearn-metrics.json', import.meta.url), 'utf8'),
);

describe('average precision', () => {
  for (const [name, given] of Object.entries<Ranking>(golden.rankings)) {
    it(`equals scikit-learn: ${name}`, () => {
      expect(Math.abs(averagePrecision(given.positive, given.scores) - given.averagePrecision)).toBeLessThan(
        1e-12,
      );
    });
  }

  it('groups equal scores: one positive among two equal ones is found with precision 1/2', () => {
    expect(averagePrecision([1, 0], [0.5, 0.5])).toBe(0.5);
    expect(averagePrecision([0, 1], [0.5, 0.5])).toBe(0.5);
  });

  it('refuses scores that are not numbers', () => {
    expect(() => averagePrecision([1, 0], [Number.NaN, 0])).toThrow(/frame 0/);
  });

  it('of each class equals scikit-learn and leaves unannotated frames out', () => {
    const {
      labels,
      probabilities,
      classCount,
      scoredClasses,
      averagePrecision: expected,
    } = golden.multiclass;
    const padded = [...labels, -1, -1];
    const more = [...probabilities, ...new Array(2 * classCount).fill(0.9)];
    averagePrecisionByClass(padded, more, classCount, scoredClasses).forEach((value, index) => {
      expect(Math.abs(value - expected[index])).toBeLessThan(1e-12);
    });
  });
});
