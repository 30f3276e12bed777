import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint, verifyCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { findCheckpoint, listSteps, stepPath } from '../../src/checkpoint/run-folder.js';
import { createEmitter } from '../../src/events/emitter.js';
import { openEventLog, truncateEventLog } from '../../src/events/event-log.js';
import { train } from '../../src/training/train.js';
import { dieAt } from '../checkpoint/dying-disk.js';
import { pretend } from './pretend-engine.js';
import { masked, optionsOf } from './tiny-run.js';

const folder = mkdtempSync(join(tmpdir(), 'whisker-crash-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a run of ten steps in a folder, or takes it up from its last checkpoint; keeps one checkpoint and the best. */
async function startOrResume(runFolder: string): Promise<void> {
  const last = findCheckpoint(runFolder, 'last');
  const resume = last === null ? null : readCheckpoint(last);
  const file = join(runFolder, '..', `${runFolder.split('/').at(-1)}.jsonl`);
  truncateEventLog(file, resume?.header.step ?? -1);
  const log = openEventLog(file);
  const { emit, observe } = createEmitter(() => 'now');
  observe(log);
  const { options } = optionsOf({ engine: pretend, mode: 'eager', objectives: [masked] });
  try {
    await train({
      ...options,
      checkpoints: {
        ...options.checkpoints,
        runFolder,
        everySteps: 2,
        keep: { newest: 1, everySteps: null },
      },
      reportSteps: 1,
      // The third look is the best one: `best` moves twice, and stays behind `last`.
      probe: {
        everySteps: 2,
        measure: async (_, step) => ({ fit: { value: -Math.abs(step - 4), healthy: [-9, 0] } }),
      },
      monitor: { metric: 'fit', better: 'higher', patienceProbes: null },
      emit,
      resume,
    });
  } finally {
    log.close();
  }
}

/** All that must come out the same. */
function outcomeOf(runFolder: string) {
  const steps = readFileSync(`${runFolder}.jsonl`, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"type":"step"') || line.includes('"type":"guard"'))
    .map((line) => {
      const { type, step, loss, metrics } = JSON.parse(line);
      return { type, step, loss, metrics };
    });
  return {
    kept: listSteps(runFolder),
    last: readCheckpoint(findCheckpoint(runFolder, 'last') as string),
    best: readCheckpoint(findCheckpoint(runFolder, 'best') as string),
    steps,
  };
}

/** Every checkpoint under its final name is whole, and the pointers name such. */
function expectWhole(runFolder: string): void {
  for (const step of listSteps(runFolder)) verifyCheckpoint(stepPath(runFolder, step));
  for (const which of ['last', 'best'] as const) findCheckpoint(runFolder, which);
}

const calm = join(folder, 'calm');
let runs = 0;

/** A run that dies there and is taken up again; it must come out as the undisturbed one. */
async function expectUnharmed(isLast: (call: string, number: number) => boolean): Promise<void> {
  const runFolder = join(folder, `run${runs++}`);
  const calls = await dieAt(isLast, () => startOrResume(runFolder));
  const where = `${calls.at(-1)}, call ${calls.length}`;
  expectWhole(runFolder);
  await startOrResume(runFolder);
  expect(outcomeOf(runFolder), where).toEqual(outcomeOf(calm));
}

describe('a run that is killed', async () => {
  const calls = await dieAt(
    () => false,
    () => startOrResume(calm),
  );
  /** The second checkpoint is the first that has others beside it. */
  const second = 'step-000002.whisker';

  it.each<[string, (call: string) => boolean]>([
    ['in the midst of the temporary write', (call) => call.startsWith(`writeSync ${second}`)],
    ['after the temporary write, before it is flushed', (call) => call.startsWith(`fsyncSync ${second}`)],
    ['before the rename', (call) => call === `renameSync ${second}`],
    ['between the checkpoint and its pointer', (call) => call.startsWith('openSync last')],
    ['between the pointer and the clean-up', (call) => call === 'rmSync step-000000.whisker'],
    ['while logging', (call) => /^writeSync .*\.jsonl$/.test(call)],
  ])('%s goes on to the same end', async (_, isThere) => {
    expect(calls.some(isThere)).toBe(true);
    await expectUnharmed(isThere);
  });

  it('before a folder is flushed goes on to the same end', async () => {
    const flush = calls.indexOf('openSync steps');
    expect(flush).toBeGreaterThan(0);
    await expectUnharmed((_, number) => number === flush + 1);
  });

  it('at any call of the file system from one checkpoint to the next, too', async () => {
    const from = calls.findIndex((call) => call.includes(second));
    const to = calls.findIndex((call) => call.includes('step-000004.whisker'));
    expect(to - from).toBeGreaterThan(20);
    for (let number = from; number <= to; number++) await expectUnharmed((_, at) => at === number);
  });
});
