import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBorisEvents } from '../../../src/data/formats/boris.js';
import { readDeepLabCutCsv } from '../../../src/data/formats/deeplabcut-csv.js';
import { readChunks } from '../../../src/data/formats/read-chunks.js';
import { OWN_LAB, writeOwnLab } from '../../../src/data/simulate/write-own-lab.js';

const folder = mkdtempSync(join(tmpdir(), 'whisker-own-lab-'));
const options = { seed: 3, recordings: 2, framesPerRecording: 1200, missingShare: 0.05 };
let paths: string[] = [];

beforeAll(async () => {
  paths = await writeOwnLab(folder, options);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('poses are a multi-animal DeepLabCut table with names of its own and empty cells', async () => {
  expect(paths.map((path) => path.slice(folder.length + 1))).toEqual([
    'mice-01DLC.csv',
    join('boris', 'mice-01.csv'),
    'mice-02DLC.csv',
    join('boris', 'mice-02.csv'),
  ]);
  const poses = await readDeepLabCutCsv(readChunks(paths[0]), paths[0]);
  expect(poses.frames).toBe(1200);
  expect(poses.animals).toEqual(OWN_LAB.individuals);
  expect(poses.keypoints).toEqual(OWN_LAB.bodyparts);
  const missing = poses.pose.filter(Number.isNaN).length / poses.pose.length;
  expect(missing).toBeGreaterThan(0.03);
  expect(missing).toBeLessThan(0.08);
  const finite = poses.pose.filter(Number.isFinite);
  // 640 x 356 pixels; a point that jumped may lie outside.
  expect(finite.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(640 * 1.5);
});

test('events of BORIS are bouts of the resident, in the words of the lab', () => {
  const text = readFileSync(paths[1], 'utf8');
  const streams = readBorisEvents(text, paths[1], { framesPerSecond: 30, timeOffsetSeconds: 'file' });
  expect(streams.map(({ name }) => name)).toEqual(['black']);
  const bouts = streams[0].bouts;
  expect(new Set(bouts.map((bout) => bout.name))).toEqual(new Set(['sniffing', 'mounting', 'grooming']));
  for (const { start, stop } of bouts) {
    expect(stop).toBeGreaterThan(start);
    expect(stop).toBeLessThanOrEqual(1200);
  }
});

test('files that are already there are refused', async () => {
  await expect(writeOwnLab(folder, options)).rejects.toThrow(/already there/);
});
