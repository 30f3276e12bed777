import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { displayPath, findFiles, recordingIdOf } from '../../src/data/import-files.js';
import { UserError } from '../../src/errors.js';

/** Root may look into any folder; this one nobody may. */
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const readdirSync = (folder: string, options: never) => {
    const isRecursive = (options as { recursive?: boolean } | undefined)?.recursive === true;
    if (folder.endsWith('closed') || (isRecursive && fs.existsSync(join(folder, 'closed'))))
      throw Object.assign(new Error(`EACCES: permission denied, scandir '${folder}'`), { code: 'EACCES' });
    return fs.readdirSync(folder, options);
  };
  return { ...fs, readdirSync };
});

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'files-'));
  mkdirSync(join(root, 'a/b'), { recursive: true });
  for (const name of [
    '2.csv',
    '10.csv',
    'a/1.csv',
    'a/b/3.csv',
    'a/b/3.txt',
    'a/[x].csv',
    '._2.csv',
    'a/b/.DS_Store',
  ])
    writeFileSync(join(root, name), '');
});
afterAll(() => rmSync(root, { recursive: true }));

describe('findFiles', () => {
  it.each([
    [['*.csv'], ['2.csv', '10.csv']],
    [['?.csv'], ['2.csv']],
    [['**/*.csv'], ['2.csv', '10.csv', 'a/[x].csv', 'a/1.csv', 'a/b/3.csv']],
    [['a/*/3.*'], ['a/b/3.csv', 'a/b/3.txt']],
    [['a/[x].csv'], ['a/[x].csv']],
    [['a/b'], ['a/b/3.csv', 'a/b/3.txt']],
    [['a/b/**'], ['a/b/3.csv', 'a/b/3.txt']],
    [['a/**/3.csv'], ['a/b/3.csv']],
    [['._*.csv'], ['._2.csv']],
    [
      ['10.csv', '*.csv'],
      ['2.csv', '10.csv'],
    ],
  ])('%j', (patterns, expected) => {
    expect(findFiles(patterns, root).map((path) => relative(root, path))).toEqual(expected);
  });

  it.each(['b/*.csv', 'x.csv', '*.mp4'])('refuses %j, which names nothing', (pattern) => {
    expect(() => findFiles([pattern], root)).toThrow(/names no file/);
  });
});

describe('folders that this user may not look into', () => {
  beforeAll(() => mkdirSync(join(root, 'closed')));

  it.each(['**/*.csv', 'closed', 'closed/*.csv'])('are named where %s leads into them', (pattern) => {
    expect(() => findFiles([pattern], root)).toThrow(UserError);
    expect(() => findFiles([pattern], root)).toThrow(/closed can't be looked into: EACCES/);
  });

  it('do not matter elsewhere', () => {
    expect(findFiles(['*.csv', 'a/*.csv'], root)).toHaveLength(4);
  });
});

describe('recordingIdOf', () => {
  it.each([
    ['x/10DLC_net.csv.gz', '^(\\d+)DLC', '10'],
    ['x/mouse.1.csv', null, 'mouse'],
    ['x/mouse_7.csv', '\\d+', '7'],
  ])('of %s by %s', (path, pattern, expected) => {
    expect(recordingIdOf(path, pattern)).toBe(expected);
  });
});

describe('displayPath', () => {
  it('shows no absolute paths', () => {
    expect(displayPath('/data/set/a/b.csv', '/data/set')).toBe('a/b.csv');
    expect(displayPath('/other/b.csv', '/data/set')).toBe('b.csv');
  });
});
