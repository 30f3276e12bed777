import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstalledEngine } from '../../src/engine/install.js';
import { installNvidia } from '../../src/engine/nvidia.js';
import { openProgramFolder } from '../../src/engine/program-folder.js';
import { smallWheels } from '../engine/small-wheels.js';

const root = mkdtempSync(join(tmpdir(), 'whisker-disks-'));
const disk = join(root, 'disk');
mkdirSync(disk);
const mount = (...words: string[]) => spawnSync('mount', [...words, disk]).status === 0;
const unmount = () => spawnSync('umount', [disk]);
/** A disk of a few pages can be made by root only. */
const canMount = mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs');
if (canMount) unmount();
else console.log('skipped: no file system can be mounted here');

afterAll(() => rmSync(root, { recursive: true }));

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1' || !canMount)('an engine cache', () => {
  let source: string;
  let libraries: string;
  beforeEach(() => {
    source = mkdtempSync(join(root, 'wheels-'));
    mount('-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs');
    libraries = join(disk, 'libraries', 'tensorflow');
    mkdirSync(libraries, { recursive: true });
  });
  afterEach(unmount);

  it('on a full disk stays as it was, and says so', async () => {
    writeFileSync(join(disk, 'other'), new Uint8Array(60_000));
    const given = smallWheels(source);
    await expect(installNvidia(disk, libraries, { ...given, onProgress: () => {} })).rejects.toThrow(
      /The disk is full.*Nothing was changed/,
    );
    expect(readdirSync(join(disk, 'libraries'))).toEqual(['tensorflow']);
    expect(readdirSync(libraries)).toEqual([]);
  });

  it('that is read-only serves what it holds, keeps no programs, and refuses more', async () => {
    const { wheels, pins } = smallWheels(source);
    const install = { wheels, pins, onProgress: () => {} };
    await installNvidia(disk, libraries, install);
    mount('-o', 'remount,ro');
    await installNvidia(disk, libraries, install);
    const engine = { name: 'cpu' } as InstalledEngine;
    expect(await openProgramFolder(disk, engine, undefined)).toBeUndefined();
    const other = { ...install, pins: pins.slice(1) };
    await expect(installNvidia(disk, libraries, other)).rejects.toThrow(/can't be written \(EROFS\)/);
  });
});
