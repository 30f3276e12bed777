import { expect, test } from 'vitest';
import { suggestRecordingIds } from '../../src/data/suggest-recording-ids.js';

test.each([
  [
    'names that are the same up to the first dot',
    ['v/a.csv', 'v/b.csv'],
    ['l/a.csv', 'l/b.csv'],
    [null, null, ['a', 'b']],
  ],
  [
    'what DeepLabCut appends',
    ['mice-01DLC_x.csv', 'mice-11DLC_x.csv'],
    ['mice-01.csv', 'mice-11.csv'],
    ['^(.+?)DLC', null, ['mice-01', 'mice-11']],
  ],
  [
    'a number before DLC and an ending of the labels',
    ['10DLC_el.csv.gz', '2DLC_el.csv.gz'],
    ['10_annot.txt', '2_annot.txt'],
    ['^(.+?)DLC', '^(.+)_annot\\.txt$', ['10', '2']],
  ],
  [
    'endings on both sides; the digits that names share are no part of them',
    ['m01_tracked.h5', 'm11_tracked.h5'],
    ['m01-events.csv', 'm11-events.csv'],
    ['^(.+)_tracked\\.h5$', '^(.+)-events\\.csv$', ['m01', 'm11']],
  ],
  [
    'one video among many label files',
    ['e-122642DLC.csv'],
    ['e-121213_reencode.csv', 'e-122642_reencode.csv'],
    ['^(.+?)DLC', '^(.+)_reencode\\.csv$', ['e-122642']],
  ],
  ['no labels', ['aDLC.csv', 'bDLC.csv'], [], ['^(.+?)DLC', null, []]],
] as const)('%s', (_, poses, labels, [posePattern, labelPattern, paired]) => {
  const found = suggestRecordingIds(poses, labels);
  expect([found.poses, labels.length === 0 ? null : found.labels, found.paired]).toEqual([
    posePattern,
    labelPattern,
    paired,
  ]);
});

test('what stays alone is told', () => {
  expect(suggestRecordingIds(['a.csv', 'b.csv'], ['b.csv', 'c.csv'])).toMatchObject({
    paired: ['b'],
    posesAlone: ['a'],
    labelsAlone: ['c'],
  });
});

test('patterns that would give two files the same id are not taken', () => {
  // Up to the first dot both are `s`.
  const found = suggestRecordingIds(['s.1.csv', 's.2.csv'], ['s.1.csv', 's.2.csv']);
  expect([found.poses, found.paired]).toEqual(['^(.+)\\.csv$', ['s.1', 's.2']]);
});
