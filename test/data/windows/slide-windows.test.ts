import { describe, expect, it } from 'vitest';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import { createBatchMaker } from '../../../src/data/windows/make-batch.js';
import {
  planSlide,
  type SlideBatch,
  slideStart,
  slideWindows,
} from '../../../src/data/windows/slide-windows.js';
import { stitchWindow } from '../../../src/data/windows/stitch-window.js';
import { PAIR, walkingRecording } from '../walking-animals.js';
import { batchOptions, NEEDS } from '../window-options.js';

const WINDOW = { framesPerSecond: 30, windowFrames: 32, patchFrames: 2, patch: 'frames' as const };

/** Model frame in the middle of each token: what a feature that tells the time would be. */
function clock(slide: ReturnType<typeof planSlide>, window: number): Float32Array {
  const { patchFrames, windowFrames } = slide.window;
  return Float32Array.from(
    { length: windowFrames / patchFrames },
    (_, token) => slideStart(slide, window) + token * patchFrames + (patchFrames - 1) / 2,
  );
}

describe('planSlide', () => {
  it('covers a recording with windows that stay within it', () => {
    const slide = planSlide({ frames: 101, framesPerSecond: 30 }, WINDOW, 20);
    const starts = Array.from({ length: slide.windowCount }, (_, window) => slideStart(slide, window));
    expect(starts).toEqual([0, 20, 40, 60, 69]);
  });

  it('has one window for a short recording and none for an empty one', () => {
    for (const [frames, windows] of [
      [32, 1],
      [33, 2],
      [1, 1],
      [0, 0],
    ]) {
      expect(planSlide({ frames, framesPerSecond: 30 }, WINDOW, 20).windowCount).toBe(windows);
    }
  });

  it('refuses strides that leave frames out', () => {
    expect(() => planSlide({ frames: 9, framesPerSecond: 30 }, WINDOW, 33)).toThrow(/every 33 frames/);
  });
});

describe('stitchWindow', () => {
  for (const [frames, framesPerSecond, strideFrames, patchFrames] of [
    [101, 30, 20, 2],
    [500, 30, 32, 1],
    [500, 60, 7, 4],
    [333, 24.5, 16, 8],
    [77, 10, 1, 2],
    [1, 30, 16, 2],
    [5, 30, 16, 1],
  ]) {
    it(`gives every one of ${frames} frames at ${framesPerSecond} a second its own time, once`, () => {
      const slide = planSlide({ frames, framesPerSecond }, { ...WINDOW, patchFrames }, strideFrames);
      let next = 0;
      for (let window = 0; window < slide.windowCount; window++) {
        const { start, values } = stitchWindow(slide, window, clock(slide, window), 1);
        expect(start).toBe(next);
        next += values.length;
        values.forEach((time, index) => {
          const modelFrame = ((start + index) * 30) / framesPerSecond;
          const isAtEnd = modelFrame < patchFrames || modelFrame > slide.modelFrames - patchFrames - 1;
          expect(Math.abs(time - modelFrame)).toBeLessThan(isAtEnd ? patchFrames : 1e-3);
        });
      }
      expect(next).toBe(frames);
    });
  }

  it('prefers the window in whose middle a frame lies', () => {
    const slide = planSlide({ frames: 200, framesPerSecond: 30 }, { ...WINDOW, patchFrames: 1 }, 10);
    for (let window = 1; window < slide.windowCount - 2; window++) {
      const { start, values } = stitchWindow(slide, window, new Float32Array(32), 1);
      expect(values.length).toBe(10);
      const offset = start - slideStart(slide, window);
      expect(offset).toBe(11); // frames 11 .. 20 of 32
    }
  });

  it('takes nothing from tokens beyond the end of a short recording', () => {
    const slide = planSlide({ frames: 10, framesPerSecond: 30 }, WINDOW, 16);
    const features = Float32Array.from({ length: 32 }, (_, index) => (index < 10 ? index % 2 : 1e9)); // 5 of 16 tokens
    const { values } = stitchWindow(slide, 0, features, 2);
    expect(values.length).toBe(20);
    values.forEach((value, index) => {
      expect(value).toBe(index % 2);
    });
  });
});

