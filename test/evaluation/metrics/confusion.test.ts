import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  countConfusion,
  meanF1,
  predictClasses,
  scoreClasses,
} from '../../../src/evaluation/metrics/confusion.js';

const golden = JSON.parse(
  readFileSync(new URL('../../golden/sklearn-metrics.json', import.meta.url), 'utf8'),
);

describe('confusion', () => {
  const { labels, probabilities, classCount, scoredClasses } = golden.multiclass;
  const confusion = countConfusion(labels, predictClasses(probabilities, classCount), classCount);

  it('and class scores equal scikit-learn', () => {
    expect([...confusion.counts]).toEqual(golden.multiclass.confusion);
    scoreClasses(confusion).forEach((score, target) => {
      for (const key of ['precision', 'recall', 'f1', 'support'] as const) {
        expect(score[key]).toBeCloseTo(golden.multiclass[key][target], 12);
      }
    });
  });

  it('averages the chosen classes only', () => {
    const f1: number[] = golden.multiclass.f1;
    expect(meanF1(scoreClasses(confusion), scoredClasses)).toBeCloseTo((f1[0] + f1[1] + f1[2]) / 3, 12);
  });

  it('gives 0 for a class that is neither there nor predicted, and skips unannotated frames', () => {
    const scores = scoreClasses(countConfusion([0, -1, 0], [0, 1, 0], 3));
    expect(scores[0]).toEqual({ precision: 1, recall: 1, f1: 1, support: 2 });
    expect(scores[2]).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  });

  it('refuses a label outside the vocabulary', () => {
    expect(() => countConfusion([3], [0], 3)).toThrow(/frame 0 carries class 3/);
  });
});
