import { describe, expect, it } from 'vitest';
import { chooseSpread } from '../../../src/evaluation/suggestion/choose-spread.js';
import { createStretchMeans } from '../../../src/evaluation/suggestion/stretch-means.js';
import { cutStretches, uncertaintyOf } from '../../../src/evaluation/suggestion/stretches.js';
import { seededRandom } from '../../../src/random.js';

describe('cutStretches', () => {
  const all = () => true;

  it('covers what is open, without overlap, with edges where the prediction changes nearby', () => {
    const predicted = Int16Array.from({ length: 100 }, (_, frame) => (frame < 18 ? 0 : frame < 47 ? 1 : 0));
    expect(cutStretches(all, predicted, 20)).toEqual([
      { start: 0, stop: 18 }, // 20 is near 18
      { start: 18, stop: 40 }, // nothing near 40 (47 is farther than a quarter of 20)
      { start: 40, stop: 60 },
      { start: 60, stop: 80 },
      { start: 80, stop: 100 },
    ]);
  });

  it('leaves out what is labelled; a short part is a stretch of its own', () => {
    const isOpen = (frame: number) => frame < 6 || frame >= 60;
    expect(cutStretches(isOpen, new Int16Array(100), 20)).toEqual([
      { start: 0, stop: 6 },
      { start: 60, stop: 80 },
      { start: 80, stop: 100 },
    ]);
    expect(cutStretches(() => false, new Int16Array(10), 5)).toEqual([]);
  });
});

it('measures uncertainty as a share of the highest entropy', () => {
  const probabilities = [1, 0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0, 0];
  // log 2 / log 4 = 1/2
  [0, 1, 0.5].forEach((expected, frame) => {
    expect(uncertaintyOf(probabilities, frame, 4)).toBeCloseTo(expected, 12);
  });
});

describe('createStretchMeans', () => {
  const random = () => seededRandom(1, 'projection');

  it('is the mean over the frames of a stretch', () => {
    const { width, describe } = createStretchMeans(3, random());
    expect([width, [...describe(Float32Array.of(1, 2, 3, 3, 2, 0))]]).toEqual([3, [2, 2, 1.5]]);
  });

  it('keeps the distances of wide inputs within a few percent', () => {
    const { width, describe } = createStretchMeans(2000, random());
    expect(width).toBe(128);
    const noise = seededRandom(2, 'inputs');
    const [one, other] = [0, 1].map(() => Float32Array.from({ length: 2000 }, () => noise.normal()));
    const distance = (a: Float32Array, b: Float32Array) =>
      Math.hypot(...a.map((value, index) => value - b[index]));
    const share = distance(describe(one), describe(other)) / distance(one, other);
    expect(Math.abs(share - 1)).toBeLessThan(0.2); // about 1 / sqrt(2 x 128) = .06 is usual
  });
});

describe('chooseSpread', () => {
  const at = (x: number, weight: number) => ({ vector: Float32Array.of(x, 0), weight });
  /** Three groups: around 0, around 10 and, unsure, around 20. */
  const groups = [-0.2, 0, 0.2, 9.8, 10, 10.2, 19.8, 20, 20.2].map((x) => at(x, x > 15 ? 0.9 : 0.3));

  it('takes the middle of every group, the one of most uncertainty first', () => {
    for (let seed = 0; seed < 20; seed++) {
      const chosen = chooseSpread(groups, [], 3, seededRandom(seed, 'choice'));
      expect(chosen[0]).toBe(7);
      expect(chosen.toSorted((one, other) => one - other)).toEqual([1, 4, 7]);
    }
  });

  it('passes over what lies near something labelled, and over what is sure', () => {
    for (let seed = 0; seed < 20; seed++) {
      const chosen = chooseSpread(groups, [Float32Array.of(20, 0)], 2, seededRandom(seed, 'choice'));
      expect(chosen.toSorted((one, other) => one - other)).toEqual([1, 4]);
      const sure = groups.map(({ vector }, index) => ({ vector, weight: index < 3 ? 1 : 0 }));
      expect(chooseSpread(sure, [], 1, seededRandom(seed, 'choice'))).toEqual([1]);
    }
  });

  it('takes everything once where more is asked for than there is, also of what is all alike', () => {
    const sorted = (candidates: typeof groups, labelled: Float32Array[]) =>
      chooseSpread(candidates, labelled, 20, seededRandom(1, 'choice')).toSorted((a, b) => a - b);
    expect(sorted(groups, [])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(sorted([at(1, 0), at(1, 0), at(1, 0)], [Float32Array.of(1, 0)])).toEqual([0, 1, 2]);
  });

  it('gives the same choice for the same random', () => {
    const choose = () => chooseSpread(groups, [], 4, seededRandom(3, 'choice'));
    expect(choose()).toEqual(choose());
  });
});
