import { expect, test } from 'vitest';
import { estimateRemaining } from '../../src/pipeline/remaining-time.js';

const cell = (row: string, task: string) => ({ row, task });

test('nothing is known before the first cell', () => {
  expect(estimateRemaining([cell('a', '1')], [])).toBeNull();
});

test('a cell takes as long as the newest of its row, else the mean of its task, else of all', () => {
  const measured = [
    { ...cell('a', '1'), seconds: 60 }, // the first of a row computes its features
    { ...cell('a', '2'), seconds: 4 },
    { ...cell('b', '1'), seconds: 20 },
  ];
  // a: 4; c on task 1: (60 + 20) / 2 = 40; c on task 3: (60 + 4 + 20) / 3 = 28
  expect(estimateRemaining([cell('a', '3'), cell('c', '1'), cell('c', '3')], measured)).toBe(72);
  expect(estimateRemaining([], measured)).toBe(0);
});
