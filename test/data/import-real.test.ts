import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadKind } from '../../src/config/kinds.js';
import { asImportOptions } from '../../src/config/schema/import.js';
import { readBoutsCsv } from '../../src/data/formats/bouts-csv.js';
import { importDataset } from '../../src/data/import-dataset.js';
import type { ImportSettings, PoseImportSettings } from '../../src/data/import-settings.js';
import { inspectDataset } from '../../src/data/store/inspect-dataset.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { importBuilt } from '../commands/dist.js';

const real = process.env.WHISKER_REAL_DATA ?? '../shared/data';
const isHdf5Installed = await import('h5wasm/node' as string).then(
  () => true,
  () => false,
);
if (!existsSync(real)) console.warn(`skipped: real recordings, ${real} is absent`);

/** Every file that the folder's README tells of: what it is called, how many there are. Each kind is read below. */
const KINDS: readonly (readonly [RegExp, number])[] = [
  [/^(README\.md|ethome\/LICENSE)$/, 2],
  [/^calms21\/calms21_task1_test_mouse083_only\.json$/, 1],
  [/^calms21\/mice_(train|test)_annotations\.csv$/, 2],
  [/^ethome\/e3v813a-20210610T122332-122642DLC\.csv$/, 1],
  [/^ethome\/boris\/.+_reencode\.csv$/, 5],
  [/^rats\/pose\/\d+DLC.+\.csv\.gz$/, 40],
  [/^rats\/annotations\/\d+_annot\.txt$/, 40],
  [/^deeplabcut-h5\/EGS8X2MN4SSUGFWAV976\.h5$/, 1],
];

