import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importDataset } from '../../src/data/import-dataset.js';
import { findFiles } from '../../src/data/import-files.js';
import type { Calms21ImportSettings, PoseImportSettings } from '../../src/data/import-settings.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { verifyDataset } from '../../src/data/store/verify-dataset.js';
import { UserError } from '../../src/errors.js';
import { importBuilt } from '../commands/dist.js';
import { exampleSequence, SOCIAL_VOCAB } from './formats/calms21-text.js';

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

const calms21: Calms21ImportSettings = { format: 'calms21', name: 'calms21', files: ['raw'], contents: [] };

const rats: PoseImportSettings = {
  format: 'deeplabcut-csv',
  name: 'rats',
  files: ['pose/*.csv*'],
  recordingId: '^(\\d+)DLC',
  subsets: [{ name: 'all', match: '' }],
  skeleton: {
    keypoints: ['top', 'body', 'tail', 'tail-m', 'tail-e'],
    rename: {},
    edges: [
      ['top', 'body'],
      ['body', 'tail'],
    ],
    mirrorPairs: [],
    front: ['top'],
    back: ['tail'],
  },
  animals: { names: ['individual1', 'individual2'], rename: {}, identity: 'exchangeable' },
  framesPerSecond: 30,
  camera: null,
  minimalScore: 0,
  fillGapFrames: 0,
  annotations: [
    {
      format: 'caltech',
      files: ['annotations/*.txt'],
      recordingId: '^(\\d+)_annot',
      beyondEnd: 'cut',
      tracks: [
        {
          name: 'S1',
          stream: 'S1',
          vocabulary: ['base', 'aggression', 'social', 'nonsocial'],
          rename: {},
          ignore: [],
          background: null,
        },
      ],
    },
  ],
};

describe('importing CalMS21', () => {
  const write = (name: string, content: unknown) => {
    mkdirSync(join(root, 'raw', name, '..'), { recursive: true });
    const text = JSON.stringify(content);
    writeFileSync(join(root, 'raw', name), name.endsWith('.gz') ? gzipSync(text) : `\ufeff${text}`);
  };
  const options = {
    overwrite: false,
    get baseFolder() {
      return root;
    },
  };

  it('puts whatever is there into one data set and tells what is missing', async () => {
    write('a/calms21_task1_train.json', {
      'annotator-id_0': { 'task1/train/m1': exampleSequence(96, 1, SOCIAL_VOCAB) },
    });
    write('calms21_task3_test.json.gz', {
      approach: { 'task3/m2': exampleSequence(1, 2, { other: 0, approach: 1 }) },
    });
    write('calms21_unlabeled_videos_part1.json', { unlabeled_videos: { u1: exampleSequence(13, 3, null) } });
    write('taskprog_features_task1_train.json', {});
    const seen: number[] = [];
    const folder = join(root, 'set');
    const result = await importDataset(calms21, folder, {
      ...options,
      onProgress: ({ phase, bytesRead, bytesTotal }) => phase === 'read' && seen.push(bytesRead / bytesTotal),
    });
    expect(seen.at(-1)).toBe(1);
    expect(result.notes).toHaveLength(1);
    expect(result.notes[0]).toMatch(/calms21_task1_test\.json, calms21_task2_train\.json.*3 of the 4 parts/);
    const dataset = openDataset(folder);
    expect(dataset.header.tracks.map((track) => track.name).slice(0, 2)).toEqual(['task1', 'task3/approach']);
    expect(dataset.recordings.map(({ id, subset, frames, tracks }) => [id, subset, frames, tracks])).toEqual([
      ['task1/train/m1', 'task1/train', 96, ['task1']],
      ['task3/m2', 'task3/approach/test', 1, ['task3/approach']],
      ['u1', 'unlabelled', 13, []],
    ]);
    expect(dataset.recordings[1].source.file).toBe('raw/calms21_task3_test.json.gz');
    dataset.close();
    await verifyDataset(folder);
    expect((await importDataset(calms21, folder, options)).status).toBe('present');
    write('calms21_unlabeled_videos_part1.json', { unlabeled_videos: { u2: exampleSequence(13, 4, null) } });
    await expect(importDataset(calms21, folder, options)).rejects.toThrow(/already holds a different/);
  });

  it('takes rules for names that say nothing', async () => {
    write('mine.json', { 'annotator-id_0': { m1: exampleSequence(2, 1, SOCIAL_VOCAB) } });
    await expect(importDataset(calms21, join(root, 'set'), options)).rejects.toThrow(
      /none of the files is named/,
    );
    const settings = { ...calms21, contents: [{ match: '^mine', task: 1, split: 'test' } as const] };
    await importDataset(settings, join(root, 'set'), options);
    expect(openDataset(join(root, 'set')).recordings[0].subset).toBe('task1/test');
  });

  it('leaves nothing when a file is broken, and names it', async () => {
    write('calms21_task1_train.json', {
      'annotator-id_0': { m1: exampleSequence(2, 1, SOCIAL_VOCAB), m2: {} },
    });
    const importing = importDataset(calms21, join(root, 'set'), options);
    await expect(importing).rejects.toThrow(/calms21_task1_train\.json, recording m2 .*has no keypoints/);
    expect(readdirSync(root)).toEqual(['raw']);
  });

  it.skipIf(!existsSync(realData))('reads the real sequence mouse083', async () => {
    const settings = { ...calms21, files: [join(realData, 'calms21/*.json')] };
    await importDataset(settings, join(root, 'set'), { overwrite: false, baseFolder: process.cwd() });
    const dataset = openDataset(join(root, 'set'));
    const counts = [0, 0, 0, 0];
    for (const label of dataset.readLabels(0, 'task1', 0, 4881)) counts[label]++;
    expect(counts).toEqual([0, 1172, 597, 3112]);
  });
});

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
    ...rats,
    skeleton: { ...rats.skeleton, keypoints: ['top'], edges: [], back: ['top'] },
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

  it('notes recordings without annotations and the other way round', async () => {
    rmSync(join(root, 'annotations/2_annot.txt'));
    writeFileSync(join(root, 'annotations/3_annot.txt'), annotations(4));
    const { notes } = await importDataset(small, join(root, 'set'), options);
    expect(notes).toContain('annotation files without a recording (1): 3');
    expect(notes).toContain('recordings without an annotation file (1): 2');
  });

  it.skipIf(!existsSync(realData))('reads real rat videos: 12,000 frames of trial in each', async () => {
    const folder = join(realData, 'rats');
    const settings: PoseImportSettings = {
      ...rats,
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
      ...rats,
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
    const options = { overwrite: true, baseFolder: folder };
    await expect(importDataset(asNamed, join(root, 'set'), options)).rejects.toMatchObject({
      hint: expect.stringContaining('leftear: left_ear, rightear: right_ear, lefthip: left_hip'),
    });
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
        ...small,
        format: 'deeplabcut-h5',
        files,
        recordingId: null,
        skeleton,
        animals: { names: animals, rename: {}, identity: 'exchangeable' },
        annotations: [],
      };
      const { notes } = await built.importDataset(settings, join(root, 'set'), options);
      expect(notes).toEqual([]);
      const dataset = openDataset(join(root, 'set'));
      expect(dataset.recordings).toMatchObject([
        { id: 'EGS8X2MN4SSUGFWAV976', frames, hasScores: false, tracks: [] },
      ]);
      expect([animals.length, frames]).toEqual([3, 1800]);
      expect(dataset.readPose(0, 0, frames).filter(Number.isNaN)).toHaveLength(562 * 24);
    },
  );
});
