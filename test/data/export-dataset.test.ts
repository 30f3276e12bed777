import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type DatasetExportFormat,
  exportDataset,
  LABEL_ENDINGS,
  type LabelFormat,
} from '../../src/data/export-dataset.js';
import { OWN_BOUTS_CSV } from '../../src/data/formats/bouts-csv.js';
import { placeOfSubset } from '../../src/data/formats/calms21-layout.js';
import { parsePickledNpy } from '../../src/data/formats/numpy-pickle.js';
import { importDataset } from '../../src/data/import-dataset.js';
import type {
  AnnotationLayout,
  AnnotationSettings,
  PoseFiles,
  PoseImportSettings,
} from '../../src/data/import-settings.js';
import { type DatasetHeader, MOUSE_SKELETON, type Recording } from '../../src/data/pose.js';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { simulatedCalms21Source } from '../../src/data/simulate/simulate-calms21.js';
import type { Dataset } from '../../src/data/store/dataset.js';
import { createMemoryDataset } from '../../src/data/store/memory-dataset.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { writeDataset } from '../../src/data/store/write-dataset.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'export-data-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (dataset: Dataset, format: DatasetExportFormat, labels?: LabelFormat) =>
  exportDataset(dataset, join(root, 'out'), { format, ...(labels && { labels }) });

/** All that two data sets of the same recordings should have in common, bit for bit. */
function content(dataset: Dataset) {
  return dataset.recordings.map(({ id, frames, hasScores, tracks }, index) => ({
    id,
    frames,
    pose: dataset.readPose(index, 0, frames),
    scores: hasScores && dataset.readScores(index, 0, frames),
    labels: tracks.map((track) => [track, dataset.readLabels(index, track, 0, frames)]),
  }));
}

describe('CalMS21 as .npy', () => {
  it('is imported again with the same poses, scores and labels', async () => {
    const source = simulatedCalms21Source({ seed: 2, sizes: CALMS21_SIZES.tiny, missingShare: 0.02 });
    await writeDataset(join(root, 'store'), source, { overwrite: false, origin: 'test' });
    const dataset = openDataset(join(root, 'store'));
    const files = await write(dataset, 'calms21-npy');
    expect(files.toSorted()).toEqual([
      'calms21_task1_test.npy',
      'calms21_task1_train.npy',
      'calms21_task2_test.npy',
      'calms21_task2_train.npy',
      'calms21_task3_test.npy',
      'calms21_task3_train.npy',
      'calms21_unlabeled_videos_part1.npy',
    ]);
    const settings = { format: 'calms21', name: 'c', files: ['out'], contents: [] } as const;
    await importDataset(settings, join(root, 'again'), { baseFolder: root, overwrite: false });
    const again = openDataset(join(root, 'again'));
    const sorted = (recordings: ReturnType<typeof content>) =>
      recordings.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    expect(sorted(content(again))).toEqual(sorted(content(dataset)));
    const path = join(root, 'out', 'calms21_task2_train.npy');
    const groups = parsePickledNpy(readFileSync(path), path) as ReadonlyMap<
      string,
      ReadonlyMap<string, Map<string, unknown>>
    >;
    expect([...groups.keys()]).toEqual([1, 2, 3, 4, 5].map((annotator) => `annotator-id_${annotator}`));
    const [sequence] = groups.get('annotator-id_3')?.values() ?? [];
    const vocab = new Map([
      ['attack', 0],
      ['investigation', 1],
      ['mount', 2],
      ['other', 3],
    ]);
    expect(sequence?.get('metadata')).toEqual(
      new Map<string, unknown>([
        ['annotator-id', 3],
        ['vocab', vocab],
      ]),
    );
    dataset.close();
    again.close();
  });

  it('knows the place of every subset, and of no other', () => {
    expect(placeOfSubset('task1/test')).toEqual({
      file: { task: 1, split: 'test' },
      group: 'annotator-id_0',
      annotatorId: 0,
    });
    expect(placeOfSubset('task3/mount_attempt/train')).toMatchObject({ group: 'mount_attempt' });
    for (const subset of [
      'all',
      'task1',
      'task2/train',
      'task3/sleep/train',
      'task1/annotator1/train',
      'task4/test',
    ])
      expect(placeOfSubset(subset)).toBeUndefined();
  });

  it('refuses other data sets', async () => {
    const header = { ...HEADER, skeleton: MOUSE_SKELETON };
    const recording = { ...mine('m', 2), pose: new Float32Array(2 * 2 * 14), scores: undefined };
    const { scores: _, ...rest } = recording;
    await expect(write(createMemoryDataset(header, [rest]), 'calms21-npy')).rejects.toThrow(
      /m: CalMS21 has no subset all/,
    );
    await expect(write(ownDataset(), 'calms21-npy')).rejects.toThrow(/two animals of seven keypoints/);
    expect(readdirSync(root)).toEqual([]);
  });
});

