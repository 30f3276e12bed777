import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCalms21 } from '../../../src/data/formats/calms21.js';
import {
  CALMS21_FILES,
  inferCalms21File,
  TASK_3_BEHAVIOURS,
} from '../../../src/data/formats/calms21-layout.js';
import { readChunks } from '../../../src/data/formats/read-chunks.js';
import type { Recording } from '../../../src/data/pose.js';
import { planCalms21 } from '../../../src/data/simulate/calms21-plan.js';
import { CALMS21_SIZES } from '../../../src/data/simulate/calms21-sizes.js';
import { simulateCalms21, simulatedCalms21Source } from '../../../src/data/simulate/simulate-calms21.js';
import {
  type WriteCalms21Progress,
  writeCalms21Json,
} from '../../../src/data/simulate/write-calms21-json.js';
import { openDataset } from '../../../src/data/store/open-dataset.js';
import { writeDataset } from '../../../src/data/store/write-dataset.js';

interface Sequence {
  keypoints: number[][][][];
  scores: number[][][];
  annotations?: number[];
  metadata?: { 'annotator-id': number; vocab: Record<string, number> };
}

const SIZES = CALMS21_SIZES.tiny;
const options = { seed: 7, sizes: SIZES };
const folder = mkdtempSync(join(tmpdir(), 'whisker-simulate-'));
const progress: WriteCalms21Progress[] = [];
let paths: string[] = [];

