import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { importDataset } from '../../src/data/import-dataset.js';
import { findFiles } from '../../src/data/import-files.js';
import type { Calms21ImportSettings, PoseImportSettings } from '../../src/data/import-settings.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { importBuilt } from '../commands/dist.js';
import { RATS_IMPORT } from './rats-import.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'import-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const realData = process.env.WHISKER_REAL_DATA ?? '../shared/data';
const isHdf5Installed = await import('h5wasm/node' as string).then(
  () => true,
  () => false,
);
if (!existsSync(realData)) console.warn(`skipped: real recordings, ${realData} is absent`);

const [caltech] = RATS_IMPORT.annotations;

it.skipIf(!existsSync(realData))('reads real rat videos: 12,000 frames of trial in each', async () => {
  const folder = join(realData, 'rats');
  const settings: PoseImportSettings = {
    ...RATS_IMPORT,
    files: ['pose/10DLC*', 'pose/8DLC*'],
    annotations: [
      {
        ...caltech,
        tracks: [
          caltech.tracks[0],
          {
            name: 'S2',
            stream: 'S2',
            vocabulary: [
              'base',
              'freezing',
              'lateralthreat',
              'keepdown',
              'chase',
              'uprightposture',
              'bite',
              'clinch',
            ],
            rename: {},
            ignore: [],
            background: null,
          },
        ],
      },
    ],
  };
  expect(readdirSync(join(folder, 'pose'))).toHaveLength(40);
  const result = await importDataset(settings, join(root, 'set'), { overwrite: false, baseFolder: folder });
  expect(result.notes).toContain('labels cut at the end of the poses (1): 8 (7 frames)');
  const dataset = openDataset(join(root, 'set'));
  expect(dataset.recordings.map(({ id, frames }) => [id, frames])).toEqual([
    ['8', 15_249],
    ['10', 14_957],
  ]);
  for (const index of [0, 1]) {
    const { frames } = dataset.recordings[index];
    const trial = dataset.readLabels(index, 'S1', 0, frames).filter((label) => label > 0);
    expect(trial).toHaveLength(12_000);
    const pose = dataset.readPose(index, 0, frames);
    expect(pose).toHaveLength(frames * 2 * 5 * 2);
    const missing = pose.filter(Number.isNaN).length / pose.length;
    expect(missing).toBeGreaterThan(0.2);
    expect(missing).toBeLessThan(0.5);
  }
  // 10_annot.txt: "2853 2992 aggression" in S1, "2853 2862 lateralthreat" in S2, counted from 1
  expect([...dataset.readLabels(1, 'S1', 2851, 2853)]).toEqual([2, 1]);
  expect([...dataset.readLabels(1, 'S1', 2991, 2993)]).toEqual([1, 2]);
  expect([...dataset.readLabels(1, 'S2', 2851, 2863)]).toEqual([0, ...Array(10).fill(2), 7]);
  expect(dataset.readPose(1, 0, 1).every(Number.isNaN)).toBe(true);
});

