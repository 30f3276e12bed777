import fs, { mkdtempSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { refuseExisting } from '../../src/commands/refuse-existing.js';

const { accessSync } = fs;
afterEach(() => {
  Object.assign(fs, { accessSync });
  syncBuiltinESMExports();
});

it('refuses earlier results, a file, and a folder that may not be written to, before anything is computed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'refuse-'));
  refuseExisting(join(folder, 'new', 'deep'), 'index.json', false);
  writeFileSync(join(folder, 'index.json'), '{}');
  expect(() => refuseExisting(folder, 'index.json', false)).toThrow('holds the results of an earlier call');
  refuseExisting(folder, 'index.json', true);
  expect(() => refuseExisting(join(folder, 'index.json', 'out'), 'index.json', true)).toThrow('is a file');
  const closed = () => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  };
  Object.assign(fs, { accessSync: closed });
  syncBuiltinESMExports();
  expect(() => refuseExisting(join(folder, 'new'), 'index.json', true)).toThrow(
    `${folder} could not be written: this user may not write there`,
  );
});