/** Classes of the rats' two tracks. */
const LEVELS = 'base, aggression, social, nonsocial';
const SUBTYPES = 'base, freezing, lateralthreat, keepdown, chase, uprightposture, bite, clinch';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'real-files-'));
  folder = join(root, 'set');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe.skipIf(!existsSync(real))('real files', { timeout: 120_000 }, () => {
  const write = (settings: ImportSettings) =>
    importDataset(settings, folder, { overwrite: true, baseFolder: real });

  it('are all of a kind that is read here', () => {
    const files = readdirSync(real, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(real, '/').length));
    for (const [pattern, count] of KINDS)
      expect(
        files.filter((file) => pattern.test(file)),
        String(pattern),
      ).toHaveLength(count);
    expect(files.filter((file) => !KINDS.some(([pattern]) => pattern.test(file)))).toEqual([]);
  });

  it('mouse083 of CalMS21: 4,881 frames, every point there, as long as its labels in the list of bouts', async () => {
    await write({ format: 'calms21', name: 'c', files: ['calms21/*.json'], contents: [] });
    const dataset = openDataset(folder);
    const counts = [0, 0, 0, 0];
    for (const label of dataset.readLabels(0, 'task1', 0, 4881)) counts[label]++;
    expect(counts).toEqual([0, 1172, 597, 3112]);
    expect(dataset.readPose(0, 0, 4881).every(Number.isFinite)).toBe(true);
    const scores = dataset.readScores(0, 0, 4881);
    expect([Math.min(...scores) >= 0, Math.max(...scores) <= 1]).toEqual([true, true]);
    // the groups of the list are the sequences of the test split, mouse071 to mouse089, in their order
    const list = 'calms21/mice_test_annotations.csv';
    const streams = readBoutsCsv(
      readFileSync(join(real, list), 'utf8'),
      list,
      {
        columns: { start: 'start', stop: 'stop', behaviour: 'category', stream: 'group' },
        ...{ unit: 'frames', firstFrame: 0, stopIs: 'inclusive' },
        where: { actor: 'resident', recipient: 'intruder' },
      },
      30,
    );
    const own = { investigation: 0, mount: 0, none: 0, attack: 0 };
    for (const { name, start, stop } of streams[83 - 71].bouts) own[name as keyof typeof own] += stop - start;
    expect(own).toEqual({ investigation: 1172, mount: 597, none: 3112, attack: 0 });
    dataset.close();
  });

  it('forty rat videos: trials of 12,000 frames inside longer videos, a third of the points missing, identities that swap', async () => {
    const { settings } = loadKind('import', {
      file: 'configs/rats-import.yaml',
      overrides: [
        `source.annotations.0.tracks=[{name: S1, stream: S1, vocabulary: [${LEVELS}]}, {name: S2, stream: S2, vocabulary: [${SUBTYPES}]}]`,
      ],
      environment: { WHISKER_REAL_DATA: real },
    });
    const { notes } = await importDataset(asImportOptions(settings), folder, {
      ...{ overwrite: false, baseFolder: '.' },
    });
    expect(notes).toContainEqual(
      expect.stringMatching(/^labels cut at the end of the poses .*\b8 \(7 frames\)/),
    );
    const dataset = openDataset(folder);
    expect(dataset.recordings.map(({ id }) => id)).toEqual(
      Array.from({ length: 40 }, (_, at) => String(at + 1)),
    );
    expect(dataset.header.animals).toMatchObject({ identity: 'exchangeable' });
    const [base, aggression] = [0, 1];
    let [points, missing, subtyped, subtypedElsewhere] = [0, 0, 0, 0];
    for (const [index, { id, frames, tracks }] of dataset.recordings.entries()) {
      expect(frames, id).toBeGreaterThan(12_500);
      const levels = dataset.readLabels(index, 'S1', 0, frames);
      const first = levels.findIndex((label) => label > base);
      expect(levels.subarray(first, first + 12_000).every((label) => label > base)).toBe(true);
      expect(levels.filter((label) => label > base)).toHaveLength(12_000); // `base` is before and after it
      const pose = dataset.readPose(index, 0, frames);
      points += pose.length;
      for (const value of pose) if (Number.isNaN(value)) missing++;
      if (!tracks.includes('S2')) continue;
      subtyped++;
      const subtypes = dataset.readLabels(index, 'S2', 0, frames);
      subtypedElsewhere += subtypes.filter((label, at) => label > base && levels[at] !== aggression).length;
    }
    expect(missing / points).toBeCloseTo(1 / 3, 1);
    // 10_annot.txt: "2853 2992 aggression" in S1, "2853 2862 lateralthreat" in S2, counted from 1
    expect([...dataset.readLabels(9, 'S1', 2851, 2853)]).toEqual([2, 1]);
    expect([...dataset.readLabels(9, 'S1', 2991, 2993)]).toEqual([1, 2]);
    expect([...dataset.readLabels(9, 'S2', 2851, 2863)]).toEqual([0, ...Array(10).fill(2), 7]);
    expect(dataset.readPose(9, 0, 1).every(Number.isNaN)).toBe(true);
    expect([subtyped, subtypedElsewhere]).toEqual([32, 2]);
    dataset.close();
    const { recordings } = await inspectDataset(openDataset(folder), {
      jumpBodyLengths: 0.5,
      missingShare: 0.5,
    });
    expect(recordings.filter(({ swapFrames }) => swapFrames.length > 0).length).toBeGreaterThan(20);
  });
  it('one ethome video, 5,700 frames and 663 of interact, by the names of CalMS21; four lists of events without poses', async () => {
    const keypoints = ['nose', 'left_ear', 'right_ear', 'neck', 'left_hip', 'right_hip', 'tail_base'];
    const files = ['nose', 'leftear', 'rightear', 'neck', 'lefthip', 'righthip', 'tail'];
    const settings: PoseImportSettings = {
      ...poseSettings('deeplabcut-csv', ['ethome/*DLC.csv'], keypoints),
      recordingId: '^(.+)DLC',
      animals: {
        names: ['resident', 'intruder'],
        rename: { adult: 'resident', juvenile: 'intruder' },
        identity: 'ordered',
      },
      annotations: [
        {
          format: 'boris',
          files: ['ethome/boris/*.csv'],
          recordingId: '^(.+)_reencode',
          beyondEnd: 'refuse',
          timeOffsetSeconds: 'file',
          tracks: [
            {
              ...{ name: 'interact', stream: 'adult', vocabulary: ['other', 'interact'] },
              ...{ rename: {}, ignore: [], background: 'other' },
            },
          ],
        },
      ],
    };
    await expect(write(settings)).rejects.toMatchObject({
      hint: expect.stringContaining('leftear: left_ear, rightear: right_ear, lefthip: left_hip'),
    });
    const rename = Object.fromEntries(files.map((file, at) => [file, keypoints[at]]));
    const { notes } = await write({ ...settings, skeleton: { ...settings.skeleton, rename } });
    expect(notes).toEqual([expect.stringMatching(/^annotation files without a recording \(4\)/)]);
    const dataset = openDataset(folder);
    expect(dataset.recordings).toMatchObject([{ id: 'e3v813a-20210610T122332-122642', frames: 5700 }]);
    const labels = dataset.readLabels(0, 'interact', 0, 5700);
    expect([labels.filter((label) => label === 1).length, labels.includes(-1)]).toEqual([663, false]);
    expect(dataset.readPose(0, 0, 1).slice(0, 2)).toEqual(Float32Array.of(606.248, 718.07));
    expect(dataset.readScores(0, 0, 1)[0]).toBe(Math.fround(0.8888099789619446));
    dataset.close();
  });

  it.skipIf(!isHdf5Installed)('the HDF5 file: three mice, 1,800 frames, no labels', async () => {
    const { describePoseFile } =
      await importBuilt<typeof import('../../src/data/describe-files.js')>('data/describe-files.js');
    const built =
      await importBuilt<typeof import('../../src/data/import-dataset.js')>('data/import-dataset.js');
    const [file] = readdirSync(join(real, 'deeplabcut-h5'));
    const { animals, keypoints, frames } = await describePoseFile(join(real, 'deeplabcut-h5', file));
    const settings: PoseImportSettings = {
      ...poseSettings('deeplabcut-h5', ['deeplabcut-h5/*.h5'], keypoints),
      animals: { names: animals, rename: {}, identity: 'exchangeable' },
    };
    const { notes } = await built.importDataset(settings, folder, { overwrite: false, baseFolder: real });
    expect(notes).toEqual([]);
    const dataset = openDataset(folder);
    expect(dataset.recordings).toMatchObject([
      { id: 'EGS8X2MN4SSUGFWAV976', frames, hasScores: false, tracks: [] },
    ]);
    expect([animals.length, frames]).toEqual([3, 1800]);
    expect(dataset.readPose(0, 0, frames).filter(Number.isNaN)).toHaveLength(562 * 24);
    dataset.close();
  });
});

/** Settings of a pose file whose first keypoint is the front, whose last one the back. */
function poseSettings(
  format: 'deeplabcut-csv' | 'deeplabcut-h5',
  files: readonly string[],
  keypoints: readonly string[],
): PoseImportSettings {
  return {
    ...{ format, name: 'real', files, recordingId: null, subsets: [{ name: 'all', match: '' }] },
    skeleton: {
      ...{ keypoints, rename: {}, edges: [], mirrorPairs: [] },
      ...{ front: [keypoints[0]], back: [keypoints[keypoints.length - 1]] },
    },
    animals: { names: [], rename: {}, identity: 'exchangeable' },
    ...{ framesPerSecond: 30, camera: null, minimalScore: 0, fillGapFrames: 0, annotations: [] },
  };
}
