import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpz } from '../../src/data/formats/npy.js';
import { packZip } from '../../src/data/formats/zip-entries.js';
import { openMars, openTaskProgramming } from '../../src/data/published-features.js';
import type { Dataset } from '../../src/data/store/dataset.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { chooseHeads } from '../../src/pipeline/apply-heads-choose.js';
import { writeFinetunedRun } from './finetuned-run.js';
import { writeTinyDataset } from './tiny-data.js';

const folder = mkdtempSync(join(tmpdir(), 'published-rows-'));
const data = join(folder, 'data');
const archive = join(folder, 'taskprog.zip');
const mars = join(folder, 'mars');
let dataset: Dataset;
let task1: readonly number[];

/** Features whose first four give the labels away, so that only a wrong match or a shift can lose a frame. */
function tellTale(recording: number, width: number): number[][] {
  const { frames } = dataset.recordings[recording];
  const labels = dataset.readLabels(recording, 'task1', 0, frames);
  return Array.from(labels, (label, frame) =>
    Array.from({ length: width }, (_, at) => (at < 4 ? Number(at === label) : Math.sin(frame + at))),
  );
}

function taskProgramming(recordings: readonly number[]): Buffer {
  const sequences = recordings.map((recording) => [
    dataset.recordings[recording].id,
    { features: tellTale(recording, 32) },
  ]);
  return Buffer.from(JSON.stringify({ 'annotator-id_0': Object.fromEntries(sequences) }));
}

/** MARS keeps [animal, frame, feature]; the resident's features tell. */
function marsFile(recording: number, names = ['a', 'b', 'c', 'd', 'e']): Uint8Array {
  const rows = tellTale(recording, names.length);
  const values = Float32Array.from([...rows.flat(), ...rows.flatMap((row) => row.map(() => 7))]);
  const npz = new Map([
    ['data', { shape: [2, rows.length, names.length], data: values }],
    ['fps', { shape: [1], data: Float64Array.of(30) }],
  ]);
  return withNames(formatNpz(npz), names);
}

/** `formatNpz` writes numbers; the names of features are fixed-width text. */
function withNames(npz: Uint8Array, names: readonly string[]): Uint8Array {
  const header = `{'descr': '<U1', 'fortran_order': False, 'shape': (${names.length},), }`.padEnd(117);
  const text = Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]),
    Buffer.from(`${header}\n`),
    Buffer.from(Uint32Array.from(names, (name) => name.charCodeAt(0)).buffer),
  ]);
  return Buffer.from(packZip([...entriesOf(npz), { name: 'features.npy', bytes: text }]));
}

function entriesOf(npz: Uint8Array): { name: string; bytes: Uint8Array }[] {
  const bytes = Buffer.from(npz);
  const entries: { name: string; bytes: Uint8Array }[] = [];
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50; ) {
    const [size, nameLength] = [bytes.readUInt32LE(at + 22), bytes.readUInt16LE(at + 26)];
    const start = at + 30 + nameLength;
    entries.push({
      name: bytes.toString('utf8', at + 30, start),
      bytes: bytes.subarray(start, start + size),
    });
    at = start + size;
  }
  return entries;
}

beforeAll(async () => {
  await writeTinyDataset(data);
  dataset = openDataset(data);
  task1 = [...dataset.recordings.keys()].filter((at) => dataset.recordings[at].subset.startsWith('task1/'));
  const [train, test] = ['train', 'test'].map((split) =>
    taskProgramming(task1.filter((at) => dataset.recordings[at].subset === `task1/${split}`)),
  );
  const files = [
    { name: 'x/taskprog_features_task1_train.json', bytes: train },
    { name: 'x/taskprog_features_task1_test.json', bytes: test },
    { name: 'x/calms21_task1_train.json', bytes: Buffer.from('not read') },
  ];
  writeFileSync(archive, packZip(files));
  mkdirSync(join(mars, 'train'), { recursive: true });
  for (const at of task1)
    writeFileSync(join(mars, 'train', `${basename(dataset.recordings[at].id)}.npz`), marsFile(at));
});
afterAll(() => dataset.close());

describe('rows on features that CalMS21 publishes', () => {
  it('are scored like others, each frame with its own features, and keep no heads', async () => {
    const run = await writeFinetunedRun(folder, data, 'run', [
      'protocol={type: calms21, tasks: [1]}',
      'rows=[task-programming, mars, raw-pose]',
      `publishedFeatures={taskProgramming: ["${archive}"], mars: ["${mars}"]}`,
    ]);
    const map = (row: string) => run.results.find(({ features }) => features === row)?.metrics.map as number;
    // two classes without a mistake; no test frame carries the third
    expect(map('task-programming')).toBeCloseTo(2 / 3, 6);
    expect(map('mars')).toBeCloseTo(2 / 3, 6);
    expect(map('raw-pose')).toBeLessThan(0.6);
    const rows = ['task-programming', 'mars', 'raw-pose'];
    const choice = { task: null, features: null, seed: null };
    expect(chooseHeads(join(folder, 'run'), rows, choice).features).toBe('raw-pose');
    expect(() => chooseHeads(join(folder, 'run'), rows, { ...choice, features: 'mars' })).toThrow(
      /keeps no heads of mars/,
    );
  });

  it('need files', async () => {
    const rows = ['run=null', 'protocol={type: calms21, tasks: [1]}', 'rows=[raw-pose+mars]'];
    await expect(async () => writeFinetunedRun(folder, data, 'none', rows)).rejects.toThrow(
      /publishedFeatures\.mars.*must name files, since a row is on mars, got none/s,
    );
  });
});

describe('openTaskProgramming', () => {
  it('reads gzipped files, and names recordings without features or of another length', async () => {
    const [one, other] = task1;
    const path = join(folder, 'taskprog_one.json.gz');
    writeFileSync(path, gzipSync(taskProgramming([one])));
    const { read } = await openTaskProgramming([path], dataset.recordings, [one]);
    expect([...(await read(one)).subarray(0, 36)]).toEqual(
      tellTale(one, 32).flat().slice(0, 36).map(Math.fround),
    );
    await expect(openTaskProgramming([path], dataset.recordings, [one, other])).rejects.toThrow(
      `the row task-programming finds no features of 1 of 2 recordings: ${dataset.recordings[other].id}`,
    );
    const longer = dataset.recordings.map((entry) => ({ ...entry, frames: entry.frames + 1 }));
    await expect(openTaskProgramming([path], longer, [one])).rejects.toThrow(
      /has \d+ frames of poses, but \d+ of features/,
    );
  });
});

describe('openMars', () => {
  it('puts both mice side by side, and refuses other features than those of the first file', async () => {
    const [one, other] = task1;
    const own = join(folder, 'own');
    mkdirSync(own);
    const write = (at: number, names?: string[]) =>
      writeFileSync(join(own, `${basename(dataset.recordings[at].id)}.npz`), marsFile(at, names));
    write(one, ['a', 'b', 'c', 'd']);
    write(other, ['a', 'x', 'c', 'd']);
    const opened = await openMars([own], dataset.recordings, [one, other]);
    expect(opened.channelNames).toEqual(
      ['resident', 'intruder'].flatMap((animal) => ['a', 'b', 'c', 'd'].map((name) => `${animal}.${name}`)),
    );
    const [first] = tellTale(one, 4);
    expect([...(await opened.read(one)).subarray(0, 8)]).toEqual([...first, 7, 7, 7, 7]);
    await expect(opened.read(other)).rejects.toThrow(/has other features than .*: x in place of b/);
  });
});
