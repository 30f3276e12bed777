import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatNpy } from '../../src/data/formats/npy.js';
import { type ImportProgress, importDataset } from '../../src/data/import-dataset.js';
import type { PoseImportSettings } from '../../src/data/import-settings.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { verifyDataset } from '../../src/data/store/verify-dataset.js';
import { UserError } from '../../src/errors.js';
import { RATS_IMPORT } from './rats-import.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'import-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('importing poses and annotations', () => {
  const poses = (frames: number) =>
    [
      'scorer,s,s,s,s,s,s',
      'individuals,individual1,individual1,individual1,individual2,individual2,individual2',
      'bodyparts,top,top,top,top,top,top',
      'coords,x,y,likelihood,x,y,likelihood',
      ...Array.from({ length: frames }, (_, frame) => `${frame},${frame},2,0.9,,,`),
    ].join('\n');
  const small: PoseImportSettings = {
    ...RATS_IMPORT,
    skeleton: { ...RATS_IMPORT.skeleton, keypoints: ['top'], edges: [], back: ['top'] },
  };
  const annotations = (end: number) =>
    `Caltech Behavior Annotator - Annotation File\n\nS1:\tstart\tend\ttype\n---\n\t1\t2\tbase\n\t3\t${end}\tsocial\n`;
  const options = {
    overwrite: false,
    get baseFolder() {
      return root;
    },
  };
  beforeEach(() => {
    mkdirSync(join(root, 'pose'));
    mkdirSync(join(root, 'annotations'));
    for (const id of [2, 10]) {
      writeFileSync(join(root, `pose/${id}DLC_net.csv.gz`), gzipSync(poses(5)));
      writeFileSync(join(root, `annotations/${id}_annot.txt`), annotations(id === 2 ? 4 : 8));
    }
  });

  it('joins them by their ids, in natural order, and notes what was cut', async () => {
    const result = await importDataset(small, join(root, 'set'), options);
    expect(result.notes).toEqual(['labels cut at the end of the poses (1): 10 (3 frames)']);
    const dataset = openDataset(join(root, 'set'));
    expect(dataset.recordings.map(({ id, subset, frames }) => [id, subset, frames])).toEqual([
      ['2', 'all', 5],
      ['10', 'all', 5],
    ]);
    expect(dataset.readLabels(0, 'S1', 0, 5)).toEqual(Int16Array.of(0, 0, 2, 2, -1));
    expect(dataset.readLabels(1, 'S1', 0, 5)).toEqual(Int16Array.of(0, 0, 2, 2, 2));
    expect(dataset.readPose(0, 3, 4)).toEqual(Float32Array.of(3, 2, Number.NaN, Number.NaN));
    expect(dataset.header).toMatchObject({ name: 'rats', animals: { identity: 'exchangeable' } });
  });

  it('takes frame rates by rules, and keeps what is said of the picture', async () => {
    const camera = { frameSize: [640, 480], pixelsPerUnit: 12.5, unit: 'cm' } as const;
    const framesPerSecond = [
      { match: '^1', value: 25 },
      { match: '', value: 59.94 },
    ];
    await importDataset({ ...small, camera, framesPerSecond }, join(root, 'set'), options);
    const dataset = openDataset(join(root, 'set'));
    expect(dataset.recordings.map((recording) => [recording.id, recording.framesPerSecond])).toEqual([
      ['2', 59.94],
      ['10', 25],
    ]);
    expect(dataset.header.camera).toEqual(camera);
    dataset.close();
    const incomplete = { ...small, framesPerSecond: [{ match: '^2', value: 25 }] };
    await expect(importDataset(incomplete, join(root, 'other'), options)).rejects.toThrow(
      /framesPerSecond: no rule fits recording 10/,
    );
  });

  it('fills gaps only when asked', async () => {
    writeFileSync(join(root, 'pose/2DLC_net.csv.gz'), poses(5).replace('2,2,2,0.9', '2,,,'));
    const [asIs, filled] = [join(root, 'as-is'), join(root, 'filled')];
    await importDataset(small, asIs, options);
    const { notes } = await importDataset({ ...small, fillGapFrames: 1 }, filled, options);
    expect(notes).toContain('gaps filled (1): 2 (1 points)');
    const frame = (folder: string) => [...openDataset(folder).readPose(0, 2, 3).slice(0, 2)];
    expect(frame(asIs)).toEqual([Number.NaN, Number.NaN]);
    expect(frame(filled)).toEqual([2, 2]); // between (1, 2) and (3, 2)
  });

  it('finds its own data set again, also of settings that are newer than it', async () => {
    await importDataset(small, join(root, 'set'), options);
    const again = await importDataset(small, join(root, 'set'), options);
    expect(again.status).toBe('present');
    await expect(importDataset({ ...small, fillGapFrames: 2 }, join(root, 'set'), options)).rejects.toThrow(
      /already holds a different data set/,
    );
  });

  it('imports at once end with one whole data set', async () => {
    const results = await Promise.all([1, 2, 3].map(() => importDataset(small, join(root, 'set'), options)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['present', 'present', 'written']);
    await verifyDataset(join(root, 'set'));
    expect(readdirSync(root).toSorted()).toEqual(['annotations', 'pose', 'set']);
  });

  const [caltech] = small.annotations;
  it.each([
    ['files that are not there', { ...small, files: ['nowhere/*.csv'] }, /nowhere\/\*\.csv names no file/],
    [
      'an id that does not fit',
      { ...small, recordingId: '^x' },
      /recordingId: \^x does not fit the file name 2DLC/,
    ],
    ['ids that collide', { ...small, recordingId: 'DLC' }, /would both be recording DLC/],
    ['a bad expression', { ...small, recordingId: '(' }, /recordingId: .*nterminated/],
    ['no subset', { ...small, subsets: [{ name: 'a', match: '^2' }] }, /no rule fits recording 10/],
    [
      'annotations of others',
      { ...small, annotations: [{ ...caltech, recordingId: 'annot' }] },
      /both|belongs to/,
    ],
    [
      'a foreign keypoint',
      { ...small, skeleton: { ...small.skeleton, front: ['nose'] } },
      /front: nose is not one/,
    ],
    [
      'a stream that is nowhere',
      { ...small, annotations: [{ ...caltech, tracks: [{ ...caltech.tracks[0], stream: 'S9' }] }] },
      /no annotation file has the stream of track S1/,
    ],
    [
      'long annotations',
      { ...small, annotations: [{ ...caltech, beyondEnd: 'refuse' as const }] },
      /ends at frame 8/,
    ],
  ])('is refused with %s', async (_, settings, message) => {
    const importing = importDataset(settings, join(root, 'set'), options);
    await expect(importing).rejects.toThrow(message);
    await expect(importing).rejects.toThrow(UserError);
    expect(existsSync(join(root, 'set'))).toBe(false);
  });

  it.each(['deeplabcut-csv', 'numpy'] as const)('tells how much of all files is read: %s', async (format) => {
    const names = { animalNames: ['individual1', 'individual2'], keypointNames: ['top'] };
    const layout = { arrays: { pose: 'pose', scores: null }, axes: ['frame', 'animal', 'keypoint', 'space'] };
    const shape = [5, 2, 1, 2];
    for (const id of [2, 10])
      writeFileSync(
        join(root, `pose/${id}DLC.npy`),
        formatNpy({ shape, data: new Float32Array(20).fill(id) }),
      );
    const files = [format === 'numpy' ? 'pose/*.npy' : 'pose/*.gz'];
    const settings = { ...small, ...layout, ...names, files, format } as PoseImportSettings;
    const told: ImportProgress[] = [];
    const onProgress = (progress: ImportProgress) => told.push(progress);
    await importDataset(settings, join(root, 'set'), { overwrite: false, baseFolder: root, onProgress });
    const isReading = told.findIndex(({ phase }) => phase === 'read');
    expect(new Set(told.slice(isReading).map(({ phase }) => phase))).toEqual(new Set(['read']));
    expect(new Set(told.slice(isReading).map(({ file }) => file)).size).toBe(4);
    expect(told.at(-1)).toMatchObject({ bytesRead: told[0].bytesTotal, recordings: 2, frames: 10 });
  });

  it('notes recordings without annotations and the other way round', async () => {
    rmSync(join(root, 'annotations/2_annot.txt'));
    writeFileSync(join(root, 'annotations/3_annot.txt'), annotations(4));
    const { notes } = await importDataset(small, join(root, 'set'), options);
    expect(notes).toContain('annotation files without a recording (1): 3');
    expect(notes).toContain('recordings without an annotation file (1): 2');
  });
});
