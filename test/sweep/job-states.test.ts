import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { JobState } from '../../src/events/event.js';
import { describeWorker, isAtWork } from '../../src/sweep/alive.js';
import { countStates, listJobs } from '../../src/sweep/job-states.js';
import type { JournalEntry, Worker } from '../../src/sweep/journal.js';
import type { SweepPlan } from '../../src/sweep/plan.js';

const NOW = Date.parse('2026-01-01T00:10:00Z');

const entry = (
  state: JobState,
  worker: Worker = { host: 'far', pid: 1, birth: null },
  time = '00:09:00',
): JournalEntry => ({
  ...{ task: 't', change: 1, state, worker },
  time: `2026-01-01T${time}Z`,
  ...(state === 'failed' ? { error: 'no memory' } : {}),
});

const task = (id: string, ...after: string[]) => ({
  ...{ id, after, settings: {}, isDropped: false },
  stage: id.startsWith('p') ? ('pretrain' as const) : ('heads' as const),
});
/** Two jobs that share a pretraining, and one of its own. */
const plan = {
  jobs: [
    { id: 'h1', variants: ['one'], seed: 1, tasks: ['p1', 'h1'] },
    { id: 'h2', variants: ['two'], seed: 1, tasks: ['p1', 'h2'] },
    { id: 'h3', variants: ['three'], seed: 1, tasks: ['p3', 'h3'] },
  ],
  tasks: [task('p1'), task('h1', 'p1'), task('h2', 'p1'), task('p3'), task('h3', 'p3')],
} as unknown as SweepPlan;

const statesFor = (journal: Record<string, JournalEntry>) =>
  listJobs(plan, new Map(Object.entries(journal)), (found) => isAtWork(found, NOW)).map(
    ({ state, task: at }) => `${state} ${at.id}`,
  );

describe('listJobs', () => {
  it('counts a shared run for the first job that needs it: the others wait, and fail with it', () => {
    expect(statesFor({})).toEqual(['pending p1', 'pending p1', 'pending p3']);
    expect(statesFor({ p1: entry('running') })).toEqual(['running p1', 'pending p1', 'pending p3']);
    expect(statesFor({ p1: entry('done'), h2: entry('running') })).toEqual([
      'pending h1',
      'running h2',
      'pending p3',
    ]);
    expect(statesFor({ p1: entry('failed') })).toEqual(['failed p1', 'failed p1', 'pending p3']);
    const all = { p1: entry('done'), h1: entry('done'), h2: entry('failed') };
    expect(statesFor(all)).toEqual(['done h1', 'failed h2', 'pending p3']);
  });

  it('shows how far a shared run is with the job that it counts for', () => {
    const progress = { share: 0.5, metric: { name: 'loss', value: 1 }, etaSeconds: 9 };
    const journal = new Map([['p1', { ...entry('running'), progress }]]);
    const jobs = listJobs(plan, journal, (found) => isAtWork(found, NOW));
    expect(jobs.map((job) => job.progress)).toEqual([progress, null, null]);
  });

  it('shows a run as interrupted once nobody is at work on it', () => {
    const silent = entry('running', undefined, '00:05:00');
    expect(statesFor({ p3: silent })[2]).toBe('interrupted p3');
    expect(countStates(['done', 'done', 'failed'])).toMatchObject({ done: 2, failed: 1, running: 0 });
  });
});

describe('isAtWork', () => {
  const here = describeWorker(process.pid);

  it("knows this machine's processes, and tells a later one of the same number apart", () => {
    const old = '00:00:00';
    expect(isAtWork(entry('running', here, old), NOW)).toBe(true);
    expect(isAtWork(entry('running', { ...here, birth: `${here.birth}1` }), NOW)).toBe(false);
    // Linux counts processes up to 4,194,304.
    expect(isAtWork(entry('running', { ...here, pid: 4_194_305 }), NOW)).toBe(false);
    expect(here.host).toBe(hostname());
  });

  it('believes signs of life of other machines for two minutes and a half', () => {
    expect(isAtWork(entry('running', undefined, '00:07:31'), NOW)).toBe(true);
    expect(isAtWork(entry('running', undefined, '00:07:29'), NOW)).toBe(false);
  });
});
