import { describe, expect, it } from 'vitest';
import type { Recording } from '../../../src/data/pose.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import {
  hideRawFrames,
  modelFrameCount,
  readRawWindow,
  resampleWindow,
} from '../../../src/data/windows/resample.js';
import { SINGLE } from '../walking-animals.js';

const HEADER = {
  ...SINGLE,
  skeleton: { keypoints: ['point'], edges: [], mirrorPairs: [], front: [0], back: [0] },
};

/** One point whose x is the number of the frame. */
function counting(frames: number, framesPerSecond: number, missing: readonly number[] = []) {
  const pose = Float32Array.from({ length: frames * 2 }, (_, index) =>
    missing.includes(index >> 1) ? Number.NaN : index % 2 === 0 ? index / 2 : 7,
  );
  const recording: Recording = { id: 'a', subset: 'all', frames, framesPerSecond, pose, labels: new Map() };
  return createMemoryDataset(HEADER, [recording]);
}

function window(
  dataset: ReturnType<typeof counting>,
  rate: number,
  frames: number,
  start: number,
  options: { speed?: number; visible?: Uint8Array } = {},
): number[] {
  const raw = readRawWindow(dataset, 0, rate, { start, windowFrames: frames, speed: options.speed ?? 1 });
  if (options.visible !== undefined) hideRawFrames(raw, 2, options.visible);
  const out = new Float32Array(frames * 2);
  resampleWindow(raw, 2, out);
  return Array.from(out).filter((_, index) => index % 2 === 0);
}

describe('modelFrameCount', () => {
  it('counts the model frames within a recording', () => {
    expect(modelFrameCount(10, 30, 30)).toBe(10);
    expect(modelFrameCount(10, 30, 15)).toBe(5); // on frames 0, 2, 4, 6, 8
    expect(modelFrameCount(11, 30, 15)).toBe(6);
    expect(modelFrameCount(3, 10, 30)).toBe(7); // 0, 1/3, ..., 2
    expect(modelFrameCount(1, 30, 15)).toBe(1);
    expect(modelFrameCount(0, 30, 15)).toBe(0);
  });
});

describe('resampleWindow', () => {
  it('copies at equal and whole-numbered rates', () => {
    expect(window(counting(40, 30), 30, 4, 7)).toEqual([7, 8, 9, 10]);
    expect(window(counting(40, 30), 15, 4, 7)).toEqual([14, 16, 18, 20]);
  });

  it('interpolates between frames of a slower recording', () => {
    const values = window(counting(40, 10), 25, 6, 5);
    values.forEach((value, index) => {
      expect(value).toBeCloseTo(2 + 0.4 * index, 5);
    });
  });

  it('takes the nearer frame where the other is missing, and nothing where the nearer one is', () => {
    // Original frames 2, 2.4, 2.8, 3.2, 3.6 of which 3 is missing.
    expect(window(counting(40, 10, [3]), 25, 5, 5)).toEqual([2, 2, Number.NaN, Number.NaN, 4]);
  });

  it('pads a short recording with missing frames', () => {
    expect(window(counting(3, 30), 30, 5, 0)).toEqual([0, 1, 2, Number.NaN, Number.NaN]);
  });

  it('keeps the middle at another speed, and stays within the recording', () => {
    const slow = window(counting(100, 30), 30, 11, 40, { speed: 0.9 });
    expect(slow[5]).toBeCloseTo(45, 5);
    expect(slow[6] - slow[5]).toBeCloseTo(0.9, 5);
    const atStart = window(counting(100, 30), 30, 11, 0, { speed: 1.1 });
    expect(atStart[0]).toBe(0);
    const atEnd = window(counting(100, 30), 30, 11, 89, { speed: 1.1 });
    expect(atEnd[10]).toBeCloseTo(99, 4);
  });
});

it('resampleWindow leaves rows of frames that are not shown as they are', () => {
  const raw = readRawWindow(counting(10, 30), 0, 30, { start: 2, windowFrames: 3 });
  const out = new Float32Array(6).fill(-1);
  resampleWindow(raw, 2, out, Uint8Array.of(1, 0, 1));
  expect(Array.from(out)).toEqual([2, 7, -1, -1, 4, 7]);
});

describe('hideRawFrames', () => {
  it('lets nothing of a hidden frame into its neighbours', () => {
    const visible = Uint8Array.of(1, 1, 0, 1, 1, 1);
    // Model frames at 2, 2.4, (2.8), 3.2, 3.6, 4: frame 3 is equally near to 2.8 and 3.2, and hidden with the former.
    expect(window(counting(40, 10), 25, 6, 5, { visible })).toEqual([2, 2, Number.NaN, Number.NaN, 4, 4]);
  });
});
