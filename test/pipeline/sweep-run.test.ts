import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { loadKind } from '../../src/config/kinds.js';
import { UserError } from '../../src/errors.js';
import type { EmitEvent } from '../../src/events/event.js';
import { keepPlan, readPlan, runFolder } from '../../src/pipeline/sweep-folder.js';
import { planSweep } from '../../src/pipeline/sweep-plan.js';
import { type LocalSweepOptions, runLocalSweep } from '../../src/pipeline/sweep-run.js';
import { type RunRequest, type StartedRun, workOnTask } from '../../src/pipeline/sweep-task.js';
import { openJournal, readJournal } from '../../src/sweep/journal.js';
import type { Machine } from '../../src/sweep/slots.js';

/** The folder of a sweep of so many pretrainings, with nothing done so far. */
function planned(runs: number): string {
  const root = mkdtempSync(path.join(tmpdir(), 'sweep-run-'));
  const base = path.join(root, 'base.yaml');
  writeFileSync(base, 'kind: pretrain\nname: base\ndata: { folder: data }\nprobe: null\n');
  const seeds = Array.from({ length: runs }, (_, index) => index);
  const overrides = ['kind=sweep', 'name=s', `pretrain="${base}"`, `seeds=${JSON.stringify(seeds)}`];
  const plan = planSweep(loadKind('sweep', { file: null, overrides, environment: {} }), {});
  const folder = path.join(root, 'sweep');
  keepPlan(folder, plan, '');
  return folder;
}

/** Stands in for trainers: keeps what was asked for, and ends runs when told. */
function fakeRuns() {
  const started: (RunRequest & { readonly end: (error?: Error) => void })[] = [];
  const startRun = (request: RunRequest): StartedRun => {
    let end: (error?: Error) => void = () => {};
    const ended = new Promise<'done'>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve('done') : reject(error));
    });
    started.push({ ...request, end: (error) => end(error) });
    const ignore = () => {};
    return {
      ...{
        pid: process.pid,
        ended,
        stop: ignore,
        leave: ignore,
        save: ignore,
        pause: ignore,
        resume: ignore,
      },
    };
  };
  return { started, startRun };
}

const ROOMY: Machine = { processors: 4, gpus: [], availableBytes: () => null };

function run(folder: string, options: Pick<LocalSweepOptions, 'startRun'> & Partial<LocalSweepOptions>) {
  return runLocalSweep(folder, {
    runner: { type: 'local', slots: 2, gpus: null, memoryGigabytes: null },
    ...{ failFast: false, machine: ROOMY, environment: {}, forceUnlock: false, emit: () => {} },
    ...{ signal: new AbortController().signal, active: new Map() },
    ...options,
  });
}

/** Lets what has been settled take its course. */
const settle = () => sleep(0);
const untilStarted = async (started: readonly unknown[], count: number) => {
  while (started.length < count) await sleep(5);
};

