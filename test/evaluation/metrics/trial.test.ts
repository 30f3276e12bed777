import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keepScoredFrames, scoreTrial } from '../../../src/evaluation/metrics/trial.js';

const golden = JSON.parse(
  readFileSync(new URL('../../golden/sklearn-metrics.json', import.meta.url), 'utf8'),
);

describe('trial', () => {
  const { labels, probabilities, classCount, scoredClasses, trial } = golden.multiclass;

  it('equals scikit-learn on the kept, renormalised frames', () => {
    expect(Math.abs(scoreTrial(labels, probabilities, classCount, scoredClasses) - trial)).toBeLessThan(
      1e-12,
    );
  });

  it('does not depend on the belief in the classes that are not scored', () => {
    // the first three probabilities halved, the fourth takes the rest
    const shrunk = probabilities.map((value: number, index: number) => (index % 4 < 3 ? value / 2 : 0.5));
    expect(scoreTrial(labels, shrunk, classCount, scoredClasses)).toBeCloseTo(trial, 12);
  });

  it('spreads evenly where no scored class is believed', () => {
    expect([...keepScoredFrames([1], [0, 0, 1], 3, [0, 1]).probabilities]).toEqual([0.5, 0.5]);
  });
});
