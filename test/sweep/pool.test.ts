import { describe, expect, it } from 'vitest';
import { runPool, type TaskOutcome } from '../../src/sweep/pool.js';

type Task = ReturnType<typeof task>;
const task = (id: string, ...after: string[]) => ({ id, after });

/** Starts tasks that end when told; keeps the order in which they began. */
function controlled() {
  const begun: string[] = [];
  const slots = new Map<string, number>();
  const enders = new Map<string, (outcome: TaskOutcome) => void>();
  const start = (started: Task, slot: number) => {
    begun.push(started.id);
    slots.set(started.id, slot);
    return new Promise<TaskOutcome>((end) => enders.set(started.id, end));
  };
  const end = async (id: string, outcome: TaskOutcome = 'done') => {
    enders.get(id)?.(outcome);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { begun, slots, start, end };
}

const ROOMY = { hasRoom: () => true, untilRoomMayHaveChanged: () => new Promise<void>(() => {}) };

describe('runPool', () => {
  it('keeps to the slots, the order and what tasks wait for', async () => {
    const { begun, slots, start, end } = controlled();
    const tasks = [task('p1'), task('h1', 'p1'), task('p2'), task('h2', 'p2'), task('h3', 'p1')];
    const options = { ...ROOMY, slots: 2, start, failFast: false, signal: new AbortController().signal };
    const finished = runPool(tasks, new Map(), options);
    expect(begun).toEqual(['p1', 'p2']);
    await end('p2');
    expect(begun).toEqual(['p1', 'p2', 'h2']);
    expect(slots.get('h2')).toBe(1);
    await end('p1');
    await end('h2');
    expect(begun).toEqual(['p1', 'p2', 'h2', 'h1', 'h3']);
    await end('h1');
    await end('h3');
    expect([...(await finished).values()]).toEqual(['done', 'done', 'done', 'done', 'done']);
  });

  it('goes on after a failure, without what waits for it', async () => {
    const { begun, start, end } = controlled();
    const options = { ...ROOMY, slots: 1, start, failFast: false, signal: new AbortController().signal };
    const finished = runPool([task('p1'), task('h1', 'p1'), task('p2')], new Map(), options);
    await end('p1', 'failed');
    await end('p2');
    expect(begun).toEqual(['p1', 'p2']);
    expect(Object.fromEntries(await finished)).toEqual({ p1: 'failed', p2: 'done' });
  });

  it('begins nothing more after a failure with failFast, or once aborted', async () => {
    const first = controlled();
    const stop = new AbortController();
    const quick = runPool([task('a'), task('b')], new Map(), {
      ...ROOMY,
      slots: 1,
      start: first.start,
      failFast: true,
      signal: stop.signal,
    });
    await first.end('a', 'failed');
    await quick;
    expect(first.begun).toEqual(['a']);

    const second = controlled();
    const stopped = runPool([task('a'), task('b')], new Map(), {
      ...ROOMY,
      slots: 1,
      start: second.start,
      failFast: false,
      signal: stop.signal,
    });
    stop.abort();
    await second.end('a', 'interrupted');
    await stopped;
    expect(second.begun).toEqual(['a']);
  });

  it('does not repeat what was done', async () => {
    const { begun, start, end } = controlled();
    const options = { ...ROOMY, slots: 1, start, failFast: false, signal: new AbortController().signal };
    const finished = runPool([task('p1'), task('h1', 'p1')], new Map([['p1', 'done']]), options);
    await end('h1');
    expect(begun).toEqual(['h1']);
    expect(Object.fromEntries(await finished)).toEqual({ h1: 'done' });
  });

  it('does not try again what failed before', async () => {
    const { begun, start, end } = controlled();
    const options = { ...ROOMY, slots: 1, start, failFast: true, signal: new AbortController().signal };
    const known = new Map([['p1', 'failed' as const]]);
    const finished = runPool([task('p1'), task('h1', 'p1'), task('p2')], known, options);
    await end('p2');
    await finished;
    expect(begun).toEqual(['p2']);
  });

  it('tells of all that has begun when it asks for room', async () => {
    const { start, end } = controlled();
    const asked: string[] = [];
    const finished = runPool([task('a'), task('b'), task('c')], new Map(), {
      ...{ ...ROOMY, slots: 3, start, failFast: false, signal: new AbortController().signal },
      hasRoom: (next, begun) => asked.push(`${next.id} beside ${begun.map(({ id }) => id)}`) > 0,
    });
    for (const id of ['a', 'b', 'c']) await end(id);
    await finished;
    expect(asked).toEqual(['b beside a', 'c beside a,b']);
  });

  it('waits for memory beside what runs, but never with nothing running', async () => {
    const { begun, start, end } = controlled();
    let isRoomy = false;
    let look = () => {};
    const finished = runPool([task('a'), task('b'), task('c')], new Map(), {
      slots: 2,
      start,
      hasRoom: () => isRoomy,
      untilRoomMayHaveChanged: () => new Promise<void>((resolve) => (look = resolve)),
      failFast: false,
      signal: new AbortController().signal,
    });
    expect(begun).toEqual(['a']);
    await end('a');
    expect(begun).toEqual(['a', 'b']);
    isRoomy = true;
    look();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('b');
    await end('c');
    await finished;
  });
});