const HEADER: DatasetHeader = {
  name: 'mine',
  skeleton: { keypoints: ['nose', 'tail, base'], edges: [], mirrorPairs: [], front: [0], back: [1] },
  animals: { names: ['a', 'b'], identity: 'ordered' },
  tracks: [
    { name: 'social', vocabulary: ['other', 'sniff, slow'] },
    { name: 'sleep', vocabulary: ['no', 'yes'] },
  ],
};

function mine(id: string, frames: number): Recording {
  const pose = Float32Array.from({ length: frames * 8 }, (_, at) => 300 * Math.sin(at) + 1 / 3);
  pose.fill(Number.NaN, 2, 4);
  const scores = Float32Array.from({ length: frames * 4 }, (_, at) => Math.sin(at) ** 2);
  const labels = Int16Array.from({ length: frames }, (_, frame) => (frame % 3) - 1);
  return {
    id,
    subset: 'all',
    frames,
    framesPerSecond: 25,
    pose,
    scores,
    labels: new Map([['social', labels]]),
  };
}

const ownDataset = () => createMemoryDataset(HEADER, [mine('day1/m1', 3), mine('m2', 5)]);

describe('recordings of any kind', () => {
  const common: PoseFiles = {
    name: 'mine',
    files: [],
    recordingId: null,
    subsets: [{ name: 'all', match: '' }],
    skeleton: {
      keypoints: HEADER.skeleton.keypoints,
      rename: {},
      edges: [],
      mirrorPairs: [],
      front: ['nose'],
      back: ['tail, base'],
    },
    animals: { names: ['a', 'b'], rename: {}, identity: 'ordered' },
    framesPerSecond: 25,
    camera: null,
    minimalScore: 0,
    fillGapFrames: 0,
    annotations: [],
  };
  const track = { rename: {}, ignore: [], background: null };
  const again = async (settings: PoseImportSettings) => {
    await importDataset(settings, join(root, 'again'), { baseFolder: root, overwrite: false });
    return content(openDataset(join(root, 'again'))).toSorted((one, other) => (one.id < other.id ? -1 : 1));
  };
  const expected = () =>
    content(ownDataset()).map((recording) => ({ ...recording, id: recording.id.split('/').at(-1) }));

  const layouts: [LabelFormat, AnnotationLayout][] = [
    ['frames-csv', { format: 'frames-csv', frameColumn: 'frame', firstFrame: 0 }],
    ['bouts-csv', { format: 'bouts-csv', ...OWN_BOUTS_CSV }],
    ['boris', { format: 'boris', timeOffsetSeconds: 'file' }],
    ['caltech', { format: 'caltech' }],
    ['bento', { format: 'bento' }],
  ];
  it.each(layouts)('as csv with labels as %s come back the same', async (labels, layout) => {
    const files = await write(ownDataset(), 'csv', labels);
    const ending = LABEL_ENDINGS[labels];
    expect(files).toEqual([
      'poses/day1/m1.csv',
      `labels/day1/m1${ending}`,
      'poses/m2.csv',
      `labels/m2${ending}`,
    ]);
    const annotations: AnnotationSettings[] = [
      {
        ...layout,
        files: ['out/labels'],
        recordingId: null,
        beyondEnd: 'refuse',
        tracks: [{ ...HEADER.tracks[0], stream: 'social', ...track }],
      },
    ];
    expect(await again({ format: 'deeplabcut-csv', ...common, files: ['out/poses'], annotations })).toEqual(
      expected(),
    );
  });

  it('as npz come back the same', async () => {
    expect(await write(ownDataset(), 'npz')).toEqual(['day1/m1.npz', 'm2.npz', 'header.json']);
    expect(JSON.parse(readFileSync(join(root, 'out/header.json'), 'utf8'))).toEqual(HEADER);
    const found = await again({
      format: 'numpy',
      ...common,
      files: ['out/**/*.npz'],
      arrays: { pose: 'keypoints', scores: 'scores' },
      axes: ['frame', 'animal', 'space', 'keypoint'],
      animalNames: ['a', 'b'],
      keypointNames: HEADER.skeleton.keypoints,
    });
    expect(found).toEqual(expected().map((recording) => ({ ...recording, labels: [] })));
  });

  it('are not written over what is there', async () => {
    mkdirSync(join(root, 'out'));
    await write(ownDataset(), 'csv');
    await expect(write(ownDataset(), 'csv')).rejects.toThrow(/out is not empty/);
    rmSync(join(root, 'out'), { recursive: true });
    writeFileSync(join(root, 'out'), 'mine');
    await expect(write(ownDataset(), 'npz')).rejects.toThrow();
    expect(readdirSync(root)).toEqual(['out']);
  });
});
