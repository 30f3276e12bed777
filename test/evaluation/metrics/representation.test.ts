import { describe, expect, it } from 'vitest';
import {
  alignment,
  effectiveRank,
  featureSpread,
  neighbourAccuracy,
  uniformity,
} from '../../../src/evaluation/metrics/representation.js';
import { seededRandom } from '../../../src/random.js';

const rows = (width: number, ...values: number[]) => ({ width, values: Float32Array.from(values) });

describe('metrics of a representation', () => {
  it('the spread is 0 for one direction and about 1 on the whole sphere', () => {
    expect(featureSpread(rows(2, 1, 2, 2, 4, 3, 6))).toBeCloseTo(0, 6);
    const random = seededRandom(1, 'sphere');
    const values = Array.from({ length: 4000 * 8 }, () => random.normal());
    expect(featureSpread(rows(8, ...values))).toBeCloseTo(1, 2);
  });

  it('the effective rank counts dimensions', () => {
    // Two equal singular values: entropy log 2. The third channel is the first one again: still two.
    expect(effectiveRank(rows(2, 1, 0, -1, 0, 0, 1, 0, -1))).toBeCloseTo(2, 6);
    expect(effectiveRank(rows(3, 1, 0, 0, -1, 0, 0))).toBeCloseTo(1, 6);
    // Singular values 2 and 1: shares 2/3, 1/3; exp(-(2/3 log 2/3 + 1/3 log 1/3)) = 1.8899.
    expect(effectiveRank(rows(2, 2, 0, -2, 0, 0, 1, 0, -1))).toBeCloseTo(1.8899, 4);
  });

  it('alignment is the squared distance of counterparts', () => {
    // Equal directions: 0; right angles: 2; opposite: 4. Mean 2.
    expect(alignment(rows(2, 1, 0, 1, 0, 3, 0), rows(2, 5, 0, 0, 1, -1, 0))).toBeCloseTo(2, 6);
    expect(alignment(rows(2, 1, 0, 0, 1), rows(2, 3, 0, 0, 2))).toBeCloseTo(0, 6);
  });

  it('uniformity is 0 for equal rows and exact for three', () => {
    expect(uniformity(rows(2, 1, 1, 2, 2))).toBeCloseTo(0, 6);
    // Squared distances 2, 4, 2 between (1,0), (0,1), (-1,0).
    const expected = Math.log((2 * Math.exp(-4) + Math.exp(-8)) / 3);
    expect(uniformity(rows(2, 1, 0, 0, 1, -1, 0))).toBeCloseTo(expected, 6);
  });

  it('neighbours vote, without those that may not', () => {
    const onCircle = (angles: number[]) => angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
    const points = rows(2, ...onCircle([0, 0.1, 0.2, 1.5, 1.6, 1.7]));
    const labels = [0, 0, 0, 1, 1, 1];
    expect(neighbourAccuracy(points, labels, 1, () => true)).toBe(1);
    const recordings = [0, 1, 2, 0, 1, 1];
    // Row 5 (recording 1) may only ask rows 0, 2, 3: 3 is nearest and right. Row 4 likewise. All are right.
    expect(neighbourAccuracy(points, labels, 1, (one, other) => recordings[one] !== recordings[other])).toBe(
      1,
    );
    expect(neighbourAccuracy(points, [0, 1, 0, 1, 0, 1], 1, () => true)).toBe(0);
    expect(neighbourAccuracy(points, labels, 1, () => false)).toBeNaN();
    // Of two labels with one vote each, the nearer neighbour's counts. At angles of 0, 0.1 and 0.3:
    // Row 0 asks 1 (label 0) before 2 (1): right. Row 1 asks 0 (0) before 2 (1): right. Row 2 asks 1 and 0: wrong.
    expect(neighbourAccuracy(rows(2, ...onCircle([0, 0.1, 0.3])), [0, 0, 1], 2, () => true)).toBeCloseTo(
      2 / 3,
      12,
    );
  });
});
