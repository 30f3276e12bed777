import { describe, expect, it } from 'vitest';
import { animalOrders } from '../../../src/data/inputs/animal-orders.js';
import { drawNeighbour, planWindows } from '../../../src/data/windows/window-plan.js';
import { seededRandom } from '../../../src/random.js';
import { PAIR, SINGLE } from '../walking-animals.js';

const OPTIONS = {
  recordings: [
    { recording: 4, modelFrames: 100 },
    { recording: 7, modelFrames: 10 },
    { recording: 9, modelFrames: 333 },
  ],
  orderCount: 2,
  windowFrames: 32,
  seed: 5,
};

function epoch(seed: number, number: number) {
  const plan = planWindows({ ...OPTIONS, seed });
  return Array.from({ length: plan.windowsPerEpoch }, (_, index) => plan.windowAt(number, index));
}

describe('planWindows', () => {
  it('covers every recording, in every order of animals, once an epoch', () => {
    expect(planWindows(OPTIONS).windowsPerEpoch).toBe(2 * (4 + 1 + 11)); // ceil(100 / 32), 1, ceil(333 / 32)
    const windows = epoch(5, 0);
    for (const order of [0, 1]) {
      for (const { recording, modelFrames } of OPTIONS.recordings) {
        const starts = windows
          .filter((window) => window.recording === recording && window.order === order)
          .map(({ start }) => start)
          .sort((a, b) => a - b);
        expect(starts.length).toBe(Math.ceil(modelFrames / 32));
        expect(starts[0]).toBeGreaterThanOrEqual(0);
        expect(starts[starts.length - 1]).toBeLessThanOrEqual(Math.max(0, modelFrames - 32));
        for (let index = 1; index < starts.length; index++) {
          expect(starts[index] - starts[index - 1]).toBeLessThanOrEqual(32); // no frame between two windows
        }
      }
    }
  });

  it('follows from seed and epoch alone, and differs between them', () => {
    expect(epoch(5, 3)).toEqual(epoch(5, 3));
    expect(epoch(5, 3)).not.toEqual(epoch(5, 4));
    expect(epoch(5, 3)).not.toEqual(epoch(6, 3));
    const plan = planWindows(OPTIONS);
    plan.windowAt(8, 0);
    expect(plan.windowAt(3, 5)).toEqual(epoch(5, 3)[5]);
  });

  it('reaches the first and the last frame in some epoch', () => {
    const starts = new Set<number>();
    for (let number = 0; number < 200; number++) {
      for (const { recording, start } of epoch(5, number)) if (recording === 4) starts.add(start);
    }
    expect(starts.has(0)).toBe(true);
    expect(starts.has(68)).toBe(true);
  });
});

describe('animalOrders', () => {
  it('never swaps animals with roles', () => {
    expect(animalOrders(PAIR)).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(animalOrders({ ...PAIR, animals: { names: ['a', 'b'], identity: 'ordered' } })).toEqual([[0, 1]]);
    expect(animalOrders(SINGLE)).toEqual([[0]]);
    const three = { ...PAIR, animals: { names: ['a', 'b', 'c'], identity: 'exchangeable' as const } };
    expect(animalOrders(three)).toEqual([
      [0, 1, 2],
      [1, 0, 2],
      [2, 0, 1],
    ]);
  });
});

describe('drawNeighbour', () => {
  it('is near, within the recording, and another window', () => {
    const random = seededRandom(1);
    const drawn = new Set(Array.from({ length: 300 }, () => drawNeighbour(5, 3, 7, random)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([2, 3, 4, 6, 7]);
    expect(drawNeighbour(0, 10, 0, random)).toBe(0); // a recording of one window
  });
});
