import type { Task } from './plan.js';

/** How a task of the pool ended. */
export type TaskOutcome = 'done' | 'failed' | 'interrupted';

export interface PoolOptions<T extends PoolTask> {
  /** How many tasks run at once. */
  readonly slots: number;
  /** Runs one task to its end; must not throw. `slot` (0 .. slots-1) is its alone meanwhile. */
  readonly start: (task: T, slot: number) => Promise<TaskOutcome>;
  /** Whether the machine can take one more beside those that have begun; asked only while there are some. */
  readonly hasRoom: (task: T, begun: readonly T[]) => boolean;
  /** Resolves when it is worth asking again. */
  readonly untilRoomMayHaveChanged: () => Promise<void>;
  /** No new tasks begin after the first failure. */
  readonly failFast: boolean;
  /** No new tasks begin once it is aborted. */
  readonly signal: AbortSignal;
}

type PoolTask = Pick<Task, 'id' | 'after'>;

/**
 * Runs tasks in their order, each as soon as a slot is free, the machine has room and what it waits for is done. A task
 * behind one that failed is never started and is missing from the result.
 * @param known tasks that have ended before: `done`, or `failed` and not to be tried again
 */
export async function runPool<T extends PoolTask>(
  tasks: readonly T[],
  known: ReadonlyMap<string, 'done' | 'failed'>,
  options: PoolOptions<T>,
): Promise<ReadonlyMap<string, TaskOutcome>> {
  const outcomes = new Map<string, TaskOutcome>();
  const isDone = (id: string) => (outcomes.get(id) ?? known.get(id)) === 'done';
  const waiting = tasks.filter((task) => !known.has(task.id));
  const freeSlots = Array.from({ length: options.slots }, (_, slot) => slot);
  const running = new Map<T, Promise<void>>();
  const mayStart = () =>
    !options.signal.aborted && !(options.failFast && [...outcomes.values()].includes('failed'));

  /** @returns whether a task could start but for the room */
  const startReady = (): boolean => {
    while (freeSlots.length > 0 && mayStart()) {
      const index = waiting.findIndex((task) => task.after.every(isDone));
      if (index < 0) return false;
      if (running.size > 0 && !options.hasRoom(waiting[index], [...running.keys()])) return true;
      const [task] = waiting.splice(index, 1);
      const slot = freeSlots.shift() as number;
      const finished = options.start(task, slot).then((outcome) => {
        outcomes.set(task.id, outcome);
        freeSlots.push(slot);
        freeSlots.sort((a, b) => a - b);
        running.delete(task);
      });
      running.set(task, finished);
    }
    return false;
  };

  let lacksRoom = startReady();
  while (running.size > 0) {
    await Promise.race([...running.values(), ...(lacksRoom ? [options.untilRoomMayHaveChanged()] : [])]);
    lacksRoom = startReady();
  }
  return outcomes;
}
