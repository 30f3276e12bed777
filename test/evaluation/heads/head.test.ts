import { describe, expect, it } from 'vitest';
import { fuseProbabilities, listShares } from '../../../src/evaluation/heads/fuse.js';
import { applyHead, checkHead, correctPriors, type Head } from '../../../src/evaluation/heads/head.js';
import { balanceClasses } from '../../../src/evaluation/heads/problem.js';
import { createMoments, standardise } from '../../../src/evaluation/heads/standardise.js';

const head: Head = {
  kind: 'multinomial',
  classNames: ['a', 'b', 'c'],
  standardiser: { mean: Float64Array.of(1, 0), scale: Float64Array.of(2, 1), clip: 3 },
  // [column, width + 1]
  coefficients: { columns: 3, width: 2, values: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, Math.log(2)) },
  strength: 0.1,
};

describe('applying a head', () => {
  it('by hand: inputs (3 - 1) / 2 = 1 and 0 give e, 1 and 2 over their sum', () => {
    const probabilities = applyHead(head, Float32Array.of(3, 0), 1);
    const sum = Math.E + 1 + 2;
    [Math.E / sum, 1 / sum, 2 / sum].forEach((expected, target) => {
      expect(probabilities[target]).toBeCloseTo(expected, 6);
    });
  });

  it('missing values count as the mean, far ones are cut', () => {
    const missing = applyHead(head, Float32Array.of(Number.NaN, Number.NaN), 1);
    expect(missing).toEqual(applyHead(head, Float32Array.of(1, 0), 1));
    expect(applyHead(head, Float32Array.of(1000, 0), 1)).toEqual(applyHead(head, Float32Array.of(7, 0), 1));
  });

  it('a binary head gives both classes', () => {
    const coefficients = { columns: 1, width: 2, values: Float64Array.of(2, 0, 0) };
    const binary: Head = { ...head, kind: 'binary', classNames: ['other', 'it'], coefficients };
    const [other, it] = applyHead(binary, Float32Array.of(3, 0), 1);
    expect(it).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect(other + it).toBeCloseTo(1, 6);
  });

  it('refuses features of another width and a damaged head', () => {
    expect(() => applyHead(head, Float32Array.of(1, 2, 3), 1)).toThrow(/wants 2 features a frame, got 3/);
    expect(() => checkHead({ ...head, classNames: ['a', 'b'] })).toThrow(/different sizes/);
    checkHead(head);
  });
});

describe('priors', () => {
  it('corrected there and back are the same head', () => {
    const [from, to] = [
      [0.2, 0.3, 0.5],
      [0.1, 0.1, 0.8],
    ];
    const back = correctPriors(correctPriors(head, from, to), to, from);
    back.coefficients.values.forEach((value, index) => {
      expect(value).toBeCloseTo(head.coefficients.values[index], 12);
    });
  });

  it('multiply the odds by the ratio of the frequencies', () => {
    const rows = Float32Array.of(2, 0.5);
    const before = applyHead(head, rows, 1);
    const after = applyHead(correctPriors(head, [0.5, 0.25, 0.25], [0.25, 0.5, 0.25]), rows, 1);
    expect(after[1] / after[0] / (before[1] / before[0])).toBeCloseTo(4, 4);
    expect(() => correctPriors(head, [1, 0, 0], [0.3, 0.3, 0.4])).toThrow(/above 0/);
  });

  it('balanced weights give every class the same sum', () => {
    // 6 frames, 3 classes: 6 / (3 x 4), 6 / (3 x 2), none
    expect(balanceClasses([0, 0, 0, 0, 1, 1, -1], 3)).toEqual([0.5, 1, 0]);
  });
});

describe('fusing heads', () => {
  it('is the geometric mean, renormalised', () => {
    const fused = fuseProbabilities([Float32Array.of(0.9, 0.1), Float32Array.of(0.5, 0.5)], 2);
    const [a, b] = [Math.sqrt(0.45), Math.sqrt(0.05)];
    expect(fused[0]).toBeCloseTo(a / (a + b), 6);
    const sure = fuseProbabilities([Float32Array.of(1, 0), Float32Array.of(0, 1)], 2);
    expect(sure[0]).toBeCloseTo(0.5, 6);
  });

  it('weighs the logarithms by shares: .9^.75 .5^.25 against .1^.75 .5^.25', () => {
    const heads = [Float32Array.of(0.9, 0.1), Float32Array.of(0.5, 0.5)];
    const [a, b] = [0.9 ** 0.75 * 0.5 ** 0.25, 0.1 ** 0.75 * 0.5 ** 0.25];
    expect(fuseProbabilities(heads, 2, [0.75, 0.25])[0]).toBeCloseTo(a / (a + b), 6);
    expect(fuseProbabilities(heads, 2, [0, 1])).toBe(heads[1]);
  });

  it('tries equal shares first, then what is near them, one head alone last', () => {
    expect(listShares(2).map(([first]) => first)).toEqual([0.5, 0.25, 0.75, 0, 1]);
    const ofThree = listShares(3);
    expect(ofThree).toHaveLength(28); // 8 over 2
    expect(ofThree[0]).toEqual([1 / 3, 1 / 3, 1 / 3]);
    for (const shares of ofThree) expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(listShares(1)).toEqual([[1]]);
  });
});

describe('standardising', () => {
  it('by hand, in any number of pieces; constant channels and kept scales stay as large as they are', () => {
    const moments = createMoments(4);
    moments.add(Float32Array.of(1, 5, Number.NaN, 10));
    moments.add(Float32Array.of(3, 5, 4, 30));
    const standardiser = moments.standardiser(null, Uint8Array.of(0, 0, 0, 1));
    expect([...standardiser.mean]).toEqual([2, 5, 4, 20]);
    expect([...standardiser.scale]).toEqual([1, 1, 1, 1]);
    expect([...standardise(Float32Array.of(4, 7, Number.NaN, 22), standardiser)]).toEqual([2, 2, 0, 2]);
    expect([...moments.standardiser(1, null).scale]).toEqual([1, 1, 1, 10]);
    expect([...standardise(Float32Array.of(4, 7, 4, 0), moments.standardiser(1, null))]).toEqual([
      1, 1, 0, -1,
    ]);
  });
});
