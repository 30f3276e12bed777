import { describe, expect, it } from 'vitest';
import type { HostArray } from '../../../src/arrays.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import { createBatchMaker } from '../../../src/data/windows/make-batch.js';
import { readRawWindow } from '../../../src/data/windows/resample.js';
import { PAIR, walkingRecording } from '../walking-animals.js';
import { batchOptions, FRONT_END, FULL_AUGMENT, NEEDS, type NO_AUGMENT, rowOf } from '../window-options.js';

describe('leaks', () => {
  /** The batch of a data set in which what masked frames hold was replaced, for one window (view 0, index 0). */
  function batchWithPoison(
    framesPerSecond: number,
    augment: typeof NO_AUGMENT | null,
    patch: 'frames' | 'mean',
    poison: number | null,
  ) {
    const walk = walkingRecording(7, { frames: 80, framesPerSecond, missing: 0.05 });
    const clean = createMemoryDataset(PAIR, [walk]);
    const window = { framesPerSecond: 30, windowFrames: 32, patchFrames: 2, patch };
    const frontEndSettings = { ...FRONT_END, inputs: { ...FRONT_END.inputs, kinematics: true } };
    const needs = { ...NEEDS, views: 1 };
    const options = batchOptions(clean, { batchSize: 1, augment, needs, window, frontEndSettings });
    const batch = createBatchMaker(options).makeBatch(0);
    if (poison === null) return { batch, poisoned: 0 };
    const hidden = new Set(rowOf(batch.hidden, 0));
    const raw = readRawWindow(clean, 0, 30, {
      start: Math.round(batch.startSeconds.data[0] * 30),
      windowFrames: 32,
    });
    let poisoned = 0;
    const pose = walk.pose.map((value, index) => {
      const modelFrame = Math.round((Math.floor(index / 28) - raw.first) / raw.step);
      if (modelFrame < 0 || modelFrame >= 32 || !hidden.has(modelFrame >> 1)) return value;
      poisoned++;
      return poison;
    });
    const dataset = createMemoryDataset(PAIR, [{ ...walk, pose }]);
    return { batch: createBatchMaker({ ...options, dataset }).makeBatch(0), poisoned };
  }

  const noisy = { ...FULL_AUGMENT, speedSpread: 0 };
  for (const [framesPerSecond, name, augment, patch] of [
    [30, 'clean', null, 'frames'],
    [30, 'augmented', noisy, 'frames'],
    [30, 'augmented', noisy, 'mean'],
    [60, 'clean', null, 'mean'],
    [60, 'augmented', noisy, 'frames'],
    [22, 'clean', null, 'frames'],
    [22, 'augmented', noisy, 'mean'],
  ] as const) {
    it(`do not exist: ${name} recordings at ${framesPerSecond} frames a second, tokens of ${patch}`, () => {
      const { batch } = batchWithPoison(framesPerSecond, augment, patch, null);
      for (const poison of [Number.NaN, 1e30, 3.5]) {
        const { batch: other, poisoned } = batchWithPoison(framesPerSecond, augment, patch, poison);
        expect(poisoned).toBeGreaterThan(100);
        expect(Buffer.compare(bytes(other.tokens), bytes(batch.tokens))).toBe(0);
        expect(Buffer.compare(bytes(other.target), bytes(batch.target))).not.toBe(0);
      }
    });
  }
});

function bytes({ data }: HostArray): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
