import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describePoseFile } from '../../src/data/describe-files.js';
import { suggestSkeleton } from '../../src/data/suggest-skeleton.js';

describe('suggestSkeleton', () => {
  it.each([
    [
      ['nose', 'leftear', 'rightear', 'neck', 'lefthip', 'righthip', 'tail'],
      [
        ['leftear', 'rightear'],
        ['lefthip', 'righthip'],
      ],
      ['nose', 'leftear', 'rightear', 'neck'],
      ['lefthip', 'righthip', 'tail'],
    ],
    [
      ['Snout', 'Ear_L', 'Ear_R', 'Tail_base', 'Tail_tip'],
      [['Ear_L', 'Ear_R']],
      ['Snout', 'Ear_L', 'Ear_R'],
      ['Tail_base'],
    ],
    [['top', 'body', 'tail', 'tail-m', 'tail-e'], [], ['top'], ['tail']],
    [['p1', 'p2'], [], [], []],
  ])('guesses pairs, front and back of %j', (keypoints, mirrorPairs, front, back) => {
    expect(suggestSkeleton(keypoints)).toEqual({ keypoints, edges: [], mirrorPairs, front, back });
  });
});

const real = process.env.WHISKER_REAL_DATA ?? '../shared/data';
if (!existsSync(real)) console.warn(`skipped: the real ethome video, ${real} is absent`);

describe.skipIf(!existsSync(real))('describePoseFile', () => {
  it('names what a real file holds', async () => {
    const path = join(real, 'ethome/e3v813a-20210610T122332-122642DLC.csv');
    const found = await describePoseFile(path);
    expect(found).toMatchObject({ animals: ['adult', 'juvenile'], frames: 5700 });
    expect(found.suggestion.mirrorPairs).toEqual([
      ['leftear', 'rightear'],
      ['lefthip', 'righthip'],
    ]);
  });
});
