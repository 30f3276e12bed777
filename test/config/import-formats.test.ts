import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadKind } from '../../src/config/kinds.js';
import { asImportOptions } from '../../src/config/schema/import.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-import-formats-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const POSES = `  name: mine
  files: [poses]
  framesPerSecond: 25
  skeleton: { keypoints: [nose, tail], front: [nose], back: [tail] }
  animals: { names: [a], identity: ordered }`;

function load(source: string, ...overrides: string[]) {
  const file = path.join(folder, 'import.yaml');
  writeFileSync(file, `kind: import\nname: mine\nout: mine\nsource:\n${source}\n`);
  return asImportOptions(loadKind('import', { file, overrides, environment: {} }).settings);
}

const withLabels = (annotation: string) =>
  load(
    `  format: deeplabcut-h5\n${POSES}\n  annotations: [{ files: [labels], tracks: [{ name: t, vocabulary: [no, yes] }], ${annotation} }]`,
  );

const POSES_COMPLETE = {
  name: 'mine',
  files: ['poses'],
  recordingId: null,
  subsets: [{ name: 'all', match: '.*' }],
  skeleton: {
    keypoints: ['nose', 'tail'],
    rename: {},
    edges: [],
    mirrorPairs: [],
    front: ['nose'],
    back: ['tail'],
  },
  animals: { names: ['a'], rename: {}, identity: 'ordered' },
  framesPerSecond: 25,
  camera: null,
  minimalScore: 0,
  fillGapFrames: 0,
  annotations: [],
};

test.each([
  ['deeplabcut-csv', '', {}],
  ['deeplabcut-h5', '', {}],
  ['sleap-h5', '', {}],
  [
    'numpy',
    '\n  axes: [frame, animal, space, keypoint]\n  animalNames: [a]\n  keypointNames: [nose, tail]',
    {
      arrays: { pose: 'keypoints', scores: null },
      axes: ['frame', 'animal', 'space', 'keypoint'],
      animalNames: ['a'],
      keypointNames: ['nose', 'tail'],
    },
  ],
])('poses as %s: every option is given', (format, more, own) => {
  expect(load(`  format: ${format}\n${POSES}${more}`)).toEqual({ format, ...POSES_COMPLETE, ...own });
});

test.each([
  ['format: caltech', {}],
  ['format: bento', {}],
  ['format: boris', { timeOffsetSeconds: 'file' }],
  ['format: boris, timeOffsetSeconds: 1.5', { timeOffsetSeconds: 1.5 }],
  [
    'format: bouts-csv, columns: { start: from, stream: null }, unit: seconds, where: { actor: a }',
    {
      columns: { start: 'from', stop: 'stop', behaviour: 'behaviour', stream: null },
      unit: 'seconds',
      firstFrame: 0,
      stopIs: 'exclusive',
      where: { actor: 'a' },
    },
  ],
  ['format: frames-csv, frameColumn: null, firstFrame: 1', { frameColumn: null, firstFrame: 1 }],
])('annotations as {%s}: every option is given', (annotation, own) => {
  const format = /format: ([\w-]+)/.exec(annotation)?.[1];
  const { annotations } = withLabels(annotation) as { annotations: readonly unknown[] };
  const track = {
    name: 't',
    vocabulary: ['no', 'yes'],
    stream: null,
    rename: {},
    ignore: [],
    background: null,
  };
  expect(annotations).toEqual([
    { format, files: ['labels'], recordingId: null, beyondEnd: 'refuse', tracks: [track], ...own },
  ]);
});

test.each([
  ['format: borris', /borris/],
  ['format: boris, timeOffsetSeconds: files', /timeOffsetSeconds/],
  ['format: boris, firstFrame: 1', /firstFrame/],
  ['format: bouts-csv, stopIs: last', /stopIs/],
  ['format: frames-csv, firstFrame: 2', /firstFrame/],
])('annotations as {%s} are refused', (annotation, message) => {
  expect(() => withLabels(annotation)).toThrow(message);
});
