import { expect, test } from 'vitest';
import { hashSettings } from '../../src/config/hash-settings.js';
import { listDifferences } from '../../src/config/list-differences.js';
import { editDistance, nearest } from '../../src/config/nearest.js';

test.each([
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'ab', 1],
  ['abc', 'acb', 1], // neighbours exchanged
  ['ca', 'abc', 3], // optimal string alignment, not the unrestricted distance (2)
  ['kitten', 'sitting', 3],
])('from %j to %j it takes %i edits', (one, other, distance) => {
  expect(editDistance(one, other)).toBe(distance);
  expect(editDistance(other, one)).toBe(distance);
});

test('the nearest name is found, letter case ignored; what is too far is not', () => {
  const names = ['strideFrames', 'frames', 'seed', 'engine'];
  expect(nearest('strideframes', names)).toBe('strideFrames');
  expect(nearest('sede', names)).toBe('seed');
  expect(nearest('farmes', names)).toBe('frames');
  expect(nearest('colour', names)).toBeUndefined();
  expect(nearest('x', names)).toBeUndefined();
  expect(nearest('seed', [])).toBeUndefined();
});

test('the hash of settings doesn’t depend on the order of keys, but on everything else', () => {
  const hash = hashSettings({ a: 1, b: { c: [1, 2], d: null } });
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(hashSettings({ b: { d: null, c: [1, 2] }, a: 1 })).toBe(hash);
  expect(hashSettings({ a: 1, b: { c: [2, 1], d: null } })).not.toBe(hash);
  expect(hashSettings({ a: '1', b: { c: [1, 2], d: null } })).not.toBe(hash);
});

test('differences are told value by value, with - for what one side lacks', () => {
  const one = { a: 1, b: { c: 'x', d: [1, 2] } };
  const other = { a: 1, b: { c: 'y', d: [1, 2, 3] }, e: null };
  expect(listDifferences(one, other)).toEqual([
    { path: 'b.c', one: '"x"', other: '"y"' },
    { path: 'b.d.2', one: '-', other: '3' },
    { path: 'e', one: '-', other: 'null' },
  ]);
  expect(listDifferences(one, structuredClone(one))).toEqual([]);
  const folder = `/${'recordings/'.repeat(9)}`;
  expect(listDifferences({ folder: `${folder}mice` }, { folder: `${folder}rats` })).toEqual([
    { path: 'folder', one: `"${folder}mice"`, other: `"${folder}rats"` },
  ]);
});
