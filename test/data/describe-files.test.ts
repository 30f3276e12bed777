import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeBorisEvents } from '../../src/data/formats/boris.js';
import { writeCaltechAnnotations } from '../../src/data/formats/caltech-annotations.js';
import { importBuilt } from '../commands/dist.js';

const { describeLabelFiles, describePoseFile } =
  await importBuilt<typeof import('../../src/data/describe-files.js')>('data/describe-files.js');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-describe-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const bout = (name: string, start: number) => ({ name, start, stop: start + 5, where: '' });
const recording = { id: 'a', frames: 100, framesPerSecond: 30 };

test('behaviours are collected over all files and streams', async () => {
  const one = write('1.csv', writeBorisEvents([{ name: 'black', bouts: [bout('sniff', 3)] }], recording));
  const other = write('2.csv', writeBorisEvents([{ name: 'white', bouts: [bout('chase', 3)] }], recording));
  expect(await describeLabelFiles([one, other], 30)).toEqual({
    format: 'boris',
    behaviours: ['sniff', 'chase'],
  });
  const caltech = write(
    '1.txt',
    writeCaltechAnnotations([
      { name: 'S1', bouts: [bout('rest', 0)] },
      { name: 'S2', bouts: [bout('bite', 0)] },
    ]),
  );
  expect(await describeLabelFiles([caltech], 30)).toEqual({
    format: 'caltech',
    behaviours: ['rest', 'bite'],
  });
  await expect(describeLabelFiles([one, caltech], 30)).rejects.toThrow(
    `${caltech} is of the format caltech, files before it of boris`,
  );
});

test('tables that do not say what their columns mean, and unknown files of poses, are refused with what to do', async () => {
  const table = write('own.csv', 'from,to,what\n1,5,sniff\n');
  await expect(describeLabelFiles([table], 30)).rejects.toMatchObject({
    kind: 'data',
    hint: expect.stringMatching(/columns are from, to, what\..*config list import source\.annotations/s),
  });
  await expect(describePoseFile(write('pose.npy', ''))).rejects.toMatchObject({
    kind: 'data',
    hint: expect.stringContaining('config init import'),
  });
});

test.each([
  ['dlc-table.h5', 'deeplabcut-h5'],
  ['sleap.h5', 'sleap-h5'],
])('%s is of the format %s', async (name, format) => {
  const file = new URL(`formats/golden/${name}`, import.meta.url).pathname;
  const found = await describePoseFile(file);
  expect([found.format, found.animals.length > 0, found.keypoints.length > 0]).toEqual([format, true, true]);
});