it.skipIf(!existsSync(realData))('reads the real ethome video: 5,700 frames, 663 of interact', async () => {
  const settings: PoseImportSettings = {
    ...RATS_IMPORT,
    name: 'ethome',
    files: ['*DLC.csv'],
    recordingId: '^(.+)DLC',
    skeleton: {
      keypoints: ['nose', 'left_ear', 'right_ear', 'neck', 'left_hip', 'right_hip', 'tail_base'],
      rename: {
        leftear: 'left_ear',
        rightear: 'right_ear',
        lefthip: 'left_hip',
        righthip: 'right_hip',
        tail: 'tail_base',
      },
      edges: [],
      mirrorPairs: [['left_ear', 'right_ear']],
      front: ['nose'],
      back: ['tail_base'],
    },
    animals: {
      names: ['resident', 'intruder'],
      rename: { adult: 'resident', juvenile: 'intruder' },
      identity: 'ordered',
    },
    annotations: [
      {
        format: 'boris',
        files: ['boris/*.csv'],
        recordingId: '^(.+)_reencode',
        beyondEnd: 'refuse',
        timeOffsetSeconds: 'file',
        tracks: [
          {
            name: 'interact',
            stream: 'adult',
            vocabulary: ['other', 'interact'],
            rename: {},
            ignore: [],
            background: 'other',
          },
        ],
      },
    ],
  };
  const folder = join(realData, 'ethome');
  const { notes } = await importDataset(settings, join(root, 'set'), {
    overwrite: false,
    baseFolder: folder,
  });
  expect(notes).toEqual([expect.stringMatching(/^annotation files without a recording \(4\)/)]);
  const dataset = openDataset(join(root, 'set'));
  expect(dataset.recordings).toHaveLength(1);
  expect(dataset.recordings[0]).toMatchObject({ id: 'e3v813a-20210610T122332-122642', frames: 5700 });
  const labels = dataset.readLabels(0, 'interact', 0, 5700);
  expect([labels.filter((label) => label === 1).length, labels.includes(-1)]).toEqual([663, false]);
  expect(dataset.readPose(0, 0, 1).slice(0, 2)).toEqual(Float32Array.of(606.248, 718.07));
  expect(dataset.readScores(0, 0, 1)[0]).toBe(Math.fround(0.8888099789619446));
  const asNamed = { ...settings, skeleton: { ...settings.skeleton, rename: {} } };
  await expect(
    importDataset(asNamed, join(root, 'set'), { overwrite: true, baseFolder: folder }),
  ).rejects.toMatchObject({
    hint: expect.stringContaining('leftear: left_ear, rightear: right_ear, lefthip: left_hip'),
  });
});

it.skipIf(!existsSync(realData))('reads the real sequence mouse083', async () => {
  const settings: Calms21ImportSettings = {
    format: 'calms21',
    name: 'calms21',
    contents: [],
    files: [join(realData, 'calms21/*.json')],
  };
  await importDataset(settings, join(root, 'set'), { overwrite: false, baseFolder: process.cwd() });
  const dataset = openDataset(join(root, 'set'));
  const counts = [0, 0, 0, 0];
  for (const label of dataset.readLabels(0, 'task1', 0, 4881)) counts[label]++;
  expect(counts).toEqual([0, 1172, 597, 3112]);
});

it.skipIf(!existsSync(realData) || !isHdf5Installed)(
  'reads the real HDF5 file: three mice, 1,800 frames',
  async () => {
    const { describePoseFile } =
      await importBuilt<typeof import('../../src/data/describe-files.js')>('data/describe-files.js');
    const built =
      await importBuilt<typeof import('../../src/data/import-dataset.js')>('data/import-dataset.js');
    const files = [resolve(realData, 'deeplabcut-h5/*.h5')];
    const [path] = findFiles(files, root);
    const { animals, keypoints, frames } = await describePoseFile(path);
    const skeleton = {
      keypoints,
      rename: {},
      edges: [],
      mirrorPairs: [],
      front: [keypoints[0]],
      back: [keypoints[11]],
    };
    const settings: PoseImportSettings = {
      ...RATS_IMPORT,
      format: 'deeplabcut-h5',
      files,
      recordingId: null,
      skeleton,
      animals: { names: animals, rename: {}, identity: 'exchangeable' },
      annotations: [],
    };
    const { notes } = await built.importDataset(settings, join(root, 'set'), {
      overwrite: false,
      baseFolder: root,
    });
    expect(notes).toEqual([]);
    const dataset = openDataset(join(root, 'set'));
    expect(dataset.recordings).toMatchObject([
      { id: 'EGS8X2MN4SSUGFWAV976', frames, hasScores: false, tracks: [] },
    ]);
    expect([animals.length, frames]).toEqual([3, 1800]);
    expect(dataset.readPose(0, 0, frames).filter(Number.isNaN)).toHaveLength(562 * 24);
  },
);
