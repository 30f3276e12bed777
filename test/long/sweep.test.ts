import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/random.js';
import { readJournal } from '../../src/sweep/journal.js';
import { buildDist, runWhisker } from '../commands/dist.js';
import { writeTinyDataset } from '../pipeline/tiny-data.js';
import { prepareSweep, TINY_SWEEP, tablesOf } from '../sweep/tiny-sweep.js';

const KILLS = 10;

let root: string;
beforeAll(async () => {
  buildDist();
  root = mkdtempSync(path.join(tmpdir(), 'whisker-sweep-'));
  await writeTinyDataset(path.join(root, 'data'));
});
afterAll(() => rmSync(root, { recursive: true }));

const run = (cwd: string, ...args: string[]) => runWhisker(['sweep', ...args], { cwd });
const tasksDone = (cwd: string) =>
  [...readJournal(path.join(cwd, 'checkpoints/tiny'))]
    .filter(([, { state }]) => state === 'done')
    .map(([id, { time }]) => `${id} ${time}`)
    .sort();

/**
 * Kills a sweep some time after it has told so many lines, alone or with its trainers.
 * @returns whether it ended before
 */
async function killAfter(
  cwd: string,
  args: readonly string[],
  moment: { lines: number; milliseconds: number; withTrainers: boolean },
): Promise<boolean> {
  const main = path.join(buildDist(), 'main.js');
  const sweep = spawn(process.execPath, [main, 'sweep', ...args], {
    cwd,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => sweep.once('exit', resolve));
  const told = (async () => {
    let lines = 0;
    for await (const _ of createInterface({ input: sweep.stderr })) {
      lines++;
      if (lines === moment.lines) break;
    }
    await sleep(moment.milliseconds);
  })();
  await Promise.race([told, ended]);
  if (sweep.exitCode === null)
    process.kill(moment.withTrainers ? -(sweep.pid as number) : (sweep.pid as number), 'SIGKILL');
  return (await ended) !== null;
}

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1')('a sweep', { timeout: 3_600_000 }, () => {
  it('that is killed ten times and resumed gives the table of one that nothing disturbed, bit for bit', async () => {
    const calm = prepareSweep(root, 'calm', TINY_SWEEP);
    const undisturbed = run(calm, 'run', 'sweep.yaml');
    expect(undisturbed.status, undisturbed.stderr).toBe(0);
    expect(JSON.parse(tablesOf(calm)[0]).missing).toEqual([]);

    const killed = prepareSweep(root, 'killed', TINY_SWEEP);
    const random = seededRandom(11, 'moments');
    let kills = 0;
    for (let turn = 0; turn < KILLS; turn++) {
      const args = turn === 0 ? ['run', 'sweep.yaml'] : ['resume', 'checkpoints/tiny'];
      const isOver = await killAfter(killed, args, {
        lines: 1 + random.integer(4),
        milliseconds: random.integer(3000),
        withTrainers: turn % 2 === 0,
      });
      if (!isOver) kills++;
    }
    expect(kills).toBe(KILLS);
    const resumed = run(killed, 'resume', 'checkpoints/tiny');
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(tablesOf(killed)).toEqual(tablesOf(calm));
  });

  it('goes on beside jobs that fail, ends with 5, tries them again and follows its file', () => {
    const bad = { 'heads.data.folder': '../nowhere' };
    const one = { ...TINY_SWEEP, variants: { good: {}, bad }, grid: {}, seeds: [1, 2] };
    const folder = prepareSweep(root, 'failing', one);
    const first = run(folder, 'run', 'sweep.yaml');
    expect(first.status, first.stderr).toBe(5);
    expect(first.stderr).toContain('2 of 4 jobs failed');
    expect(JSON.parse(tablesOf(folder)[0]).missing.map((cell: { state: string }) => cell.state)).toEqual([
      'failed',
      'failed',
    ]);
    const done = tasksDone(folder);
    expect(done).toHaveLength(4);

    expect(run(folder, 'resume', 'checkpoints/tiny').status).toBe(5);
    expect(run(folder, 'retry', 'checkpoints/tiny', '--failed').status).toBe(5);
    expect(tasksDone(folder)).toEqual(done);

    writeFileSync(
      path.join(folder, 'sweep.yaml'),
      JSON.stringify({ ...one, variants: { good: {} }, seeds: [1, 2, 3] }),
    );
    const changed = run(folder, 'run', 'sweep.yaml');
    expect(changed.status, changed.stderr).toBe(0);
    expect(changed.stderr).toContain('1 jobs are new, 2 are dropped');
    expect(tasksDone(folder)).toHaveLength(6);
    expect(tasksDone(folder)).toEqual(expect.arrayContaining(done));
  });

  it('begins nothing after a first failure with --fail-fast', () => {
    const variants = { bad: { 'heads.data.folder': '../nowhere' }, good: {} };
    const folder = prepareSweep(root, 'fast', {
      ...TINY_SWEEP,
      variants,
      grid: {},
      seeds: [1],
      runner: { type: 'local', slots: 1, gpus: [] },
    });
    const { status } = run(folder, 'run', 'sweep.yaml', '--fail-fast');
    expect(status).toBe(5);
    const { missing } = JSON.parse(tablesOf(folder)[0]);
    expect(missing.map((cell: { state: string }) => cell.state)).toEqual(['failed', 'pending']);
  });
});
