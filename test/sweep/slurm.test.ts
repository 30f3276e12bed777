import { describe, expect, it } from 'vitest';
import type { SlurmRunner, Task } from '../../src/sweep/plan.js';
import { batchScript, expandIndices, groupIntoArrays, sbatchArguments } from '../../src/sweep/slurm.js';

const task = (id: string, ...after: string[]): Task => ({
  ...{ id, after, settings: {}, isDropped: false },
  stage: after.length === 0 ? 'pretrain' : 'heads',
});
const TASKS = [task('p1'), task('h1', 'p1'), task('h2', 'p1'), task('p2'), task('h3', 'p1', 'p2')];

const runner: SlurmRunner = {
  type: 'slurm',
  partition: 'gpu',
  account: null,
  gres: 'gpu:1',
  processors: 4,
  memoryGigabytes: 1.5,
  minutes: 90,
  saveSeconds: 60,
  jobsAtOnce: 8,
  options: ['--qos=low'],
};

describe('groupIntoArrays', () => {
  it('puts what waits for the same runs together, and what waits for nothing first', () => {
    expect(
      groupIntoArrays(
        TASKS,
        () => true,
        () => false,
      ),
    ).toEqual([
      { indices: [0, 3], after: [] },
      { indices: [1, 2], after: ['p1'] },
      { indices: [4], after: ['p1', 'p2'] },
    ]);
  });

  it('leaves out what is not open, and waits for nothing that is done', () => {
    const isOpen = ({ id }: Task) => id !== 'p1' && id !== 'h1';
    expect(groupIntoArrays(TASKS, isOpen, (id) => id === 'p1')).toEqual([
      { indices: [2, 3], after: [] },
      { indices: [4], after: ['p2'] },
    ]);
  });
});

describe('sbatchArguments', () => {
  const base = { sweepName: 's', logFolder: '/w/log', workFolder: '/w', runner };

  it('asks for what the settings say, for a warning before the limit, and to be queued again', () => {
    const array = { indices: [0, 3], after: [] };
    expect(sbatchArguments({ ...base, array, slurmIdOf: () => '' })).toEqual([
      '--parsable',
      '--hold',
      '--job-name=whisker-s',
      '--array=0,3%8',
      '--chdir=/w',
      '--output=/w/log/%A_%a.log',
      '--open-mode=append',
      '--requeue',
      '--cpus-per-task=4',
      '--mem=1500M',
      '--time=90',
      '--signal=B:USR1@60',
      '--partition=gpu',
      '--gres=gpu:1',
      '--qos=low',
    ]);
  });

  it('lets heads wait for their pretrainings, by their places in other arrays', () => {
    const array = { indices: [4], after: ['p1', 'p2'] };
    const given = sbatchArguments({ ...base, array, slurmIdOf: (id) => `70_${id.slice(1)}` });
    expect(given).toContain('--dependency=afterok:70_1:70_2');
    expect(given).toContain('--kill-on-invalid-dep=yes');
  });
});

it('the script becomes the command itself, whatever its path holds', () => {
  expect(batchScript(['/my node', "it's.js", 'sweep'])).toBe(
    `#!/bin/sh\nexec '/my node' 'it'\\''s.js' 'sweep' "$SLURM_ARRAY_TASK_ID"\n`,
  );
});

it('the indices of an array are expanded as squeue writes them', () => {
  expect(expandIndices('7')).toEqual([7]);
  expect(expandIndices('1-2%2')).toEqual([1, 2]);
  expect(expandIndices('0-15:3%2')).toEqual([0, 3, 6, 9, 12, 15]);
  expect(expandIndices('6,9-11,15%16')).toEqual([6, 9, 10, 11, 15]);
  // A job that is no array.
  expect(expandIndices('N/A')).toEqual([]);
});
