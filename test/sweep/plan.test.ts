import { describe, expect, it } from 'vitest';
import { type SweepPlan, tasksInOrder, updatePlan } from '../../src/sweep/plan.js';

const task = (id: string) => ({ id, stage: 'heads' as const, settings: {}, after: [], isDropped: false });
const planOf = (...ids: string[]): SweepPlan => ({
  format: 1,
  name: 's',
  variants: [],
  seeds: [1],
  jobs: ids.map((id) => ({ id, variants: [id], seed: 1, tasks: ['p', id] })),
  tasks: ['p', ...ids].map(task),
  options: {
    runner: { type: 'local', slots: 1, gpus: null, memoryGigabytes: null },
    failFast: false,
    bootstrap: { draws: 100, level: 0.95 },
  },
});

describe('updatePlan', () => {
  it('leaves every task where it was, marks what is dropped and takes it back when it is asked for again', () => {
    const first = planOf('a', 'b');
    const second = updatePlan(first, planOf('b', 'c'));
    expect(second.tasks.map(({ id, isDropped }) => [id, isDropped])).toEqual([
      ['p', false],
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
    expect(second.jobs.map(({ id }) => id)).toEqual(['b', 'c']);
    const third = updatePlan(second, planOf('a'));
    expect(third.tasks.map(({ id, isDropped }) => [id, isDropped])).toEqual([
      ['p', false],
      ['a', false],
      ['b', true],
      ['c', true],
    ]);
  });
});

it('tasks come in the order in which jobs need them, each once', () => {
  expect(tasksInOrder(planOf('a', 'b')).map(({ id }) => id)).toEqual(['p', 'a', 'b']);
});
