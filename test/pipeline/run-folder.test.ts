import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PARTIAL } from '../../src/files/write-whole.js';
import { compareSettings, openRunFolder } from '../../src/pipeline/run-folder.js';

const given = (complete: unknown) => ({ text: 'name: a\n', overrides: ['seed=1'], complete });
const fresh = { resume: false, overwrite: false, forceUnlock: false };
const resume = { ...fresh, resume: true };
const isHarmless = (setting: string) => setting.startsWith('log.');
const newPath = () => join(mkdtempSync(join(tmpdir(), 'run-')), 'run');

describe('openRunFolder', () => {
  it('refuses a folder that is there, unless told what to do', () => {
    const path = newPath();
    openRunFolder(path, given({ seed: 1 }), fresh, isHarmless).release();
    expect(() => openRunFolder(path, given({ seed: 1 }), fresh, isHarmless)).toThrow('is there already');
    const again = openRunFolder(path, given({ seed: 1 }), resume, isHarmless);
    expect(again.isResumed).toBe(true);
    again.release();
  });

  it('tells every difference, and resumes past harmless ones', () => {
    const path = newPath();
    openRunFolder(path, given({ seed: 1, log: { everySteps: 5 } }), fresh, isHarmless).release();
    openRunFolder(path, given({ seed: 1, log: { everySteps: 9 } }), resume, isHarmless).release();
    expect(() => openRunFolder(path, given({ seed: 2, log: { everySteps: 9 } }), resume, isHarmless)).toThrow(
      /seed: 1 -> 2\n\s+log\.everySteps: 5 -> 9 \(harmless\)/,
    );
    // A refused start has not kept the lock.
    openRunFolder(path, given({ seed: 1, log: { everySteps: 5 } }), resume, isHarmless).release();
  });

  it('overwrites what a run leaves and nothing else', () => {
    const path = newPath();
    openRunFolder(path, given({ seed: 1 }), fresh, isHarmless).release();
    writeFileSync(join(path, 'events.jsonl'), '{}\n');
    writeFileSync(join(path, 'notes.txt'), 'mine');
    openRunFolder(path, given({ seed: 2 }), { ...fresh, overwrite: true }, isHarmless).release();
    expect(existsSync(join(path, 'events.jsonl'))).toBe(false);
    expect(existsSync(join(path, 'notes.txt'))).toBe(true);
  });

  it.each(['steps', 'results.json', 'features', 'trained'])(
    'leaves nothing of a start that failed, and everything of a run that came as far as %s',
    (result) => {
      const path = newPath();
      const failed = openRunFolder(path, given({ seed: 1 }), fresh, isHarmless);
      failed.abandon();
      failed.release();
      expect(existsSync(join(path, 'settings.json'))).toBe(false);
      const next = openRunFolder(path, given({ seed: 2 }), fresh, isHarmless);
      mkdirSync(join(path, result));
      next.abandon();
      next.release();
      expect(existsSync(join(path, 'settings.json'))).toBe(true);
      expect(existsSync(join(path, result))).toBe(true);
    },
  );

  it.each(['.', 'steps', 'features/encoder-0', 'heads', 'trained/conv-net/task1/train/steps'])(
    'takes away what a killed process has left half written in %s, and nothing else',
    (place) => {
      const path = newPath();
      openRunFolder(path, given({}), fresh, isHarmless).release();
      mkdirSync(join(path, place), { recursive: true });
      const [whole, half] = ['a.f32', `a.f32${PARTIAL}99`].map((name) => join(path, place, name));
      for (const file of [whole, half]) writeFileSync(file, '');
      openRunFolder(path, given({}), resume, isHarmless).release();
      expect([whole, half].map((file) => existsSync(file))).toEqual([true, false]);
    },
  );

  it('is held by one run of a process, whatever the lock of its number says after that', () => {
    const path = newPath();
    const first = openRunFolder(path, given({}), fresh, isHarmless);
    expect(() => openRunFolder(path, given({}), resume, isHarmless)).toThrow(
      `in use by process ${process.pid}`,
    );
    const lock = readFileSync(join(path, 'lock.json'));
    first.release();
    writeFileSync(join(path, 'lock.json'), lock); // of a process of this number, before the machine was started again
    openRunFolder(path, given({}), resume, isHarmless).release();
  });

  it('is held by one process; a holder that is gone does not count', () => {
    const path = newPath();
    const lock = join(path, 'lock.json');
    openRunFolder(path, given({}), fresh, isHarmless).release();
    const holder = { since: '2026-01-01T00:00:00.000Z', host: hostname(), pid: process.ppid };
    writeFileSync(lock, JSON.stringify(holder));
    expect(() => openRunFolder(path, given({}), resume, isHarmless)).toThrow(`process ${process.ppid}`);
    openRunFolder(path, given({}), { ...resume, forceUnlock: true }, isHarmless).release();

    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(lock, JSON.stringify({ ...holder, pid: gone }));
    openRunFolder(path, given({}), resume, isHarmless).release();
    writeFileSync(lock, JSON.stringify({ ...holder, pid: gone, host: 'elsewhere' }));
    expect(() => openRunFolder(path, given({}), resume, isHarmless)).toThrow('elsewhere');
  });

  it('is taken over from the one holder that was said to be gone, and from nobody who was quicker', () => {
    const path = newPath();
    const lock = join(path, 'lock.json');
    openRunFolder(path, given({}), fresh, isHarmless).release();
    const hold = (host: string) =>
      writeFileSync(lock, JSON.stringify({ since: '2026-01-01T00:00:00.000Z', host, pid: 7 }));
    const fromGone = { ...resume, forceUnlock: { host: 'gone', pid: 7 } };
    hold('quicker');
    expect(() => openRunFolder(path, given({}), fromGone, isHarmless)).toThrow('process 7 on quicker');
    expect(readFileSync(lock, 'utf8')).toContain('quicker');
    hold('gone');
    openRunFolder(path, given({}), fromGone, isHarmless).release();
  });
});

describe('compareSettings', () => {
  it('names what differs, what came and what went, at any depth', () => {
    const before = { a: 1, b: { c: [1, 2], d: null }, e: 'x' };
    const after = { a: 1, b: { c: [1, 3], d: {} }, f: true };
    expect(compareSettings(before, after)).toEqual([
      { setting: 'b.c.1', before: 2, after: 3 },
      { setting: 'b.d', before: null, after: {} },
      { setting: 'e', before: 'x', after: undefined },
      { setting: 'f', before: undefined, after: true },
    ]);
  });
});
