import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTrainer } from '../../../src/commands/trainer/start-trainer.js';
import { EXIT_CODES, UserError } from '../../../src/errors.js';
import type { RunEvent } from '../../../src/events/event.js';
import { buildDist } from '../dist.js';

let folder: string;
beforeAll(() => {
  buildDist();
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-trainer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(job: Record<string, unknown>, onEvent: (event: RunEvent) => void = () => {}) {
  return startTrainer<Record<string, unknown>, unknown>({
    entry: new URL('./fake-trainer.mjs', import.meta.url),
    job,
    whenParentLost: 'stop',
    memoryRemedy: 'Make training.batchWindows smaller.',
    onEvent,
  });
}

async function failureOf(job: Record<string, unknown>): Promise<UserError> {
  const error = await start(job).ended.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  return error as UserError;
}

describe('a trainer in its own process', () => {
  let logs: string;
  beforeEach(() => {
    logs = path.join(folder, 'logs');
    mkdirSync(logs);
    vi.stubEnv('TMPDIR', logs);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(logs, { recursive: true });
  });

  test.each([
    ['finish', {}],
    ['user error', {}],
    ['bug', {}],
    ['out of memory', {}],
    ['die', { lastWords: 'odd' }],
    ['die', { signal: 'SIGKILL' }],
  ])('%s %j: no log stays that nobody was told of', async (behaviour, how) => {
    await start({ behaviour, steps: 1, ...how }).ended.catch(() => {});
    expect(readdirSync(logs)).toEqual([]);
  });

  test('events arrive in order, frozen words and NaN included, then the result', async () => {
    const events: RunEvent[] = [];
    const { result, stoppedBy } = await start({ behaviour: 'finish', steps: 50 }, (event) =>
      events.push(event),
    ).ended;
    expect(result).toEqual({ steps: 50, weights: new Float32Array([1, 2]) });
    expect(stoppedBy).toBeNull();
    const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []));
    expect(steps.map((event) => event.step)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(steps[0].loss).toBeNaN();
    expect(Date.parse(events[0].time)).not.toBeNaN();
  });

  test('its errors for people come back with kind and hint', async () => {
    const error = await failureOf({ behaviour: 'user error' });
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      kind: 'data',
      message: 'recording 7 has no frames',
      hint: 'Leave it out.',
    });
  });

  test('its bugs come back with its stack', async () => {
    const error = await failureOf({ behaviour: 'bug' });
    expect(error).not.toBeInstanceOf(UserError);
    expect(error.stack).toContain('fake-trainer.mjs');
  });

  test('killed by 9 names memory, the remedy and the last checkpoint', async () => {
    const error = await failureOf({ behaviour: 'die', signal: 'SIGKILL' });
    expect(error.kind).toBe('memory');
    expect(error.message).toContain('signal 9');
    expect(error.hint).toBe(
      'Make training.batchWindows smaller.\nThe last checkpoint is run/step-4; --resume goes on from there.',
    );
  });

  test('a native crash shows its last lines', async () => {
    const error = await failureOf({ behaviour: 'die', signal: 'SIGABRT', lastWords: 'Check failed: x == y' });
    expect(error.kind).toBe('device');
    expect(error.message).toContain('SIGABRT');
    expect(error.message).toContain('Check failed: x == y');
    expect(error.hint).toContain('If memory was short: Make training.batchWindows smaller.');
    const [, log = ''] = /The whole log is (.*)\./.exec(error.hint ?? '') ?? [];
    expect(readFileSync(log, 'utf8')).toContain('Check failed: x == y');
  });

  test('memory that runs out within a step names the remedy and the last checkpoint', async () => {
    const error = await failureOf({ behaviour: 'out of memory' });
    expect(error.kind).toBe('memory');
    expect(error.message).toContain('OOM when allocating tensor');
    expect(error.hint).toBe(
      'Make training.batchWindows smaller.\nThe last checkpoint is run/step-4; --resume goes on from there.',
    );
    expect(EXIT_CODES[error.kind]).toBe(4);
  });

  test('an exhausted JavaScript heap is told as such', async () => {
    const lastWords = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
    const error = await failureOf({ behaviour: 'die', signal: 'SIGABRT', lastWords });
    expect(error.message).toBe('The trainer ran out of JavaScript memory');
  });

  test('an exit without a word is a bug', async () => {
    const error = await failureOf({ behaviour: 'die', lastWords: 'odd' });
    expect(error).not.toBeInstanceOf(UserError);
    expect(error.message).toContain('exit code 7');
    expect(error.message).toContain('odd');
  });

  test('save, pause, resume and stop reach it', async () => {
    let isSaved: (() => void) | undefined;
    const saved = new Promise<void>((resolve) => {
      isSaved = resolve;
    });
    const trainer = start({ behaviour: 'until stopped' }, (event) => {
      if (event.type === 'checkpoint') isSaved?.();
    });
    trainer.save();
    await saved;
    trainer.pause();
    trainer.resume();
    trainer.pause();
    trainer.stop('SIGTERM'); // a paused run ends too
    expect(await trainer.ended).toEqual({ result: 'saved', stoppedBy: 'SIGTERM' });
  });

  test('leaving does not wait for a trainer that hangs', async () => {
    let hangs: (() => void) | undefined;
    const hanging = new Promise<void>((resolve) => {
      hangs = resolve;
    });
    const trainer = start({ behaviour: 'hang' }, (event) => {
      if (event.type === 'checkpoint') hangs?.();
    });
    await hanging;
    trainer.stop('SIGINT');
    trainer.leave('SIGINT');
    await expect(trainer.ended).rejects.toMatchObject({ name: 'Interrupted', signal: 'SIGINT' });
  });
});