beforeAll(async () => {
  paths = await writeCalms21Json(join(folder, 'indented'), { ...options, indent: 4 }, (event) =>
    progress.push(event),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function parse(name: string): Record<string, Record<string, Sequence>> {
  return JSON.parse(readFileSync(join(folder, 'indented', name), 'utf8'));
}

describe('files in the layout of CalMS21', () => {
  test('all files are there under their names, and nothing else', () => {
    const names = CALMS21_FILES.filter((name) => !/part[234]/.test(name)).sort();
    expect(readdirSync(join(folder, 'indented')).sort()).toEqual(names);
    expect(paths.map((path) => path.slice(folder.length + 10)).sort()).toEqual(names);
  });

  test('groups and sequence ids follow the published ones; mice are counted through train and test', () => {
    expect(Object.keys(parse('calms21_task1_train.json'))).toEqual(['annotator-id_0']);
    expect(Object.keys(parse('calms21_task1_train.json')['annotator-id_0'])).toEqual([
      'task1/train/mouse001_task1_annotator1',
      'task1/train/mouse002_task1_annotator1',
    ]);
    expect(Object.keys(parse('calms21_task1_test.json')['annotator-id_0'])).toEqual([
      'task1/test/mouse003_task1_annotator1',
    ]);
    const task2 = parse('calms21_task2_train.json');
    expect(Object.keys(task2)).toEqual([1, 2, 3, 4, 5].map((annotator) => `annotator-id_${annotator}`));
    expect(Object.keys(task2['annotator-id_4'])).toEqual([
      'task2/annotator4/train/mouse001_task2_annotator4',
    ]);
    const task3 = parse('calms21_task3_test.json');
    expect(Object.keys(task3)).toEqual(TASK_3_BEHAVIOURS);
    expect(Object.keys(task3.groom)).toEqual(['task3/groom/test/mouse002_task3_groom']);
    const unlabelled = parse('calms21_unlabeled_videos_part1.json');
    expect(Object.keys(unlabelled)).toEqual(['unlabeled_videos']);
    expect(Object.keys(Object.values(unlabelled.unlabeled_videos)[0])).toEqual(['keypoints', 'scores']);
  });

  test('vocabularies and annotator ids are those of the tasks', () => {
    const social = { attack: 0, investigation: 1, mount: 2, other: 3 };
    const first = (name: string, group: string) => Object.values(parse(name)[group])[0].metadata;
    expect(first('calms21_task1_test.json', 'annotator-id_0')).toEqual({ 'annotator-id': 0, vocab: social });
    expect(first('calms21_task2_test.json', 'annotator-id_3')).toEqual({ 'annotator-id': 3, vocab: social });
    expect(first('calms21_task3_train.json', 'sniff_face')).toEqual({
      'annotator-id': 0,
      vocab: { other: 0, sniff_face: 1 },
    });
  });

  test('arrays have the shapes (T, 2, 2, 7), (T, 2, 7), (T) and hold finite numbers only', () => {
    let frames = 0;
    for (const name of readdirSync(join(folder, 'indented'))) {
      expect(readFileSync(join(folder, 'indented', name), 'utf8')).not.toMatch(/NaN|Infinity|null/);
      for (const group of Object.values(parse(name))) {
        for (const { keypoints, scores, annotations } of Object.values(group)) {
          frames += keypoints.length;
          expect(keypoints.flat(3).every(Number.isFinite)).toBe(true);
          const shapes = new Set(
            keypoints.map((frame) => frame.map((animal) => animal.map((row) => row.length)).join()),
          );
          expect([...shapes]).toEqual(['7,7,7,7']);
          expect(scores.length).toBe(keypoints.length);
          expect([...new Set(scores.map((frame) => frame.map((row) => row.length).join()))]).toEqual(['7,7']);
          expect(annotations?.length ?? keypoints.length).toBe(keypoints.length);
        }
      }
    }
    expect(frames).toBe(progress.at(-1)?.framesTotal);
    expect(progress.at(-1)?.framesDone).toBe(frames);
    expect(frames).toBe(400 + 500 + 200 + 5 * 200 + 7 * 120);
  });

  test('the text is what json.dump(..., indent=4) writes, and the compact one what json.dump(...) writes', async () => {
    const [compact] = await writeCalms21Json(join(folder, 'compact'), { ...options, indent: 0 }, () => {});
    const text = readFileSync(paths[0], 'utf8');
    const data = JSON.parse(text);
    expect(text).toBe(JSON.stringify(data, null, 4));
    expect(readFileSync(compact, 'utf8').replaceAll(', ', ',').replaceAll(': ', ':')).toBe(
      JSON.stringify(data),
    );
  });

  test('the reader of the real files gives back the simulated recordings, bit for bit', async () => {
    const expected = new Map<string, Recording>();
    for (const { source, ...recording } of simulateCalms21({ ...options, missingShare: 0 })) {
      expected.set(`${source.file} ${recording.id}`, recording);
    }
    for (const path of paths) {
      const name = path.slice(folder.length + 10);
      const file = inferCalms21File(name);
      for await (const recording of readCalms21(readChunks(path), path, file as NonNullable<typeof file>)) {
        expect(recording).toEqual(expected.get(`${name} ${recording.id}`));
        expected.delete(`${name} ${recording.id}`);
      }
    }
    expect(expected.size).toBe(0);
  });

  test('files that are already there are refused, and stay', async () => {
    const path = join(folder, 'taken.json', 'calms21_task1_train.json');
    await writeCalms21Json(join(folder, 'taken.json'), { ...options, indent: 0 }, () => {});
    writeFileSync(path, 'mine');
    await expect(
      writeCalms21Json(join(folder, 'taken.json'), { ...options, indent: 0 }, () => {}),
    ).rejects.toThrow(/already there/);
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});

describe('plans', () => {
  test('the calms21 preset has the published numbers of recordings and frames', () => {
    const files = planCalms21({ seed: 1, sizes: CALMS21_SIZES.calms21, missingShare: 0 });
    const sum = (name: string) => {
      const recordings = files
        .filter((file) => file.name.startsWith(name))
        .flatMap(({ groups }) => groups.flatMap((group) => group.recordings));
      return [recordings.length, recordings.reduce((frames, recording) => frames + recording.frames, 0)];
    };
    expect(files.map((file) => file.name).sort()).toEqual([...CALMS21_FILES].sort());
    expect(sum('calms21_unlabeled')).toEqual([282, 6_000_000]);
    expect(sum('calms21_task1_train')).toEqual([70, 507_738]);
    expect(sum('calms21_task1_test')).toEqual([19, 262_107]);
    expect(sum('calms21_task2_train')[1]).toBe(139_122 + 135_623 + 107_420 + 108_325 + 92_383);
    expect(sum('calms21_task3_test')[1]).toBe(
      126_468 + 19_088 + 156_664 + 55_218 + 85_836 + 251_793 + 17_939,
    );
  });

  test('a recording of the quickstart has room for behaviour, and every class has a session', () => {
    for (const { groups } of planCalms21({ seed: 1, sizes: CALMS21_SIZES.quickstart, missingShare: 0 })) {
      for (const { recordings, labelled } of groups) {
        expect(Math.min(...recordings.map(({ frames }) => frames))).toBeGreaterThan(300);
        if (labelled?.track.vocabulary.length === 4) {
          const types = recordings.map(({ session }) => session);
          expect(types).toEqual(expect.arrayContaining(['mating', 'fighting']));
        }
      }
    }
  });
});

test('a simulated data set can be stored, with missing points', async () => {
  const source = simulatedCalms21Source({ ...options, missingShare: 0.1 });
  expect(source.header.tracks.map(({ name }) => name)).toContain('task2/annotator5');
  await writeDataset(join(folder, 'stored'), source, { overwrite: false });
  const dataset = openDataset(join(folder, 'stored'));
  expect(dataset.recordings.length).toBe(2 + 2 + 1 + 10 + 14);
  expect(dataset.readPose(0, 0, 100).some(Number.isNaN)).toBe(true);
  dataset.close();
});
