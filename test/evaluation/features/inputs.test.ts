import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DatasetHeader, Recording } from '../../../src/data/pose.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import { featureFolder, openStored, storeFeatures } from '../../../src/evaluation/features/feature-store.js';
import { symmetrise } from '../../../src/evaluation/features/frame-features.js';
import { everyFrame, joinInputs } from '../../../src/evaluation/features/head-inputs.js';
import {
  createPooledInputs,
  fitPooling,
  type PoolingSettings,
} from '../../../src/evaluation/features/pooled-inputs.js';
import { createRawPose } from '../../../src/evaluation/features/raw-pose.js';
import { createTrainingMatrix, fitStandardiser } from '../../../src/evaluation/features/training-matrix.js';
import { seededRandom } from '../../../src/random.js';
import { wholeFeatures } from './whole-features.js';

const random = seededRandom(5, 'inputs');
const sizes = [
  { frames: 40, framesPerSecond: 10 },
  { frames: 25, framesPerSecond: 10 },
];
const values = sizes.map(({ frames }) =>
  Float32Array.from({ length: frames * 3 }, (_, index) => {
    const frame = Math.floor(index / 3);
    return index % 3 < 2 && frame % 5 === 0 ? Number.NaN : random.normal(); // channels 0 and 1 go missing together
  }),
);
const features = wholeFeatures(
  { name: 'made', width: 3, channelNames: ['a', 'b', 'c'] },
  (recording) => values[recording],
);
const settings: PoolingSettings = {
  statistics: 'moments',
  scalesSeconds: [0, 0.5],
  spread: true,
  reduction: null,
  flagMissing: true,
};

describe('pooled inputs', () => {
  const fitted = fitPooling(features, sizes, { settings, recordings: [0], every: 1 });

  it('flag each pattern of missing values once', () => {
    expect(fitted.flaggedChannels).toEqual([0]);
  });

  it('tell channels apart that are missing at the same frames of different recordings', () => {
    const half = (recording: number) =>
      Float32Array.from({ length: 25 * 2 }, (_, index) => (index % 2 === recording ? Number.NaN : index));
    const untracked = wholeFeatures({ name: 'halves', width: 2 }, half);
    const same = [sizes[1], sizes[1]];
    const options = { settings, recordings: [0, 1], every: 1 };
    expect(fitPooling(untracked, same, options).flaggedChannels).toEqual([0, 1]);
  });

  it('have a name for every channel', () => {
    const inputs = createPooledInputs(features, sizes, fitted);
    expect(inputs.width).toBe(4 * 3);
    expect(inputs.channelNames).toEqual([
      ...['a', 'b', 'c', 'a.missing'],
      ...['a.mean0.5s', 'b.mean0.5s', 'c.mean0.5s', 'a.missing.mean0.5s'],
      ...['a.spread0.5s', 'b.spread0.5s', 'c.spread0.5s', 'a.missing.spread0.5s'],
    ]);
    const [frame] = [inputs.readFrames(1, Uint32Array.of(10))];
    expect(frame[0]).toBeNaN();
    expect(frame[3]).toBe(1);
    expect(frame[7]).toBeCloseTo(3 / 11, 6); // frames 5, 10, 15 of 5 .. 15
  });

  for (const place of ['channels', 'pools'] as const) {
    it(`reduced (${place}) keep their scale unless whitened`, () => {
      const reduction = { place, components: 2, whiten: false };
      const plain = fitPooling(features, sizes, {
        settings: { ...settings, reduction },
        recordings: [0, 1],
        every: 1,
      });
      const inputs = createPooledInputs(features, sizes, plain);
      expect(inputs.width).toBe(6);
      expect([...inputs.keepsScale]).toEqual([1, 1, 1, 1, 1, 1]);
      const places = [{ recording: 0, frames: everyFrame(40, 1) }];
      expect([...fitStandardiser(inputs, places, null).scale]).toEqual([1, 1, 1, 1, 1, 1]);
      expect(inputs.readFrames(0, Uint32Array.of(1)).every(Number.isFinite)).toBe(true);
    });
  }

  it('join side by side', () => {
    const inputs = createPooledInputs(features, sizes, fitted);
    const joined = joinInputs([inputs, inputs]);
    expect(joined.name).toBe('made+made');
    const rows = joined.readFrames(0, Uint32Array.of(1, 7));
    expect([...rows.subarray(24, 36)]).toEqual([...inputs.readFrames(0, Uint32Array.of(7))]);
  });

  it('become standardised training rows, whatever the pieces in which they are read', () => {
    const inputs = createPooledInputs(features, sizes, fitted);
    const places = [
      { recording: 1, frames: everyFrame(25, 3) },
      { recording: 0, frames: everyFrame(40, 3) },
    ];
    const matrix = createTrainingMatrix(inputs, places, fitStandardiser(inputs, places, 4));
    expect(matrix.frames).toBe(9 + 14);
    const whole = matrix.readRows(0, 23);
    expect([...matrix.readRows(7, 12)]).toEqual([...whole.subarray(7 * 12, 12 * 12)]);
    for (let channel = 0; channel < 12; channel++) {
      let sum = 0;
      for (let row = 0; row < 23; row++) sum += whole[row * 12 + channel];
      expect(Math.abs(sum)).toBeLessThan(1e-4); // missing values count as the mean, 0
    }
  });
});

