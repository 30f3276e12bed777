import { describe, expect, it } from 'vitest';
import type { Recording } from '../../../src/data/pose.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import type { Batch } from '../../../src/data/windows/batch.js';
import { createBatchMaker } from '../../../src/data/windows/make-batch.js';
import { planWindows } from '../../../src/data/windows/window-plan.js';
import { PAIR, SINGLE, walkingRecording } from '../walking-animals.js';
import { batchOptions, FRONT_END, FULL_AUGMENT, NEEDS, NO_AUGMENT, rowOf } from '../window-options.js';

const WALKS = [
  walkingRecording(1, { frames: 200, missing: 0.1 }),
  walkingRecording(2, { frames: 20, missing: 0.1 }),
  walkingRecording(3, { frames: 150, framesPerSecond: 25 }),
];
const DATASET = createMemoryDataset(PAIR, WALKS);
const PLAIN = { ...NO_AUGMENT, mirrorProbability: 0.5, scaleSpread: 0.1 };

function sameBits(one: Batch, other: Batch): boolean {
  return Object.entries(one).every(([name, { data }]) =>
    Buffer.from(data.buffer).equals(Buffer.from(other[name].data.buffer)),
  );
}

describe('makeBatch', () => {
  it('fills exactly the fields that are asked for, in the shapes that it states', () => {
    for (const needs of [
      NEEDS,
      { ...NEEDS, tokens: 'all' as const, clean: true, truth: true },
      { ...NEEDS, views: 1, mask: null, neighbourSeconds: 2 },
      { ...NEEDS, views: 1, mask: null, futureSeconds: [2, 3] },
    ]) {
      const maker = createBatchMaker(batchOptions(DATASET, { needs }));
      const batch = maker.makeBatch(0);
      expect(Object.keys(batch).sort()).toEqual(Object.keys(maker.fields).sort());
      expect('hidden' in batch && 'target' in batch).toBe(needs.mask !== null);
      expect('clean' in batch).toBe(needs.clean);
      expect('truth' in batch && 'truthWeight' in batch).toBe(needs.truth);
      for (const [name, { shape, type }] of Object.entries(maker.fields)) {
        expect(batch[name].shape).toEqual(shape);
        expect(batch[name].data.length).toBe(shape.reduce((size, extent) => size * extent, 1));
        expect(batch[name].data instanceof Int32Array).toBe(type === 'int32');
        expect(batch[name].data.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('repeats a step bit for bit in a new maker, whatever came before', () => {
    const options = batchOptions(DATASET, { needs: { ...NEEDS, clean: true, neighbourSeconds: 1 } });
    const first = createBatchMaker(options);
    for (const step of [0, 1, 2]) first.makeBatch(step);
    const late = first.stepsPerEpoch + 1;
    expect(sameBits(first.makeBatch(late), createBatchMaker(options).makeBatch(late))).toBe(true);
    expect(sameBits(first.makeBatch(late), first.makeBatch(late + 1))).toBe(false);
    expect(sameBits(first.makeBatch(late), createBatchMaker({ ...options, seed: 4 }).makeBatch(late))).toBe(
      false,
    );
  });

  it('splits tokens into seen and hidden ones', () => {
    const batch = createBatchMaker(batchOptions(DATASET)).makeBatch(0);
    expect(batch.hidden.shape).toEqual([12, 10]); // round(16 x .6)
    for (let row = 0; row < 12; row++) {
      const all = [...rowOf(batch.position, row), ...rowOf(batch.hidden, row)].sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: 16 }, (_, token) => token));
    }
    expect(rowOf(batch.hidden, 0)).not.toEqual(rowOf(batch.hidden, 6)); // two views of one window
  });

  it('enters hidden tokens as zeros with a flag where all tokens are asked for', () => {
    const seen = createBatchMaker(batchOptions(DATASET)).makeBatch(0);
    const all = createBatchMaker(batchOptions(DATASET, { needs: { ...NEEDS, tokens: 'all' } })).makeBatch(0);
    const channels = all.tokens.shape[2];
    expect(channels).toBe(seen.tokens.shape[2] + 1);
    const hidden = rowOf(all.hidden, 3);
    const row = rowOf(all.tokens, 3);
    const visible: number[] = [];
    for (let token = 0; token < 16; token++) {
      const values = row.slice(token * channels, (token + 1) * channels);
      const flag = values.pop();
      expect(flag).toBe(hidden.includes(token) ? 1 : 0);
      if (flag === 1) expect(values.every((value) => value === 0)).toBe(true);
      else visible.push(...values);
    }
    expect(visible).toEqual(rowOf(seen.tokens, 3));
  });

  it('counts every window of an epoch once: what only pads weighs nothing', () => {
    const maker = createBatchMaker(batchOptions(DATASET, { batchSize: 5 }));
    const windows = 2 * (7 + 1 + 6); // ceil(200 / 32), 1, ceil(180 / 32), in two orders
    expect(maker.stepsPerEpoch).toBe(Math.ceil(windows / 5));
    let weight = 0;
    for (let step = 0; step < maker.stepsPerEpoch; step++) {
      for (const value of maker.makeBatch(step).windowWeight.data) weight += value;
    }
    expect(weight).toBe(2 * windows); // two views
  });

  it('puts a neighbour of every window into the second half', () => {
    const needs = { ...NEEDS, neighbourSeconds: 1 };
    const maker = createBatchMaker(batchOptions(DATASET, { needs, batchSize: 8 }));
    let moved = 0;
    for (let step = 0; step < maker.stepsPerEpoch; step++) {
      const batch = maker.makeBatch(step);
      for (let index = 0; index < 4; index++) {
        expect(batch.recording.data[index + 4]).toBe(batch.recording.data[index]);
        const apart = Math.abs(batch.startSeconds.data[index + 4] - batch.startSeconds.data[index]);
        expect(apart).toBeLessThanOrEqual(1);
        if (apart > 0) moved++;
      }
    }
    expect(moved).toBeGreaterThan(20); // all but those of the short recording
  });

  it('lets windows be followed by those that begin at each horizon, and weighs the ones behind the end 0', () => {
    const needs = { ...NEEDS, futureSeconds: [1.5, 4] };
    const maker = createBatchMaker(batchOptions(DATASET, { needs, batchSize: 6 }));
    const seen = { there: 0, behind: 0 };
    for (let step = 0; step < maker.stepsPerEpoch; step++) {
      const { recording, startSeconds, windowWeight } = maker.makeBatch(step);
      for (let index = 0; index < 4; index++) {
        const [own, first] = [2 + index, index % 2];
        const end = startSeconds.data[first] + needs.futureSeconds[Math.floor(index / 2)] + 32 / 30;
        const { frames, framesPerSecond } = DATASET.recordings[recording.data[first]];
        expect(recording.data[own]).toBe(recording.data[first]);
        if (end > frames / framesPerSecond + 0.02) {
          expect([windowWeight.data[own], windowWeight.data[6 + own]]).toEqual([0, 0]); // in both views
          seen.behind++;
        } else if (windowWeight.data[own] === 1) {
          expect(startSeconds.data[own] + 32 / 30).toBeCloseTo(end, 1);
          seen.there++;
        }
      }
    }
    expect(seen.there).toBeGreaterThan(20);
    expect(seen.behind).toBeGreaterThan(20);
  });

  it('states where a window lies', () => {
    const options = batchOptions(DATASET);
    const batch = createBatchMaker(options).makeBatch(0);
    const plan = planWindows({
      recordings: [
        { recording: 0, modelFrames: 200 },
        { recording: 1, modelFrames: 20 },
        { recording: 2, modelFrames: 179 }, // (150 - 1) x 30 / 25, and the first
      ],
      orderCount: 2,
      windowFrames: 32,
      seed: options.seed,
    });
    for (let index = 0; index < 6; index++) {
      const { recording, start } = plan.windowAt(0, index);
      expect(batch.recording.data[index]).toBe(recording);
      expect(batch.startSeconds.data[index]).toBeCloseTo(start / 30, 5);
    }
  });

  it('gives both views the clean window where nothing is varied or hidden', () => {
    const needs = { ...NEEDS, mask: null, clean: true };
    const batch = createBatchMaker(batchOptions(DATASET, { needs, augment: null })).makeBatch(1);
    for (let index = 0; index < 6; index++) {
      expect(rowOf(batch.tokens, index)).toEqual(rowOf(batch.clean, index));
      expect(rowOf(batch.tokens, index + 6)).toEqual(rowOf(batch.clean, index));
    }
  });

  it('keeps targets clean of noise, but mirrors and scales them with the input', () => {
    const only = (augment: typeof NO_AUGMENT) =>
      createBatchMaker(batchOptions(DATASET, { augment })).makeBatch(0);
    const [geometry, plain] = [only(PLAIN), only(NO_AUGMENT)];
    const noisy = only({
      ...FULL_AUGMENT,
      ...PLAIN,
      channelNoise: 2,
      jitterBodyLengths: 0.5,
      speedSpread: 0,
    });
    expect(noisy.target.data).toEqual(geometry.target.data);
    expect(noisy.tokens.data).not.toEqual(geometry.tokens.data);
    expect(geometry.target.data).not.toEqual(plain.target.data);
  });

  it('tells the truth of all tokens where asked; at hidden ones it is the target', () => {
    const batch = createBatchMaker(batchOptions(DATASET, { needs: { ...NEEDS, truth: true } })).makeBatch(0);
    const [rows, hiddenCount, width] = batch.target.shape;
    const tokens = batch.truth.shape[1];
    for (let row = 0; row < rows; row++) {
      for (let index = 0; index < hiddenCount; index++) {
        const place = row * hiddenCount + index;
        const all = (row * tokens + batch.hidden.data[place]) * width;
        for (const [part, whole] of [
          [batch.target, batch.truth],
          [batch.targetWeight, batch.truthWeight],
        ]) {
          expect(whole.data.subarray(all, all + width)).toEqual(
            part.data.subarray(place * width, (place + 1) * width),
          );
        }
      }
    }
    const weighed = Array.from(batch.truthWeight.data).reduce((sum, weight) => sum + weight, 0);
    expect(weighed).toBeGreaterThan(
      Array.from(batch.targetWeight.data).reduce((sum, weight) => sum + weight, 0),
    );
  });

  it('pools the frames of a token where asked', () => {
    const window = { framesPerSecond: 30, windowFrames: 32, patchFrames: 4 };
    const holes = createMemoryDataset(PAIR, [walkingRecording(4, { frames: 200, missing: 0.6 })]);
    const options = batchOptions(holes, { augment: null });
    const make = (patch: 'frames' | 'mean') =>
      createBatchMaker({ ...options, window: { ...window, patch } }).makeBatch(0);
    const [frames, means] = [make('frames'), make('mean')];
    const { valueCount } = options.frontEnd;
    const pool = (name: string, isKnown: (place: number, column: number) => boolean) => {
      const width = means[name].shape[2];
      expect(frames[name].shape[2]).toBe(4 * width);
      return Array.from(means[name].data, (_, index) => {
        const [token, column] = [Math.floor(index / width), index % width];
        const places = [0, 1, 2, 3].map((frame) => (token * 4 + frame) * width + column);
        const known = places.filter((place) => isKnown(place, column));
        const sum = known.reduce((total, place) => total + frames[name].data[place], 0);
        return { mean: Math.fround(sum / Math.max(1, known.length)), weight: known.length > 0 ? 1 : 0 };
      });
    };
    const tokens = pool('tokens', (place, column) => column >= valueCount || frames.tokens.data[place] !== 0);
    expect(tokens.every(({ mean }, index) => mean === means.tokens.data[index])).toBe(true);
    const targets = pool('target', (place) => frames.targetWeight.data[place] === 1);
    expect(targets.every(({ mean }, index) => mean === means.target.data[index])).toBe(true);
    expect(targets.every(({ weight }, index) => weight === means.targetWeight.data[index])).toBe(true);
    expect(targets.some(({ weight }) => weight === 0)).toBe(true);
  });

  it('does not write to the recordings', () => {
    const before = WALKS.map(({ pose }) => pose.slice());
    createBatchMaker(batchOptions(DATASET)).makeBatch(0);
    WALKS.forEach(({ pose }, index) => {
      expect(pose).toEqual(before[index]);
    });
  });

  it('works for one animal', () => {
    const single = createMemoryDataset(SINGLE, [walkingRecording(1, { frames: 90, animals: 1 })]);
    const batch = createBatchMaker(batchOptions(single, { batchSize: 2 })).makeBatch(0);
    expect(batch.tokens.data.some((value) => value !== 0)).toBe(true);
  });

  it('refuses settings that do not fit', () => {
    const make = (changes: Parameters<typeof batchOptions>[1]) => () =>
      createBatchMaker(batchOptions(DATASET, changes));
    expect(make({ needs: { ...NEEDS, mask: { ratio: 0.01, spanTokens: 1 } } })).toThrow(/hides 0 of 16/);
    expect(
      make({ window: { framesPerSecond: 30, windowFrames: 33, patchFrames: 2, patch: 'frames' } }),
    ).toThrow(/whole number/);
    expect(make({ needs: { ...NEEDS, neighbourSeconds: 1 }, batchSize: 5 })).toThrow(/half/);
    expect(make({ needs: { ...NEEDS, futureSeconds: [2] }, batchSize: 5 })).toThrow(/2 equal parts/);
    expect(make({ recordings: [] })).toThrow(/no recording/);
    const none = { pose: false, motion: false, keypointMotion: false, kinematics: false, smoothSeconds: 0 };
    expect(make({ frontEndSettings: { ...FRONT_END, targets: none } })).toThrow(/no target/);
  });
});

describe('weights', () => {
  it('are 0 wherever the truth is missing', () => {
    const gaps = walkingRecording(5, { frames: 64 });
    const missing: Recording = {
      ...gaps,
      pose: gaps.pose.map((value, index) => (Math.floor(index / 28) % 8 === 3 ? Number.NaN : value)),
    };
    const options = batchOptions(createMemoryDataset(PAIR, [missing]), { batchSize: 1, augment: null });
    const batch = createBatchMaker(options).makeBatch(0);
    const targets = options.frontEnd.targetChannels.length;
    const start = Math.round(batch.startSeconds.data[0] * 30);
    rowOf(batch.hidden, 0).forEach((token, index) => {
      for (let frame = 0; frame < 2; frame++) {
        const from = (index * 2 + frame) * targets;
        const weights = batch.targetWeight.data.subarray(from, from + targets);
        const values = batch.target.data.subarray(from, from + targets);
        const isMissing = (start + token * 2 + frame) % 8 === 3;
        if (isMissing) {
          expect(weights.every((weight) => weight === 0)).toBe(true);
          expect(values.every((value) => value === 0)).toBe(true);
        } else expect(weights[0]).toBe(1);
      }
    });
  });
});
