import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../src/training/schedule.js';

describe('learning rate', () => {
  const schedule = { peak: 8, final: 2, warmupSteps: 4, totalSteps: 9 };

  it('rises in equal steps, then falls along half a cosine to the last step', () => {
    const rates = Array.from({ length: 9 }, (_, step) => learningRateAt(step, schedule));
    // Steps 4..8 lie at 0, 1/4, .., 1 of the descent: 2 + 6 (1 + cos(pi x)) / 2.
    const expected = [2, 4, 6, 8, 8, 2 + 3 * (1 + Math.SQRT1_2), 5, 2 + 3 * (1 - Math.SQRT1_2), 2];
    rates.forEach((rate, step) => {
      expect(rate).toBeCloseTo(expected[step], 12);
    });
  });

  it('stays at the final rate afterwards, and starts at the peak without a warm-up', () => {
    expect(learningRateAt(50, schedule)).toBe(2);
    expect(learningRateAt(0, { ...schedule, warmupSteps: 0 })).toBe(8);
  });

  it('is a number in a run of one step', () => {
    expect(learningRateAt(0, { peak: 1, final: 0, warmupSteps: 0, totalSteps: 1 })).toBe(1);
  });
});