describe('exchangeable animals', () => {
  const skeleton = {
    keypoints: ['nose', 'tail'],
    edges: [],
    mirrorPairs: [],
    front: [0],
    back: [1],
  } as const;
  const header: DatasetHeader = {
    name: 'pair',
    skeleton,
    animals: { names: ['one', 'two'], identity: 'exchangeable' },
    tracks: [],
  };
  const pose = Float32Array.from({ length: 5 * 8 }, () => 100 * random.normal());
  const swapped = Float32Array.from(pose, (_, index) => pose[index - (index % 8) + (((index % 8) + 4) % 8)]);
  const record = (poses: Float32Array): Recording => ({
    id: 'r',
    subset: 'all',
    frames: 5,
    framesPerSecond: 30,
    pose: poses,
    labels: new Map(),
  });

  it('have the same raw pose in either order, wherever they are', () => {
    const one = createRawPose(createMemoryDataset(header, [record(pose)]), [20]).read(0, 0, 5);
    const other = createRawPose(createMemoryDataset(header, [record(swapped)]), [20]).read(0, 0, 5);
    const shifted = Float32Array.from(pose, (value, index) => value + (index % 2 === 0 ? 64 : -32));
    const moved = createRawPose(createMemoryDataset(header, [record(shifted)]), [20]).read(0, 0, 5);
    one.forEach((value, index) => {
      expect(other[index]).toBeCloseTo(value, 4);
      expect(moved[index]).toBeCloseTo(value, 4);
    });
    // body lengths: the distance of the first animal's nose from its middle is half its nose - tail distance
    const ordered = { ...header, animals: { ...header.animals, identity: 'ordered' as const } };
    const own = createRawPose(createMemoryDataset(ordered, [record(pose)]), [20]).read(0, 0, 1);
    expect(own[0]).toBeCloseTo((pose[0] - pose[2]) / 2 / 20, 5);
    expect(own[4]).toBeCloseTo((pose[4] - (pose[0] + pose[2]) / 2) / 20, 5);
  });

  it('symmetrised by mean and half difference', () => {
    const make = (value: number) => wholeFeatures({ name: 'x', width: 1 }, () => Float32Array.of(value));
    expect([...symmetrise(make(1), make(4), true).read(0, 0, 1)]).toEqual([2.5, 1.5]);
    expect([...symmetrise(make(4), make(1), false).read(0, 0, 1)]).toEqual([2.5]);
  });
});

describe('stored features', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whisker-features-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const key = { name: 'encoder', dataset: 'd', checkpoint: 'c', settings: { layers: [1, 2], rate: 6 } };
  let computed = 0;
  const options = {
    folder,
    key,
    width: 3,
    recordings: sizes.map(({ frames }, recording) => ({ recording, frames })),
    compute: (recording: number) => {
      computed++;
      return values[recording];
    },
  };

  it('are computed once and read in slices', async () => {
    await storeFeatures({ ...options, recordings: options.recordings.slice(0, 1) });
    const seen: string[] = [];
    const onProgress = (done: number, total: number) => seen.push(`${done} of ${total}`);
    const stored = await storeFeatures({ ...options, onProgress });
    expect(seen).toEqual(
      options.recordings.map((_, index) => `${index + 1} of ${options.recordings.length}`),
    );
    expect(computed).toBe(2);
    expect(stored.read(1, 4, 9)).toEqual(values[1].slice(12, 27));
    expect(readdirSync(join(folder, featureFolder(key))).sort()).toEqual([
      '00000.f32',
      '00001.f32',
      'features.json',
    ]);
  });

  it('are opened where they are stored, and nowhere else', () => {
    expect(openStored(options)?.read(1, 4, 9)).toEqual(values[1].slice(12, 27));
    expect(openStored({ ...options, recordings: [{ recording: 2, frames: 1 }] })).toBeNull();
    expect(openStored({ ...options, key: { ...key, name: 'other' } })).toBeNull();
  });

  it('have another folder for other settings, whatever the order of the keys', () => {
    expect(featureFolder({ ...key, settings: { rate: 6, layers: [1, 2] } })).toBe(featureFolder(key));
    expect(featureFolder({ ...key, settings: { rate: 6, layers: [2, 1] } })).not.toBe(featureFolder(key));
  });

  it('refuse a file of another size and a folder of other features', async () => {
    const path = join(folder, featureFolder(key));
    await expect(storeFeatures({ ...options, width: 4 })).rejects.toThrow(/other features/);
    writeFileSync(join(path, '00000.f32'), new Uint8Array(8));
    await expect(storeFeatures(options)).rejects.toThrow(/480|120 values, got 2/);
  });
});
