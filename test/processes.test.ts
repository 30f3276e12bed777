import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isProcessAlive, processBirth } from '../src/processes.js';

const isLinux = process.platform === 'linux';

it('a process lives by its number, and by its birth where that is known', () => {
  expect(isProcessAlive(process.pid, null)).toBe(true);
  expect(isProcessAlive(process.pid, processBirth(process.pid))).toBe(true);
  // Linux counts processes up to 4,194,304.
  expect(isProcessAlive(4_194_305, null)).toBe(false);
});

it.runIf(isLinux)('a later process of the same number is another one', () => {
  expect(processBirth(process.pid)).toMatch(/^[0-9a-f-]{36}\/\d+$/);
  expect(processBirth(1)).not.toBe(processBirth(process.pid));
  expect(isProcessAlive(process.pid, `${processBirth(process.pid)}1`)).toBe(false);
});

it.runIf(isLinux)('one that is dead and not yet taken note of does not live', async () => {
  // The shell becomes `sleep`, which never asks after the child that it has got; the child ends once that has happened.
  const child = 'until grep -q sleep /proc/$PPID/comm; do :; done';
  const parent = spawn('sh', ['-c', `sh -c '${child}' & echo $!; exec sleep 60`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const pid = Number(String((await once(parent.stdout, 'data'))[0]));
    const state = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1][0];
    while (state() !== 'Z') await sleep(5);
    expect(isProcessAlive(pid, processBirth(pid))).toBe(false);
  } finally {
    parent.kill('SIGKILL');
  }
});
