import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { findCheckpoint } from '../../src/checkpoint/run-folder.js';
import type { JobState } from '../../src/events/event.js';
import { readEventLog } from '../../src/events/event-log.js';
import { readPlan, runFolder } from '../../src/pipeline/sweep-folder.js';
import { isAtWork } from '../../src/sweep/alive.js';
import { stateOfTask } from '../../src/sweep/job-states.js';
import { readJournal } from '../../src/sweep/journal.js';
import { buildDist, runWhisker } from '../commands/dist.js';
import { writeTinyDataset } from '../pipeline/tiny-data.js';
import { prepareSweep, TINY_SWEEP, tablesOf } from '../sweep/tiny-sweep.js';

const NODE = fileURLToPath(new URL('../../scripts/slurm-node', import.meta.url));
const hasSlurm = process.getuid?.() === 0 && spawnSync('slurmctld', ['-V']).status === 0;

/** Encoders that take some seconds, so that they can be hurt on their way. */
const STEPS = 4000;
const SWEEP = {
  ...TINY_SWEEP,
  common: { 'pretrain.training.duration': { steps: STEPS }, 'pretrain.checkpoint.everySteps': 50 },
};
const ON_SLURM = { type: 'slurm', processors: 1, memoryGigabytes: 1, minutes: 10, jobsAtOnce: 2 };
const FOLDER = 'checkpoints/tiny';

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1' || !hasSlurm)(
  'a sweep on Slurm',
  { timeout: 1_800_000 },
  () => {
    let root: string;
    let node: string;
    let environment: Record<string, string>;
    beforeAll(async () => {
      buildDist();
      root = mkdtempSync(path.join(tmpdir(), 'whisker-slurm-'));
      await writeTinyDataset(path.join(root, 'data'));
      // munged is another user's: it can't enter the folder that tests have for themselves.
      node = mkdtempSync('/tmp/whisker-slurm-node-');
      chmodSync(node, 0o755);
      const told = execFileSync(NODE, ['start', path.join(node, 'slurm')], { encoding: 'utf8' });
      environment = { SLURM_CONF: told.trim().split('=')[1] };
    });
    afterAll(() => {
      execFileSync(NODE, ['stop', path.join(node, 'slurm')]);
      for (const folder of [node, root]) rmSync(folder, { recursive: true });
    });

    const slurm = (program: string, ...args: string[]): string =>
      execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, ...environment } });
    const listQueue = () =>
      slurm('squeue', '--noheader', '--array', '--format=%i').split('\n').filter(Boolean);

    /** Waits for something that happens by itself. */
    async function until<T>(what: string, look: () => T | undefined): Promise<T> {
      const deadline = performance.now() + 600_000;
      for (;;) {
        const found = look();
        if (found !== undefined) return found;
        if (performance.now() > deadline)
          throw new Error(`waited for ${what}\n${slurm('squeue', '--array')}`);
        await sleep(50);
      }
    }

    function sweep(cwd: string, ...args: string[]) {
      const { status, stdout, stderr } = runWhisker(['sweep', ...args, '--json'], { cwd, environment });
      expect(status, stderr).toBe(0);
      return JSON.parse(stdout);
    }

    it('ends with the table of one on this machine, though its tasks are cancelled, queued again, warned and killed', async () => {
      const calm = prepareSweep(root, 'calm', SWEEP);
      sweep(calm, 'run', 'sweep.yaml');

      const cwd = prepareSweep(root, 'slurm-sweep', { ...SWEEP, runner: ON_SLURM });
      expect(sweep(cwd, 'run', 'sweep.yaml')).toMatchObject({ tasks: 18 });
      expect(sweep(cwd, 'resume', FOLDER)).toMatchObject({ tasks: 0, arrays: [] });
      const folder = path.join(cwd, FOLDER);
      const plan = readPlan(folder);
      const hurt = new Set<string>();
      const stateOf = (id: string): JobState =>
        stateOfTask(readJournal(folder).get(id), (entry) => isAtWork(entry, Date.now()));
      const lastStep = (id: string): number => {
        const last = findCheckpoint(runFolder(folder, id), 'last');
        return last === null ? 0 : inspectCheckpoint(last).step;
      };
      /** An encoder on its way that nothing has been done to so far. */
      const nextVictim = async () => {
        const id = await until('an encoder on its way', () =>
          plan.tasks
            .filter(
              (task) => task.stage === 'pretrain' && !hurt.has(task.id) && stateOf(task.id) === 'running',
            )
            .map((task) => task.id)
            .find((task) => lastStep(task) > 0 && lastStep(task) < STEPS / 2),
        );
        hurt.add(id);
        return { id, slurmId: readJournal(folder).get(id)?.slurm as string, step: lastStep(id) };
      };
      const untilState = (id: string, state: JobState) =>
        until(`${id} to be ${state}`, () => (stateOf(id) === state ? true : undefined));

      // Cancelled: it has saved, shows as interrupted, and the heads behind it leave the queue.
      const cancelled = await nextVictim();
      slurm('scancel', cancelled.slurmId);
      await untilState(cancelled.id, 'interrupted');
      expect(lastStep(cancelled.id)).toBeGreaterThan(cancelled.step);
      expect(sweep(cwd, 'status', FOLDER).counts).toMatchObject({ interrupted: 1, failed: 0 });
      const behind = plan.tasks.flatMap(({ id, after }) =>
        after.includes(cancelled.id) ? [readJournal(folder).get(id)?.slurm] : [],
      );
      expect(behind).toHaveLength(2);
      await until('the heads behind it to leave', () =>
        listQueue().some((id) => behind.includes(id)) ? undefined : true,
      );
      expect(sweep(cwd, 'resume', FOLDER)).toMatchObject({ tasks: 3 });

      // Queued again by an administrator, and warned of the time limit: both will go on by themselves. Killed with all
      // its processes: nobody could write that down.
      const hurtNext = async (program: string, ...options: string[]) => {
        const victim = await nextVictim();
        // Not waited for: of a job that has just begun Slurm says "try again later", obeys, and scancel tries for a minute.
        spawn(program, [...options, victim.slurmId], {
          env: { ...process.env, ...environment },
          stdio: 'ignore',
        });
        await untilState(victim.id, 'interrupted');
        return victim;
      };
      const requeued = await hurtNext('scontrol', 'requeue');
      const warned = await hurtNext('scancel', '--signal=USR1', '--batch');
      for (const { id, step } of [requeued, warned]) expect(lastStep(id)).toBeGreaterThan(step);
      const killed = await nextVictim();
      const trainer = readJournal(folder).get(killed.id)?.worker.pid as number;
      const [, parent] = readFileSync(`/proc/${trainer}/stat`, 'utf8').split(') ')[1].split(' ');
      for (const pid of [Number(parent), trainer]) process.kill(pid, 'SIGKILL');
      await untilState(killed.id, 'interrupted');

      const untilEmpty = () => until('an empty queue', () => (listQueue().length === 0 ? true : undefined));
      await untilEmpty();
      for (const { id, slurmId } of [requeued, warned]) {
        expect(readJournal(folder).get(id)).toMatchObject({ state: 'done', slurm: slurmId });
      }
      expect(sweep(cwd, 'status', FOLDER).counts).toMatchObject({ done: 10, pending: 1, interrupted: 1 });
      expect(sweep(cwd, 'resume', FOLDER)).toMatchObject({ tasks: 3 });
      await untilEmpty();
      expect(sweep(cwd, 'table', FOLDER).missing).toEqual([]);
      expect(tablesOf(cwd)).toEqual(tablesOf(calm));
      for (const id of hurt) {
        const steps = readEventLog(path.join(runFolder(folder, id), 'events.jsonl')).flatMap((event) =>
          event.type === 'step' ? [event.step] : [],
        );
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
      }
    });

    it('goes on where the time limit has cut it off, though no warning came before', async () => {
      const cwd = prepareSweep(root, 'cut-off', {
        ...TINY_SWEEP,
        ...{ heads: null, variants: { one: {} }, grid: {}, seeds: [1] },
        // More than a minute on any machine, less than two on most.
        common: { 'pretrain.training.duration': { steps: 40_000 }, 'pretrain.checkpoint.everySteps': 10_000 },
        // The warning is SIGWINCH, which no process minds.
        runner: { ...ON_SLURM, minutes: 1, options: ['--signal=B:28@10'] },
      });
      expect(sweep(cwd, 'run', 'sweep.yaml')).toMatchObject({ tasks: 1 });
      await until('an empty queue', () => (listQueue().length === 0 ? true : undefined));
      const folder = path.join(cwd, FOLDER);
      const [{ id }] = readPlan(folder).tasks;
      expect(readJournal(folder).get(id)).toMatchObject({ state: 'done' });
      const events = readEventLog(path.join(runFolder(folder, id), 'events.jsonl'));
      expect(events.filter(({ type }) => type === 'started').length).toBeGreaterThan(1);
    });
  },
);