/** A parent process whose output is read line by line. */
function startParent(job: Record<string, unknown>, whenParentLost = 'stop') {
  const script = fileURLToPath(new URL('./parent.mjs', import.meta.url));
  const parent = spawn(process.execPath, [script, JSON.stringify(job), whenParentLost], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  parent.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise<string>((resolve) => parent.once('close', () => resolve(text)));
  return { parent, ended, until: (wanted: string) => until(() => text.includes(wanted)), text: () => text };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

function trainerOf(text: string): number {
  return Number(/process (\d+)/.exec(text)?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('signals', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s: says so at once, saves, stops', async (signal) => {
    const { parent, ended, until: seen } = startParent({ behaviour: 'until stopped' });
    await seen('event: message');
    parent.kill(signal);
    const text = await ended;
    const expected = signal === 'SIGHUP' ? 'SIGTERM' : signal;
    expect(text).toContain('say: Saving and stopping.');
    expect(text).toContain(`result: {"result":"saved","stoppedBy":"${expected}"}`);
    expect(text).toContain(`error: Interrupted ${expected}`);
  });

  test('a second SIGINT leaves a trainer that hangs; the same one twice is one', async () => {
    const { parent, ended, until: seen, text } = startParent({ behaviour: 'hang' });
    await seen('event: checkpoint');
    parent.kill('SIGINT');
    await seen('say: Saving');
    parent.kill('SIGINT');
    await sleep(350);
    expect(text()).not.toContain('Leaving');
    parent.kill('SIGINT');
    expect(await ended).toContain('closed\nerror: Interrupted SIGINT');
    await until(() => !isAlive(trainerOf(text())));
  });

  test('SIGUSR1 saves and goes on', async () => {
    const { parent, ended, until: seen } = startParent({ behaviour: 'until stopped' });
    await seen('event: message');
    parent.kill('SIGUSR1');
    await seen('event: checkpoint run/step-1');
    parent.kill('SIGINT');
    expect(await ended).toContain('"stoppedBy":"SIGINT"');
  });

  test('the terminal’s SIGINT to the trainer itself changes nothing', async () => {
    const { parent, ended, until: seen, text } = startParent({ behaviour: 'until stopped' });
    await seen('event: message');
    process.kill(trainerOf(text()), 'SIGINT');
    parent.kill('SIGUSR1');
    await seen('event: checkpoint');
    parent.kill('SIGTERM');
    expect(await ended).toContain('"stoppedBy":"SIGTERM"');
  });
});

describe('a parent that is gone or hangs', () => {
  const killed = async ({ parent, ended }: { parent: ChildProcess; ended: Promise<string> }) => {
    parent.kill('SIGKILL');
    await ended;
  };

  test('gone: the run saves and ends where that was set', async () => {
    const endFile = path.join(folder, 'gone-stop');
    const started = startParent({ behaviour: 'until stopped', endFile });
    await started.until('event: message');
    await killed(started);
    await until(() => existsSync(endFile) && readFileSync(endFile, 'utf8') !== '');
    expect(readFileSync(endFile, 'utf8')).toBe('parent lost');
    await until(() => !isAlive(trainerOf(started.text())));
  });

  test('gone: the run goes on to its end where that was set', async () => {
    const endFile = path.join(folder, 'gone-continue');
    const started = startParent({ behaviour: 'flood', steps: 20_000, endFile }, 'continue');
    await started.until('event: message');
    await killed(started);
    expect(existsSync(endFile)).toBe(false);
    await until(() => existsSync(endFile) && readFileSync(endFile, 'utf8') === 'done');
    await until(() => !isAlive(trainerOf(started.text())));
  });

  test('hanging: the run is not held up and the end is still heard', async () => {
    const endFile = path.join(folder, 'hang');
    const started = startParent({ behaviour: 'flood', steps: 5_000, endFile });
    await started.until('event: message');
    started.parent.kill('SIGSTOP');
    await until(() => existsSync(endFile));
    started.parent.kill('SIGCONT');
    expect(await started.ended).toContain('result: {"result":"flooded","stoppedBy":null}');
  });
});