describe('slideWindows', () => {
  const dataset = createMemoryDataset(PAIR, [
    walkingRecording(1, { frames: 90 }),
    walkingRecording(2, { frames: 1 }),
    walkingRecording(3, { frames: 70, framesPerSecond: 25 }),
  ]);
  const options = batchOptions(dataset);
  const slide = (changes: object = {}): SlideBatch[] => [
    ...slideWindows({ ...options, strideFrames: 16, batchSize: 5, tokens: 'visible', ...changes }),
  ];

  it('yields every window of every recording in every order, and pads with weight 0', () => {
    const batches = slide();
    const rows = batches.flatMap((batch) => batch.rows);
    const counts = [5, 1, 5]; // ceil(58 / 16) + 1, 1, and 84 model frames: ceil(52 / 16) + 1
    expect(rows.length).toBe(2 * (5 + 1 + 5));
    counts.forEach((count, recording) => {
      for (const order of [0, 1]) {
        const windows = rows.filter((row) => row.recording === recording && row.order === order);
        expect(windows.map(({ window }) => window)).toEqual(
          Array.from({ length: count }, (_, window) => window),
        );
      }
    });
    for (const { batch, rows: real } of batches) {
      expect(Array.from(batch.windowWeight.data)).toEqual(
        [0, 1, 2, 3, 4].map((row) => (row < real.length ? 1 : 0)),
      );
      expect(batch.tokens.shape).toEqual([5, 16, 2 * options.frontEnd.channels.length]);
      expect(batch.tokens.data.every(Number.isFinite)).toBe(true);
    }
  });

  it('gives only the windows that answer for a span of frames', () => {
    // Windows of 32 frames from 0, 16, 32, 48 and 58; each answers from halfway between its middle and the one before.
    const windowsOver = (start: number, stop: number) =>
      slide({ recordings: [0], span: { start, stop } })
        .flatMap(({ rows }) => rows)
        .filter(({ order }) => order === 0)
        .map(({ window }) => window);
    expect(windowsOver(0, 90)).toEqual([0, 1, 2, 3, 4]);
    expect(windowsOver(0, 23)).toEqual([0]); // middles at 15.5 and 31.5: the second begins at 24
    expect(windowsOver(23, 25)).toEqual([0, 1]);
    expect(windowsOver(24, 25)).toEqual([1]);
    expect(windowsOver(80, 90)).toEqual([4]);
  });

  it('gives what a clean batch gives at the same place', () => {
    const batch = createBatchMaker({ ...options, needs: { ...NEEDS, clean: true, tokens: 'all' } }).makeBatch(
      0,
    );
    const size = batch.clean.data.length / 6;
    const width = batch.clean.shape[2];
    const slid = slide({ strideFrames: 1, tokens: 'all', batchSize: 1 });
    for (let index = 0; index < 6; index++) {
      const clean = batch.clean.data.subarray(index * size, (index + 1) * size);
      const matches = slid.filter(
        ({ rows }) =>
          rows[0].recording === batch.recording.data[index] &&
          Math.abs(rows[0].window / 30 - batch.startSeconds.data[index]) < 1e-4,
      );
      expect(matches.length).toBe(2); // both orders
      expect(
        matches.some(({ batch: { tokens } }) => Buffer.compare(bytes(tokens.data), bytes(clean)) === 0),
      ).toBe(true);
      expect(clean[width - 1]).toBe(0); // no token is flagged
    }
  });

  it('leaves recordings out that have no frames', () => {
    const empty = createMemoryDataset(PAIR, [
      walkingRecording(1, { frames: 90 }),
      walkingRecording(2, { frames: 0 }),
    ]);
    const rows = [
      ...slideWindows({
        ...options,
        dataset: empty,
        recordings: [0, 1],
        strideFrames: 16,
        batchSize: 3,
        tokens: 'visible',
      }),
    ].flatMap((batch) => batch.rows);
    expect(rows.every(({ recording }) => recording === 0)).toBe(true);
  });
});

function bytes(data: Float32Array | Int32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
