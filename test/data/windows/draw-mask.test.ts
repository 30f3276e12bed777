import { expect, it } from 'vitest';
import { drawMask, hiddenTokenCount } from '../../../src/data/windows/draw-mask.js';
import { seededRandom } from '../../../src/random.js';

it('hides exactly round(tokens x ratio), ascending, within the window', () => {
  for (const [tokens, ratio, span] of [
    [32, 0.6, 3],
    [32, 0.5, 1],
    [10, 0.75, 4],
    [7, 0.9, 6],
    [64, 0.1, 12],
  ]) {
    const count = hiddenTokenCount(tokens, ratio);
    expect(count).toBe(Math.round(tokens * ratio));
    for (let seed = 0; seed < 30; seed++) {
      const hidden = drawMask(tokens, count, span, seededRandom(seed));
      expect(hidden.length).toBe(count);
      expect(new Set(hidden).size).toBe(count);
      expect([...hidden]).toEqual([...hidden].sort((a, b) => a - b));
      expect(hidden[0]).toBeGreaterThanOrEqual(0);
      expect(hidden[count - 1]).toBeLessThan(tokens);
    }
  }
});

it('hides in spans', () => {
  for (let seed = 0; seed < 50; seed++) {
    const hidden = drawMask(30, 10, 4, seededRandom(seed)); // spans of 4, 4 and 2
    const runs: number[] = [];
    hidden.forEach((token, index) => {
      if (index > 0 && token === hidden[index - 1] + 1) runs[runs.length - 1]++;
      else runs.push(1);
    });
    expect(runs.length).toBeLessThanOrEqual(3);
    for (const run of runs) expect([2, 4, 6, 8, 10]).toContain(run); // touching spans add up
  }
});

it('puts the shorter span anywhere', () => {
  const firstRuns = new Set<number>();
  for (let seed = 0; seed < 50; seed++) {
    const hidden = drawMask(60, 6, 4, seededRandom(seed)); // spans of 4 and 2
    firstRuns.add(hidden[2] === hidden[0] + 2 ? 4 : 2);
  }
  expect(firstRuns).toEqual(new Set([2, 4]));
});

it('hides every token about equally often', () => {
  const counts = new Array(16).fill(0);
  for (let seed = 0; seed < 3000; seed++)
    for (const token of drawMask(16, 8, 2, seededRandom(seed))) counts[token]++;
  for (const count of counts.slice(2, -2)) expect(Math.abs(count / 3000 - 0.5)).toBeLessThan(0.08);
});
