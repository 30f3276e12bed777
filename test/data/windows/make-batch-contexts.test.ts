import { describe, expect, it } from 'vitest';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import type { Batch } from '../../../src/data/windows/batch.js';
import { createBatchMaker } from '../../../src/data/windows/make-batch.js';
import { slideWindows } from '../../../src/data/windows/slide-windows.js';
import { PAIR, walkingRecording } from '../walking-animals.js';
import { batchOptions, FRONT_END, NEEDS, rowOf } from '../window-options.js';

const DATASET = createMemoryDataset(PAIR, [
  walkingRecording(1, { frames: 200, missing: 0.1 }),
  walkingRecording(2, { frames: 20, missing: 0.1 }),
  walkingRecording(3, { frames: 150, framesPerSecond: 25 }),
]);

describe('makeBatch with contexts', () => {
  const off = { pose: false, motion: false, keypointMotion: false, kinematics: false };
  const context = { ...off, kinematics: true, scalesSeconds: [0.2, 1], quantiles: [0.5], smoothSeconds: 0 };
  const frontEndSettings = {
    ...FRONT_END,
    inputs: { ...off, motion: true, flags: true, context },
    targets: { ...off, motion: true, smoothSeconds: 0, context: true },
  };
  const window = { framesPerSecond: 30, windowFrames: 32, patchFrames: 4, patch: 'mean' } as const;
  const needs = { ...NEEDS, views: 1, mask: null, truth: true };
  const make = (changes: Parameters<typeof batchOptions>[1]) =>
    createBatchMaker(batchOptions(DATASET, { frontEndSettings, window, needs, augment: null, ...changes }));

  it('puts what surrounds a token behind the channels of its frames, in inputs and targets', () => {
    const { frontEnd } = batchOptions(DATASET, { frontEndSettings, window, needs });
    const size = frontEnd.context?.names.length ?? 0;
    const batch = make({}).makeBatch(0);
    const [channels, targets] = [frontEnd.channels.length, frontEnd.targetChannels.length];
    expect(batch.tokens.shape).toEqual([6, 8, channels + size]);
    expect(batch.truth.shape).toEqual([6, 8, targets + size]);
    for (let token = 0; token < 48; token++) {
      const input = batch.tokens.data.subarray(token * (channels + size) + channels).subarray(0, size);
      const truth = batch.truth.data.subarray(token * (targets + size) + targets).subarray(0, size);
      if (batch.truthWeight.data[token * (targets + size) + targets] === 1) expect(input).toEqual(truth);
    }
  });

  it('sees the same surroundings whichever window a token lies in', () => {
    // Windows of 16 and of 32 frames over the same 64 frames: token 5 of the first is token 1 of the second.
    const options = batchOptions(DATASET, { frontEndSettings, window, needs });
    const [wide, narrow] = [32, 16].map((windowFrames) => {
      const slid = slideWindows({
        ...options,
        window: { ...window, windowFrames },
        recordings: [0],
        strideFrames: windowFrames,
        batchSize: 2,
        tokens: 'visible',
      });
      return slid.next().value as { batch: Batch };
    });
    const channels = options.frontEnd.channels.length;
    const size = wide.batch.tokens.shape[2];
    const at = (batch: Batch, token: number) =>
      batch.tokens.data.subarray(token * size + channels, (token + 1) * size);
    expect(at(wide.batch, 5)).toEqual(at(narrow.batch, 5)); // 8 tokens a window against 2 x 4
    expect(at(wide.batch, 5)).not.toEqual(at(wide.batch, 4));
  });

  it('hides tokens with their surroundings, and does not count beyond the recording', () => {
    const masked = { ...needs, mask: { ratio: 0.5, spanTokens: 2 }, tokens: 'all' as const };
    const batch = make({ needs: masked, recordings: [1], batchSize: 1 }).makeBatch(0);
    const channels = batch.tokens.shape[2];
    for (const token of rowOf(batch.hidden, 0)) {
      const values = batch.tokens.data.subarray(token * channels, (token + 1) * channels - 1);
      expect(values.every((value) => value === 0)).toBe(true);
    }
    const targets = batch.truth.shape[2];
    const known = Array.from({ length: 8 }, (_, token) => batch.truthWeight.data[(token + 1) * targets - 1]);
    expect(known).toEqual([1, 1, 1, 1, 1, 0, 0, 0]); // 20 frames of 32
  });
});
