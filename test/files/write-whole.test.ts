import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeFolder, writeWhole } from '../../src/files/write-whole.js';

const original = { mkdirSync: fs.mkdirSync, openSync: fs.openSync, writeSync: fs.writeSync };
afterEach(() => {
  Object.assign(fs, original);
  syncBuiltinESMExports();
});

/** Lets a call of the file system fail as the operating system would. */
function fail(call: keyof typeof original, code: string): void {
  Object.assign(fs, {
    [call]: () => {
      throw Object.assign(new Error(`${code}: it failed`), { code });
    },
  });
  syncBuiltinESMExports();
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'write-whole-'));

describe('a file that is written whole', () => {
  it.each([
    ['openSync', 'EROFS', 'the file system is read-only'],
    ['openSync', 'EACCES', 'this user may not write there'],
    ['writeSync', 'ENOSPC', 'the disk is full'],
    ['writeSync', 'EDQUOT', 'the quota of this disk is used up'],
  ] as const)('%s fails with %s: %s; the old one stays, and nothing beside it', (call, code, what) => {
    const file = join(newFolder(), 'kept');
    writeFileSync(file, 'old');
    fail(call, code);
    expect(() => writeWhole(file, [Buffer.from('new')])).toThrow(`${file} could not be written: ${what}`);
    Object.assign(fs, original);
    syncBuiltinESMExports();
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(join(file, '..'))).toEqual(['kept']);
  });
});

describe('a folder', () => {
  it('is made with those above it, and may be there already', () => {
    const path = join(newFolder(), 'a', 'b');
    makeFolder(path);
    makeFolder(path);
    expect(existsSync(path)).toBe(true);
  });

  it('that may not be made says why, also several levels below what is there', () => {
    const path = join(newFolder(), 'a', 'b');
    fail('mkdirSync', 'EROFS');
    expect(() => makeFolder(path)).toThrow(/a could not be written: the file system is read-only/);
  });
});
