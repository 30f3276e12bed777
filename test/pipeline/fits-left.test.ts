import { beforeEach, expect, it } from 'vitest';
import type { RunEventBody } from '../../src/events/event.js';
import { type Cell, countFitsLeft } from '../../src/pipeline/fits-left.js';

const cell = (features: string, task: string, fits: number, frames: number): Cell => ({
  ...{ row: `${features}, seed 1`, features, task, fits, frames },
});
const CELLS = [
  cell('encoder', 'task1', 2, 100),
  cell('encoder', 'task2', 1, 300),
  cell('raw-pose', 'task1', 2, 100),
];

let seconds: number;
let told: Extract<RunEventBody, { type: 'overall' }>[];
beforeEach(() => {
  seconds = 0;
  told = [];
});

function start(measured: Parameters<typeof countFitsLeft>[1] = []) {
  const emit = (event: RunEventBody) => event.type === 'overall' && told.push(event);
  return countFitsLeft(CELLS, measured, emit, () => seconds);
}
const last = () => [told.at(-1)?.done, told.at(-1)?.etaSeconds];

it('predicts by fits of the same task, else by frames, and counts what the present fit has taken', () => {
  const left = start();
  left.begin(CELLS[0]);
  expect(last()).toEqual([0, null]); // nothing is known
  seconds = 10;
  left.fitDone();
  // The other split 10; task 2 has three times the frames: 30; raw pose as encoder: 2 x 10.
  expect(last()).toEqual([1, 60]);
  seconds = 14;
  left.tick();
  expect(last()).toEqual([1, 56]);
  seconds = 14.5;
  left.tick(); // too soon
  expect(told).toHaveLength(3);
  seconds = 40;
  left.tick(); // longer than predicted: nothing is left of it, not less than nothing
  expect(last()).toEqual([1, 50]);
  seconds = 50;
  left.fitDone();
  seconds = 52;
  left.tick(); // scoring goes on: no less than nothing is left of this cell
  expect(last()).toEqual([2, 125]);
  left.cellDone();
  // (10 + 40) / 2 = 25 a fit: 75 for task 2, 50 for raw pose.
  expect(last()).toEqual([2, 125]);
});

it('goes on from cells that an earlier process measured', () => {
  const left = start([{ ...CELLS[0], secondsPerFit: 10 }]);
  left.begin(CELLS[1]);
  expect(last()).toEqual([2, 50]);
  seconds = 6;
  left.fitDone();
  left.cellDone();
  expect(last()).toEqual([3, 20]);
  left.begin(CELLS[2]);
  seconds = 20;
  left.fitDone();
  seconds = 30;
  left.fitDone();
  left.cellDone();
  expect(last()).toEqual([5, 0]);
});

it('counts no fit twice: a head that is fitted again for another task', () => {
  const left = start([{ ...CELLS[0], secondsPerFit: 10 }]);
  left.begin(CELLS[0]);
  seconds = 10;
  left.fitDone();
  left.cellDone();
  expect(last()[0]).toBe(2);
});
