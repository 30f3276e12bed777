import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCalms21Npy } from '../../../src/data/formats/calms21.js';
import {
  formatNpy,
  formatNpz,
  type NumpyArray,
  parseNpy,
  readNpy,
  readNpz,
} from '../../../src/data/formats/npy.js';
import { readNumpyPoses } from '../../../src/data/formats/numpy-poses.js';

// made by scripts/golden/numpy-files.py with NumPy 2.4.6
const golden = (name: string) => join(import.meta.dirname, 'golden', name);
const RAMP = Array.from({ length: 24 }, (_, at) => at / 8);

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'npy-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('files that NumPy wrote', () => {
  it.each([
    ['f4.npy', [2, 3, 4], Float32Array.from(RAMP)],
    ['f8-fortran.npy', [2, 3, 4], Float64Array.from(RAMP)],
    ['i2-big-endian.npy', [3], Int16Array.of(1, -2, 300)],
    ['scalar.npy', [], Float64Array.of(2.5)],
  ])('%s', async (name, shape, data) => {
    expect(await readNpy(golden(name))).toEqual({ shape, data });
  });

  it('stored and compressed .npz', async () => {
    const stored = await readNpz(golden('stored.npz'));
    expect([...stored.keys()]).toEqual(['pose', 'labels']);
    expect(stored.get('labels')).toEqual({ shape: [3], data: BigInt64Array.of(0n, 1n, 2n) });
    const packed = await readNpz(golden('packed.npz'), ['pose']);
    expect(packed.get('pose')).toEqual({ shape: [2, 3, 4], data: Float32Array.from(RAMP) });
    await expect(readNpz(golden('packed.npz'), ['labels'])).rejects.toThrow(
      /no array labels; it has pose, fps/,
    );
  });

  it('the official CalMS21 dictionary', () => {
    const bytes = readFileSync(golden('calms21_task1_train.npy'));
    const [recording, ...others] = [...readCalms21Npy(bytes, 'f.npy', { task: 1, split: 'train' })];
    expect(others).toEqual([]);
    expect(recording).toMatchObject({
      id: 'task1/train/mouse001_task1_annotator1',
      subset: 'task1/train',
      frames: 3,
    });
    expect(recording.labels.get('task1')).toEqual(Int16Array.of(3, 0, 1));
    // keypoints[1, 1, 0, 3] and scores[2, 1, 6] as Python prints them
    expect(recording.pose[((1 * 2 + 1) * 7 + 3) * 2]).toBe(Math.fround(409.5483027469454));
    expect(recording.scores?.[(2 * 2 + 1) * 7 + 6]).toBe(Math.fround(0.10973466));
  });

  it('never run what a pickle asks for', () => {
    const bytes = readFileSync(golden('malicious.npy'));
    const read = () => [...readCalms21Npy(bytes, 'f.npy', { task: 1, split: 'train' })];
    expect(read).toThrow(/the pickle asks for (builtins|__builtin__)\.print, which is not run/);
  });
});

describe('files that are written', () => {
  const arrays: NumpyArray[] = [
    { shape: [2, 3, 4], data: Float32Array.from(RAMP) },
    { shape: [5], data: Int16Array.of(-1, 0, 1, 2, 3) },
    { shape: [], data: Float64Array.of(Math.PI) },
    { shape: [0, 7], data: new Uint8Array(0) },
  ];
  it('are those of NumPy, byte by byte', () => {
    expect(Buffer.from(formatNpy(arrays[0]))).toEqual(readFileSync(golden('f4.npy')));
  });

  it('come back', async () => {
    for (const array of arrays) expect(parseNpy(formatNpy(array), 'f')).toEqual(array);
    const path = join(root, 'a.npz');
    const named = new Map(arrays.map((array, at) => [`array/${at}é`, array]));
    writeFileSync(path, formatNpz(named));
    expect(await readNpz(path)).toEqual(named);
  });
});

describe('readNumpyPoses', () => {
  const layout = {
    arrays: { pose: 'keypoints', scores: 'scores' },
    axes: ['frame', 'animal', 'space', 'keypoint'],
    animalNames: ['a', 'b'],
    keypointNames: ['nose', 'neck', 'tail'],
  } as const;
  const frames = 4;
  const path = () => join(root, 'poses.npz');
  beforeAll(() => {
    const keypoints = {
      shape: [frames, 2, 2, 3],
      data: Float64Array.from({ length: frames * 12 }, (_, at) => at),
    };
    const scores = {
      shape: [frames, 2, 3],
      data: Float32Array.from({ length: frames * 6 }, (_, at) => at / 100),
    };
    writeFileSync(
      path(),
      formatNpz(
        new Map<string, NumpyArray>([
          ['keypoints', keypoints],
          ['scores', scores],
        ]),
      ),
    );
  });

  it('turns the axes', async () => {
    const poses = await readNumpyPoses(path(), layout);
    expect(poses).toMatchObject({ animals: ['a', 'b'], keypoints: ['nose', 'neck', 'tail'], frames });
    // frame 1, animal 0, keypoint 2: x at [1, 0, 0, 2] = 12 + 2, y at [1, 0, 1, 2] = 12 + 5
    expect([...poses.pose.slice(6 * 2 * 1 + 4, 6 * 2 * 1 + 6)]).toEqual([14, 17]);
    expect(poses.scores?.[6 + 2]).toBe(Math.fround(0.08));
  });

  it('says what shape it expected', async () => {
    const wrong = { ...layout, animalNames: ['a'] };
    await expect(readNumpyPoses(path(), wrong)).rejects.toThrow(
      /keypoints: expected the shape \(frame any, animal 1, space 2, keypoint 3\), got \(4, 2, 2, 3\)/,
    );
    const axes = ['frame', 'frame', 'space', 'keypoint'] as const;
    await expect(readNumpyPoses(path(), { ...layout, axes })).rejects.toThrow(/axes must be/);
  });
});
