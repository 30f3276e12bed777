import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCalms21, readTaskprogFeatures } from '../../../src/data/formats/calms21.js';
import { type Calms21File, inferCalms21File, partOfGroup } from '../../../src/data/formats/calms21-layout.js';
import { readChunks } from '../../../src/data/formats/read-chunks.js';
import type { Recording } from '../../../src/data/pose.js';
import { UserError } from '../../../src/errors.js';
import { seededRandom } from '../../../src/random.js';
import { chunksOf, type ExampleFile, exampleSequence, SOCIAL_VOCAB } from './calms21-text.js';

const TASK_1: Calms21File = { task: 1, split: 'train' };
const ID = 'task1/train/mouse001_task1_annotator1';

async function read(text: string, file = TASK_1, chunkBytes?: number): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for await (const recording of readCalms21(chunksOf(text, chunkBytes), 'f.json', file))
    recordings.push(recording);
  return recordings;
}

const example = (frames = 3): ExampleFile => ({
  'annotator-id_0': {
    [ID]: exampleSequence(frames, 1, SOCIAL_VOCAB),
    b: exampleSequence(1, 2, SOCIAL_VOCAB),
  },
});

describe('readCalms21', () => {
  it('turns [frame, animal, space, keypoint] into [frame, animal, keypoint, space]', async () => {
    const file = example();
    const { keypoints, scores, annotations } = file['annotator-id_0'][ID];
    const [recording] = await read(JSON.stringify(file));
    expect(recording).toMatchObject({ id: ID, subset: 'task1/train', frames: 3, framesPerSecond: 30 });
    for (const [frame, animal, keypoint] of [
      [0, 0, 0],
      [1, 1, 6],
      [2, 0, 4],
    ]) {
      const at = (frame * 2 + animal) * 7 + keypoint;
      expect(recording.pose[2 * at]).toBe(keypoints[frame][animal][0][keypoint]);
      expect(recording.pose[2 * at + 1]).toBe(keypoints[frame][animal][1][keypoint]);
      expect(recording.scores?.[at]).toBe(scores?.[frame][animal][keypoint]);
    }
    expect([...(recording.labels.get('task1') ?? [])]).toEqual(annotations);
  });

  it.each([
    ['compact', (file: ExampleFile) => JSON.stringify(file)],
    ['indented', (file: ExampleFile) => JSON.stringify(file, null, 4)],
    [
      'with tabs and CRLF',
      (file: ExampleFile) => ` \t${JSON.stringify(file, null, '\t').replaceAll('\n', '\r\n')}\r\n`,
    ],
    ['with keys in reverse', (file: ExampleFile) => JSON.stringify(reverseKeys(file))],
    ['with unknown keys', (file: ExampleFile) => JSON.stringify(addKeys(file))],
  ])('reads a file %s, cut anywhere', async (_, write) => {
    const file = example(13);
    const expected = await read(JSON.stringify(file));
    const byId = (recordings: Recording[]) => recordings.toSorted((a, b) => a.id.localeCompare(b.id));
    for (const chunkBytes of [1, 7, 64, 1 << 20])
      expect(byId(await read(write(file), TASK_1, chunkBytes))).toEqual(byId(expected));
  });

  it('takes labels by their names where the file numbers them differently', async () => {
    const file = example();
    file['annotator-id_0'][ID].annotations = [5, 9, 2];
    file['annotator-id_0'][ID].metadata = { vocab: { other: 5, mount: 2, investigation: 7, attack: 9 } };
    const [recording] = await read(JSON.stringify(file));
    expect([...(recording.labels.get('task1') ?? [])]).toEqual([3, 0, 2]);
  });

  it('makes a point with a missing coordinate missing', async () => {
    const text = JSON.stringify(example()).replace(/"keypoints":\[\[\[\[[^,]+,/, '"keypoints":[[[[NaN,');
    const [recording] = await read(text);
    expect(recording.pose.slice(0, 2)).toEqual(Float32Array.of(Number.NaN, Number.NaN));
    expect(recording.pose.findLastIndex(Number.isNaN)).toBe(1);
  });

  it('reads task 2, task 3 and unlabelled videos into their subsets and tracks', async () => {
    const task2 = { 'annotator-id_3': { x: exampleSequence(2, 1, SOCIAL_VOCAB) } };
    const [two] = await read(JSON.stringify(task2), { task: 2, split: 'test' });
    expect([two.subset, [...two.labels.keys()]]).toEqual(['task2/annotator3/test', ['task2/annotator3']]);
    const task3 = { sniff_face: { x: exampleSequence(2, 1, { other: 0, sniff_face: 1 }) } };
    const [three] = await read(JSON.stringify(task3), { task: 3, split: 'train' });
    expect([three.subset, [...three.labels.keys()]]).toEqual([
      'task3/sniff_face/train',
      ['task3/sniff_face'],
    ]);
    const unlabelled = { unlabeled_videos: { x: exampleSequence(2, 1, null) } };
    const [none] = await read(JSON.stringify(unlabelled), { task: 'unlabelled' });
    expect([none.subset, none.labels.size, none.frames]).toEqual(['unlabelled', 0, 2]);
  });

  const broken: [string, (file: ExampleFile) => unknown, RegExp][] = [
    [
      'a missing keypoint',
      (f) => first(f).keypoints[1][0][1].pop(),
      /item 1: expected 7 values at depth 4, got 6/,
    ],
    [
      'a third animal',
      (f) => first(f).keypoints[2].push(first(f).keypoints[0][0]),
      /item 2: expected 2 values/,
    ],
    ['fewer scores', (f) => first(f).scores?.pop(), /3 frames of keypoints, but 2 of scores/],
    ['fewer annotations', (f) => first(f).annotations?.pop(), /3 frames of keypoints, but 2 of annotations/],
    [
      'a foreign label',
      (f) => first(f).annotations?.splice(1, 1, 4),
      /frame 1: label 4 is not in the vocabulary/,
    ],
    ['half a label', (f) => first(f).annotations?.splice(2, 1, 0.5), /frame 2: label 0\.5/],
    [
      'another vocabulary',
      (f) => Object.assign(first(f), { metadata: { vocab: { a: 0 } } }),
      /vocabulary {"a":0}/,
    ],
    ['no keypoints', (f) => Reflect.deleteProperty(first(f), 'keypoints'), /has no keypoints/],
    ['no annotations', (f) => Reflect.deleteProperty(first(f), 'annotations'), /has no annotations/],
    [
      'no frames',
      (f) => Object.assign(first(f), { keypoints: [], scores: [], annotations: [] }),
      /no frames/,
    ],
    [
      'a score of 2',
      (f) => first(f).scores?.[1][0].splice(0, 1, 2),
      /frame 1: expected scores in \[0, 1\], got 2/,
    ],
    ['a word', (f) => Object.assign(first(f).keypoints[0][0][0], ['left']), /"\\"left.*is not a number/],
    ['a text', (f) => Object.assign(first(f), { keypoints: 'none' }), /expected "\[", got "\\""/],
    [
      'a foreign group',
      (f) => Object.assign(f, { attack: { x: first(f) } }),
      /in group attack, expected annotator/,
    ],
    [
      'a climbing id',
      (f) => Object.assign(f['annotator-id_0'], { '../../x': first(f) }),
      /not a usable recording id/,
    ],
  ];
  it.each(broken)('names file, recording and place for %s', async (_, spoil, message) => {
    const file = example();
    spoil(file);
    const reading = read(JSON.stringify(file));
    await expect(reading).rejects.toThrow(UserError);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/^f\.json, /);
  });

  it('refuses __proto__ and repeated ids', async () => {
    const text = JSON.stringify(example());
    await expect(read(text.replace('"b":', '"__proto__":'))).rejects.toThrow(/"__proto__" is not a usable/);
    await expect(read(text.replace('"b":', `"${ID}":`))).rejects.toThrow(/is there twice/);
  });

  it('says where a truncated file ends', async () => {
    const text = JSON.stringify(example());
    await expect(read(text.slice(0, 200))).rejects.toThrow(
      `f.json, recording ${ID}, keypoints, byte 200: the file ends inside an array`,
    );
    for (let length = 0; length < text.length; length += 97)
      await expect(read(text.slice(0, length))).rejects.toThrow(UserError);
  });

  it('gives what JSON.parse gives, or a UserError, for 500 damaged files', async () => {
    const random = seededRandom(3, 'mutations');
    const base = JSON.stringify(example(2));
    const alphabet = '0123456789.,-+eE[]{}":\\ nulNaN\u0000é';
    let accepted = 0;
    for (let count = 0; count < 500; count++) {
      const at = random.integer(base.length);
      const letters = Array.from(
        { length: random.integer(3) },
        () => alphabet[random.integer(alphabet.length)],
      );
      const text = base.slice(0, at) + letters.join('') + base.slice(at + random.integer(4));
      try {
        const recordings = await read(text, TASK_1, 1 + random.integer(300));
        const parsed = JSON.parse(text.replaceAll('NaN', 'null')) as ExampleFile;
        const { keypoints } = Object.values(parsed['annotator-id_0'])[0];
        const expected = keypoints.flat(3).map((value) => Math.fround(value ?? Number.NaN));
        const turn = (flat: ArrayLike<number>) => Array.from(flat).sort((a, b) => a - b);
        const pose = recordings[0].pose;
        if (!pose.some(Number.isNaN)) expect(turn(pose)).toEqual(turn(expected));
        accepted++;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
    expect(accepted).toBeGreaterThan(50); // changed digits are still numbers
  });
});

describe('readTaskprogFeatures', () => {
  it('reads frames x 32', async () => {
    const row = (value: number) => Array.from({ length: 32 }, (_, at) => value + at);
    const text = JSON.stringify({ 'annotator-id_0': { [ID]: { features: [row(0), row(100)] } } });
    for await (const item of readTaskprogFeatures(chunksOf(text, 10), 'f.json')) {
      expect(item).toMatchObject({ group: 'annotator-id_0', id: ID, frames: 2 });
      expect(item.features).toEqual(Float32Array.from([...row(0), ...row(100)]));
    }
  });
});

describe('the layout', () => {
  it.each([
    ['a/calms21_task1_train.json', { task: 1, split: 'train' }],
    ['calms21_task1_test_mouse083_only.json', { task: 1, split: 'test' }],
    ['calms21_task3_test.json.gz', { task: 3, split: 'test' }],
    ['calms21_unlabeled_videos_part2.json', { task: 'unlabelled' }],
    ['taskprog_features_task1_train.json', undefined],
    ['calms21_task1_train.zip', undefined],
    ['notes.json', undefined],
  ])('is read from the name %s', (name, expected) => {
    expect(inferCalms21File(name)).toEqual(expected);
  });

  it('knows no group of another task', () => {
    expect(partOfGroup({ task: 1, split: 'train' }, 'annotator-id_1')).toBeUndefined();
    expect(partOfGroup({ task: 2, split: 'train' }, 'annotator-id_0')).toBeUndefined();
    expect(partOfGroup({ task: 3, split: 'train' }, 'constructor')).toBeUndefined();
  });
});

const real = `${process.env.WHISKER_REAL_DATA ?? '../shared/data'}/calms21/calms21_task1_test_mouse083_only.json`;
if (!existsSync(real)) console.warn(`skipped: the real CalMS21 sequence, ${real} is absent`);

describe.skipIf(!existsSync(real))('the real sequence mouse083', () => {
  it('has 4,881 frames and the labels that were counted', async () => {
    const file = inferCalms21File(real) as Calms21File;
    const recordings: Recording[] = [];
    for await (const recording of readCalms21(readChunks(real), real, file)) recordings.push(recording);
    expect(recordings).toHaveLength(1);
    const [{ id, subset, frames, pose, scores, labels }] = recordings;
    expect([id, subset, frames]).toEqual(['task1/test/mouse083_task1_annotator1', 'task1/test', 4881]);
    expect([pose.length, scores?.length]).toEqual([4881 * 28, 4881 * 14]);
    const counts = [0, 0, 0, 0];
    for (const label of labels.get('task1') ?? []) counts[label]++;
    expect(counts).toEqual([0, 1172, 597, 3112]);
    // nose of the resident in the first frame
    expect([...pose.slice(0, 2)]).toEqual([Math.fround(403.9761138916016), Math.fround(193.31476013362408)]);
  });
});

function first(file: ExampleFile) {
  return file['annotator-id_0'][ID];
}

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reverseKeys(item)]),
  );
}

function addKeys(file: ExampleFile): unknown {
  const extra = { notes: 'a "quoted" ]} note', nested: [{ a: ['}', 1] }, null], number: -1.5e3, word: true };
  return Object.fromEntries(
    Object.entries(file).map(([group, sequences]) => [
      group,
      Object.fromEntries(Object.entries(sequences).map(([id, sequence]) => [id, { ...extra, ...sequence }])),
    ]),
  );
}
