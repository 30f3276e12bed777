import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { binCalibration, brierScore, calibrationError } from '../../../src/evaluation/metrics/calibration.js';

interface Ranking {
  positive: number[];
  scores: number[];
  averagePrecision: number;
  brier: number;
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/sklearn-metrics.json', import.meta.url), 'utf8'),
);

describe('calibration', () => {
  it('Brier equals scikit-learn', () => {
    for (const given of Object.values<Ranking>(golden.rankings)) {
      expect(brierScore(given.positive, given.scores)).toBeCloseTo(given.brier, 10);
    }
  });

  it('bins by hand', () => {
    // bins of a half: {.1, .3} of which one is positive; {.5, 1} both positive
    const bins = binCalibration([0, 1, 1, 1], [0.1, 0.3, 0.5, 1], 2);
    expect(bins.map((bin) => bin.frames)).toEqual([2, 2]);
    expect(bins[0].meanProbability).toBeCloseTo(0.2, 12);
    expect(bins[1].positiveShare).toBe(1);
    // (2 |.2 - .5| + 2 |.75 - 1|) / 4 = .275
    expect(calibrationError(bins)).toBeCloseTo(0.275, 12);
  });
});
