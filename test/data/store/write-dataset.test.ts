import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDataset } from '../../../src/data/store/open-dataset.js';
import { verifyDataset } from '../../../src/data/store/verify-dataset.js';
import { writeDataset } from '../../../src/data/store/write-dataset.js';
import { UserError } from '../../../src/errors.js';
import { exampleRecording, exampleSource, type SourceRecording } from './example-source.js';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'store-'));
  folder = join(root, 'set');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const keep = { overwrite: false };

describe('writeDataset and openDataset', () => {
  it('give back what was written, in any slice', async () => {
    const missing = exampleRecording('b', 13);
    missing.pose.fill(Number.NaN, 28, 42);
    const approach = Int16Array.from({ length: 13 }, (_, frame) => (frame % 2) as number);
    const { scores: _, ...unscored } = exampleRecording('c', 5);
    const recordings = [
      exampleRecording('a/1', 96),
      { ...missing, subset: 'all', labels: new Map([...missing.labels, ['task3/approach', approach]]) },
      { ...unscored, labels: new Map() },
    ];
    const progress: string[] = [];
    const result = await writeDataset(folder, exampleSource(recordings), {
      overwrite: false,
      onProgress: ({ id, frames }) => progress.push(`${id} ${frames}`),
    });
    expect(progress).toEqual(['a/1 96', 'b 109', 'c 114']);
    const dataset = openDataset(folder);
    expect(dataset.hash).toBe(result.hash);
    expect(
      dataset.recordings.map((entry) => [entry.id, entry.subset, entry.frames, entry.hasScores]),
    ).toEqual([
      ['a/1', 'task1/train', 96, true],
      ['b', 'all', 13, true],
      ['c', 'task1/train', 5, false],
    ]);
    expect(dataset.readPose(0, 0, 96)).toEqual(recordings[0].pose);
    expect(dataset.readPose(1, 0, 3)).toEqual(recordings[1].pose.subarray(0, 3 * 28));
    expect(dataset.readPose(2, 4, 5)).toEqual(recordings[2].pose.subarray(4 * 28));
    expect(dataset.readScores(1, 2, 13)).toEqual(missing.scores?.subarray(2 * 14));
    expect(dataset.readScores(2, 0, 2)).toEqual(new Float32Array(28).fill(1));
    expect(dataset.readLabels(0, 'task1', 90, 96)).toEqual(recordings[0].labels.get('task1')?.subarray(90));
    expect(dataset.readLabels(1, 'task3/approach', 3, 6)).toEqual(Int16Array.of(1, 0, 1));
    expect(dataset.readLabels(2, 'task1', 0, 2)).toEqual(Int16Array.of(-1, -1));
    expect(dataset.readPose(0, 7, 7)).toHaveLength(0);
    expect(() => dataset.readPose(0, 0, 97)).toThrow(RangeError);
    dataset.close();
    dataset.close();
    expect(() => dataset.readPose(0, 0, 1)).toThrow(/closed/);
    await verifyDataset(folder);
  });

  it('leave the same data set alone and refuse a different one', async () => {
    const source = () => exampleSource([exampleRecording('a', 20)]);
    const first = await writeDataset(folder, source(), keep);
    expect(await writeDataset(folder, source(), keep)).toEqual({ ...first, status: 'present' });
    const other = exampleSource([exampleRecording('b', 20)]);
    await expect(writeDataset(folder, other, keep)).rejects.toThrow(/already holds a different data set/);
    expect((await writeDataset(folder, other, { overwrite: true })).status).toBe('written');
    expect(openDataset(folder).recordings[0].id).toBe('b');
    expect(readdirSync(root)).toEqual(['set']);
  });

  it('do not read the recordings again where the origin is the same', async () => {
    const options = { overwrite: false, origin: 'settings and sources' };
    await writeDataset(folder, exampleSource([exampleRecording('a', 20)]), options);
    const unread = {
      ...exampleSource([]),
      recordings: {
        [Symbol.iterator]: (): Iterator<SourceRecording> => {
          throw new Error('was read');
        },
      },
    };
    expect((await writeDataset(folder, unread, options)).status).toBe('present');
    await expect(writeDataset(folder, unread, { ...options, origin: 'other' })).rejects.toThrow(/different/);
  });

  it('let several writers at once end with one whole data set', async () => {
    const write = () => writeDataset(folder, exampleSource([exampleRecording('a', 200)]), keep);
    const results = await Promise.all([write(), write(), write(), write()]);
    expect(results.filter(({ status }) => status === 'written')).toHaveLength(1);
    await verifyDataset(folder);
    const replace = (id: string) =>
      writeDataset(folder, exampleSource([exampleRecording(id, 9)]), { overwrite: true });
    await Promise.allSettled([replace('b'), replace('c'), replace('d')]);
    await verifyDataset(folder);
    expect(readdirSync(root)).toEqual(['set']);
  });

  it('leave nothing when the disk is full', async () => {
    const probe = await open(join(root, 'probe'), 'w');
    const prototype = Object.getPrototypeOf(probe);
    await probe.close();
    rmSync(join(root, 'probe'));
    vi.spyOn(prototype, 'write').mockRejectedValue(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
    const writing = writeDataset(folder, exampleSource([exampleRecording('a', 20)]), keep);
    await expect(writing).rejects.toThrow(UserError);
    await expect(writing).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringMatching(/disk is full/),
    });
    expect(readdirSync(root)).toEqual([]);
  });

  it('leave nothing when the source fails, and the old data set when it was to be replaced', async () => {
    await writeDataset(folder, exampleSource([exampleRecording('a', 20)]), keep);
    const failing = {
      ...exampleSource([]),
      recordings: (function* () {
        yield exampleRecording('b', 20);
        throw new UserError('data', 'file.json, byte 12: unexpected');
      })(),
    };
    await expect(writeDataset(folder, failing, { overwrite: true })).rejects.toThrow(/byte 12/);
    expect(openDataset(folder).recordings[0].id).toBe('a');
    expect(readdirSync(root)).toEqual(['set']);
  });

  it('clear away what a killed writer left, but not what a living one is writing', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    mkdirSync(join(root, `.set.partial-${hostname()}-${dead}-00`));
    mkdirSync(join(root, `.set.partial-${hostname()}-${process.pid}-00`));
    await writeDataset(folder, exampleSource([exampleRecording('a', 20)]), keep);
    expect(readdirSync(root)).toEqual([`.set.partial-${hostname()}-${process.pid}-00`, 'set']);
  });

  it('put back what a killed writer had moved aside and not replaced', async () => {
    await writeDataset(folder, exampleSource([exampleRecording('a', 20)]), keep);
    const dead = `.set.partial-${hostname()}-${spawnSync(process.execPath, ['-e', '']).pid}-00`;
    renameSync(folder, join(root, `${dead}-replaced`));
    mkdirSync(join(root, dead));
    const failing = {
      ...exampleSource([]),
      recordings: (function* (): Generator<SourceRecording> {
        yield exampleRecording('b', 20);
        throw new UserError('data', 'file.json, byte 12: unexpected');
      })(),
    };
    await expect(writeDataset(folder, failing, { overwrite: true })).rejects.toThrow(/byte 12/);
    expect(openDataset(folder).recordings[0].id).toBe('a');
    expect(readdirSync(root)).toEqual(['set']);
  });

  it('never replace a folder that is no data set', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.tex'), 'years of work');
    const writing = writeDataset(folder, exampleSource([exampleRecording('a', 20)]), { overwrite: true });
    await expect(writing).rejects.toThrow(/thesis\.tex/);
    expect(existsSync(join(folder, 'thesis.tex'))).toBe(true);
  });

  const bad: [string, SourceRecording[], RegExp][] = [
    [
      'half a missing point',
      [exampleRecording('a', 2, { pose: poseWith(29, Number.NaN) })],
      /frame 1: point 0/,
    ],
    [
      'an infinite coordinate',
      [exampleRecording('a', 2, { pose: poseWith(3, Number.POSITIVE_INFINITY) })],
      /frame 0/,
    ],
    [
      'a short pose',
      [exampleRecording('a', 2, { pose: new Float32Array(55) })],
      /expected 56 values, got 55/,
    ],
    ['a score above 1', [exampleRecording('a', 2, { scores: new Float32Array(28).fill(1.5) })], /score 1\.5/],
    [
      'a label outside',
      [exampleRecording('a', 2, { labels: new Map([['task1', Int16Array.of(0, 4)]]) })],
      /label 4/,
    ],
    [
      'an unknown track',
      [exampleRecording('a', 2, { labels: new Map([['x', new Int16Array(2)]]) })],
      /track x/,
    ],
    ['no frames', [exampleRecording('a', 0)], /0 frames/],
    ['a repeated id', [exampleRecording('a', 2), exampleRecording('a', 3)], /was there before/],
    ['a climbing id', [exampleRecording('../../x', 2)], /recording id/],
    ['a poisonous id', [exampleRecording('__proto__', 2)], /recording id/],
    ['no recordings', [], /no recordings/],
  ];
  it.each(bad)('refuse %s', async (_, recordings, message) => {
    await expect(writeDataset(folder, exampleSource(recordings), keep)).rejects.toThrow(message);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('a damaged folder', () => {
  beforeEach(async () => {
    await writeDataset(folder, exampleSource([exampleRecording('a', 20)]), keep);
  });

  it('with a short array is refused when opened', () => {
    truncateSync(join(folder, 'labels.i16'), 38);
    expect(() => openDataset(folder)).toThrow(/expected 40 bytes, got 38/);
  });

  it('with a changed byte is found by verifyDataset', async () => {
    const bytes = readFileSync(join(folder, 'pose.f32'));
    bytes[100] ^= 1;
    writeFileSync(join(folder, 'pose.f32'), bytes);
    openDataset(folder).close();
    await expect(verifyDataset(folder)).rejects.toThrow(/pose\.f32: the checksum differs/);
  });

  it('is made whole by writing it again', async () => {
    const options = { ...keep, origin: 'settings and sources' };
    const write = (overwrite: boolean) =>
      writeDataset(folder, exampleSource([exampleRecording('a', 20)]), { ...options, overwrite });
    expect((await write(true)).status).toBe('written');
    truncateSync(join(folder, 'labels.i16'), 38);
    expect((await write(false)).status).toBe('written');
    await verifyDataset(folder);
    writeFileSync(join(folder, 'pose.f32'), new Uint8Array(20 * 28 * 4));
    expect((await write(false)).status).toBe('present');
    expect((await write(true)).status).toBe('written');
    await verifyDataset(folder);
    expect(readdirSync(root)).toEqual(['set']);
  });

  it('whose description cannot be read is refused before the recordings are read, and replaced', async () => {
    writeFileSync(join(folder, 'dataset.json'), '{"version": 9}');
    let isRead = false;
    const source = () => ({
      ...exampleSource([]),
      recordings: (function* () {
        isRead = true;
        yield exampleRecording('a', 20);
      })(),
    });
    const refused = writeDataset(folder, source(), keep);
    await expect(refused).rejects.toMatchObject({
      message: expect.stringMatching(/format version 9/),
      hint: expect.stringMatching(/--overwrite/),
    });
    expect(isRead).toBe(false);
    await writeDataset(folder, source(), { overwrite: true });
    await verifyDataset(folder);
  });

  it.each([
    [(text: string) => text.slice(0, 300), /not JSON/],
    [(text: string) => text.replace('"version": 1', '"version": 2'), /format version 2/],
    [(text: string) => text.replace('"frames": 20', '"frames": -20'), /recordings\.0\.frames/],
    [(text: string) => text.replace('"id": "a"', '"id": "../a"'), /not a usable recording id/],
    [(text: string) => text.replace(/"tracks": \[\s+"task1"/, '"tracks": ["task9"'), /unknown track task9/],
    [(text: string) => text.replace(/"back": \[\s+4/, '"back": [40'), /refers to keypoint 40/],
    [(text: string) => text.replace('"frames": 20', '"frames": 21'), /expected 2352 bytes, got 2240/],
  ])('with a wrong description is refused (%#)', (change, message) => {
    const path = join(folder, 'dataset.json');
    const text = readFileSync(path, 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(path, change(text));
    expect(() => openDataset(folder)).toThrow(message);
  });
});

function poseWith(index: number, value: number): Float32Array {
  const pose = new Float32Array(56);
  pose[index] = value;
  return pose;
}
