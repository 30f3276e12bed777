import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertTrusted, buildEntry, engineFolder } from '../../src/engine/cache.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fill = (text: string) => async (part: string) => writeFileSync(join(part, 'file'), text);

describe('engineFolder', () => {
  it.each([
    [{ WHISKER_ENGINE_DIR: '/site/engine', XDG_CACHE_HOME: '/c' }, '/site/engine'],
    [{ XDG_CACHE_HOME: '/c' }, '/c/whisker/engine'],
    [{ XDG_CACHE_HOME: '', WHISKER_ENGINE_DIR: '' }, /\/\.cache\/whisker\/engine$/],
  ])('of %j is %s', (environment, expected) => {
    expect(engineFolder(environment)).toMatch(expected);
  });
});

describe('buildEntry', () => {
  it('builds once and keeps what is there', async () => {
    const place = join(folder, 'libraries', 'one');
    expect(await buildEntry(place, fill('first'))).toBe(true);
    expect(await buildEntry(place, fill('second'))).toBe(false);
    expect(readFileSync(join(place, 'file'), 'utf8')).toBe('first');
    expect(readdirSync(join(folder, 'libraries'))).toEqual(['one']); // neither lock nor part
  });

  it('leaves nothing behind when building fails, and can be tried again', async () => {
    const place = join(folder, 'one');
    const fail = async (part: string) => {
      writeFileSync(join(part, 'half'), '');
      throw new Error('interrupted');
    };
    await expect(buildEntry(place, fail)).rejects.toThrow('interrupted');
    expect(readdirSync(folder)).toEqual([]);
    expect(await buildEntry(place, fill('again'))).toBe(true);
  });

  it('says that the disk is full', async () => {
    const fail = async () => {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    await expect(buildEntry(join(folder, 'one'), fail)).rejects.toThrow(
      /The disk is full.*Nothing was changed/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('lets one of two builders at once build, the other wait for it', async () => {
    const place = join(folder, 'one');
    let building = 0;
    let waits = 0;
    const build = async (part: string) => {
      expect(++building).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(join(part, 'file'), 'whole');
      building--;
    };
    const onWait = () => {
      waits++;
    };
    const results = await Promise.all([1, 2, 3].map(() => buildEntry(place, build, onWait)));
    expect(results.filter((isBuilt) => isBuilt)).toHaveLength(1);
    expect(waits).toBe(2);
    expect(readFileSync(join(place, 'file'), 'utf8')).toBe('whole');
  });

  it('takes over from a process that was killed, and removes what it had begun', async () => {
    const dead = spawn(process.execPath, ['--version']);
    await once(dead, 'exit');
    const place = join(folder, 'one');
    writeFileSync(`${place}.lock`, JSON.stringify({ processId: dead.pid, host: hostname() }));
    mkdirSync(`${place}.part-abc`);
    expect(await buildEntry(place, fill('whole'))).toBe(true);
    expect(readdirSync(folder)).toEqual(['one']);
  });

  it.runIf(process.platform === 'linux')(
    'takes over also where its number is that of another by now',
    async () => {
      const place = join(folder, 'one');
      const owner = { processId: process.pid, host: hostname(), birth: 'an earlier boot/17' };
      writeFileSync(`${place}.lock`, JSON.stringify(owner));
      expect(await buildEntry(place, fill('whole'))).toBe(true);
    },
    5000,
  );
});

describe('assertTrusted', () => {
  it.each([
    [0o700, true],
    [0o755, true],
    [0o775, false],
    [0o777, false],
  ])('mode %o: %s', async (mode, isTrusted) => {
    chmodSync(folder, mode);
    if (isTrusted) await assertTrusted(folder);
    else await expect(assertTrusted(folder)).rejects.toThrow('can be written by other users');
    expect(existsSync(folder)).toBe(true);
  });

  it('trusts root', async () => {
    await assertTrusted('/usr');
  });
});
