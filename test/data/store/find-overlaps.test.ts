import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/store/dataset.js';
import { findOverlaps } from '../../../src/data/store/find-overlaps.js';
import { openDataset } from '../../../src/data/store/open-dataset.js';
import { writeDataset } from '../../../src/data/store/write-dataset.js';
import { exampleRecording, exampleSource } from './example-source.js';

let root: string;
let dataset: Dataset;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'overlaps-'));
  const train = exampleRecording('train', 500);
  const test = exampleRecording('test', 400, { subset: 'test' });
  // frames 37..237 of train are frames 100..300 of test
  test.pose.set(train.pose.subarray(37 * 28, 237 * 28), 100 * 28);
  // both hold 150 frames in which nothing moves, and 100 with nobody
  train.pose.fill(5, 250 * 28, 400 * 28).fill(Number.NaN, 400 * 28);
  test.pose.fill(5, 0, 90 * 28).fill(Number.NaN, 305 * 28);
  const twin = exampleRecording('twin', 70, { subset: 'test', pose: train.pose.slice(0, 70 * 28) });
  const other = exampleRecording('other', 300, { subset: 'clean' });
  const recordings = [train, test, twin, other];
  await writeDataset(join(root, 'set'), exampleSource(recordings), { overwrite: false });
  dataset = openDataset(join(root, 'set'));
});
afterAll(() => {
  dataset.close();
  rmSync(root, { recursive: true });
});

const places = (overlaps: ReturnType<typeof findOverlaps>) =>
  overlaps.map(({ a, b }) => `${a.id} ${a.start}-${a.stop} = ${b.id} ${b.start}-${b.stop}`);

describe('findOverlaps', () => {
  it('names identical stretches at any offset, and not the still or empty ones', () => {
    expect(places(findOverlaps(dataset, 'task1/train', dataset, 'test'))).toEqual([
      'train 37-237 = test 100-300',
      'train 0-70 = twin 0-70',
    ]);
  });

  it('finds the same from the other side', () => {
    expect(places(findOverlaps(dataset, 'test', dataset, 'task1/train')).sort()).toEqual([
      'test 100-300 = train 37-237',
      'twin 0-70 = train 0-70',
    ]);
  });

  it('finds nothing where nothing is shared, and not a recording in itself', () => {
    expect(findOverlaps(dataset, 'task1/train', dataset, 'clean')).toEqual([]);
    expect(findOverlaps(dataset, 'clean', dataset, 'clean')).toEqual([]);
  });
});