describe('a sweep on one machine', () => {
  it('shares processors out, and gives each run a GPU that no other has meanwhile', async () => {
    const { started, startRun } = fakeRuns();
    const finished = run(planned(4), {
      startRun,
      runner: { type: 'local', slots: 3, gpus: null, memoryGigabytes: null },
      machine: { ...ROOMY, processors: 11, gpus: ['1', '4', '6', '7'] },
    });
    await untilStarted(started, 3);
    await settle();
    expect(started.map(({ environment }) => environment)).toEqual([
      { CUDA_VISIBLE_DEVICES: '1' },
      { CUDA_VISIBLE_DEVICES: '4' },
      { CUDA_VISIBLE_DEVICES: '6' },
    ]);
    expect(started.map(({ job }) => job.settings.engine.threads)).toEqual([3, 3, 3]);
    started[1].end();
    await untilStarted(started, 4);
    expect(started[3].environment).toEqual({ CUDA_VISIBLE_DEVICES: '4' });
    for (const { end } of started) end();
    expect((await finished).states).toEqual(['done', 'done', 'done', 'done']);
  });

  it('begins no run that memory has no room for, and the next one when there is room', async () => {
    const { started, startRun } = fakeRuns();
    let availableBytes = 25e9;
    const finished = run(planned(3), {
      startRun,
      runner: { type: 'local', slots: 3, gpus: [], memoryGigabytes: 10 },
      machine: { ...ROOMY, availableBytes: () => availableBytes },
    });
    // Two runs are promised 10 GB each: of 25 no third 10 are left.
    await untilStarted(started, 2);
    await settle();
    expect(started).toHaveLength(2);
    availableBytes = 40e9;
    started[0].end();
    await untilStarted(started, 3);
    for (const { end } of started) end();
    expect((await finished).states).toEqual(['done', 'done', 'done']);
  });

  it('holds its folder no longer when the machine has too few GPUs', async () => {
    const folder = planned(1);
    const { startRun } = fakeRuns();
    const runner = { type: 'local', slots: 2, gpus: ['0'], memoryGigabytes: null } as const;
    await expect(run(folder, { startRun, runner })).rejects.toThrow('runner.slots is 2');
    expect(existsSync(path.join(folder, 'lock.json'))).toBe(false);
  });

  it('says whose lock it has taken over', async () => {
    const folder = planned(1);
    const { started, startRun } = fakeRuns();
    const holder = { host: hostname(), pid: spawnSync(process.execPath, ['-e', '']).pid, since: '2026' };
    writeFileSync(path.join(folder, 'lock.json'), JSON.stringify(holder));
    const told: string[] = [];
    const emit: EmitEvent = (event) => event.type === 'message' && told.push(event.text);
    const finished = run(folder, { startRun, emit });
    await untilStarted(started, 1);
    started[0].end();
    await finished;
    expect(told).toEqual([expect.stringContaining(`the lock of process ${holder.pid}`)]);
  });

  it('goes on beside a run that crashes, and keeps its reason', async () => {
    const folder = planned(3);
    const { started, startRun } = fakeRuns();
    const finished = run(folder, { startRun });
    await untilStarted(started, 2);
    started[0].end(new Error('the trainer was killed'));
    started[1].end();
    await untilStarted(started, 3);
    started[2].end();
    expect((await finished).states).toEqual(['failed', 'done', 'done']);
    const reasons = [...readJournal(folder).values()].flatMap(({ error }) => error ?? []);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain('the trainer was killed');
  });

  it('goes on past a sign of life that a full disk has no room for', async () => {
    const folder = planned(1);
    const { started, startRun } = fakeRuns();
    const journal = openJournal(folder, 'here', () => new Date().toISOString());
    const beat = vi.fn(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    });
    const world = { folder, journal: { ...journal, beat }, startRun, environment: {}, slurm: null };
    vi.useFakeTimers();
    try {
      const outcome = workOnTask(
        readPlan(folder).tasks[0],
        { threads: 1, gpu: null },
        {
          ...{ ...world, signal: new AbortController().signal, active: new Map() },
          ...{ onChange: () => {}, emit: () => {} },
        },
      );
      await vi.advanceTimersByTimeAsync(16_000);
      expect(beat).toHaveBeenCalled();
      started[0].end();
      expect(await outcome).toBe('done');
    } finally {
      vi.useRealTimers();
    }
  });

  describe('beside another machine', () => {
    const other = { host: 'elsewhere', pid: 7, birth: null };
    /** The first task of a sweep, and what the other machine does with it. */
    function task(folder: string) {
      const { id } = readPlan(folder).tasks[0];
      const lock = path.join(runFolder(folder, id), 'lock.json');
      const journalOf = (time: string) => openJournal(folder, `elsewhere-${time}`, () => time);
      return {
        id,
        journalOf,
        hold() {
          mkdirSync(path.dirname(lock), { recursive: true });
          writeFileSync(lock, JSON.stringify({ ...other, since: '2026-01-01T00:00:00.000Z' }));
        },
        leave: () => rmSync(lock),
      };
    }

    it('waits for a run that the other has taken in the same moment', async () => {
      const folder = planned(1);
      const { started, startRun } = fakeRuns();
      const { id, journalOf, hold, leave } = task(folder);
      const told: string[] = [];
      const emit: EmitEvent = (event) => event.type === 'message' && told.push(event.text);
      const finished = run(folder, { startRun, emit });
      await untilStarted(started, 1);
      hold();
      started[0].end(new UserError('usage', 'the folder is in use by process 7 on elsewhere'));
      await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 20_000 });
      expect(readJournal(folder).get(id)?.state).not.toBe('failed');
      journalOf(new Date().toISOString()).change(id, { state: 'done', worker: other });
      leave();
      expect((await finished).states).toEqual(['done']);
      expect(started).toHaveLength(1);
      expect(told).toEqual([expect.stringContaining(`${id} waits for process 7 on elsewhere`)]);
    });

    it('takes a run over from the process that is gone, and from no other', async () => {
      const folder = planned(1);
      const { started, startRun } = fakeRuns();
      const { id, journalOf, hold } = task(folder);
      journalOf('2026-01-01T00:00:00.000Z').change(id, { state: 'running', worker: other });
      hold();
      const finished = run(folder, { startRun });
      await untilStarted(started, 1);
      expect(started[0].job.policy.forceUnlock).toEqual({ host: 'elsewhere', pid: 7 });
      rmSync(path.join(runFolder(folder, id), 'lock.json'));
      started[0].end();
      expect((await finished).states).toEqual(['done']);
    });
  });
});
