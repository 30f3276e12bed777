/** A piece of work of a sweep: a pretraining, or the heads on top of one. */
export interface Task {
  readonly id: string;
  /** Tasks that must be done before. */
  readonly after: readonly string[];
}

export type TaskOutcome = 'done' | 'failed' | 'interrupted';

export interface PoolOptions {
  /** How many tasks run at once. */
  readonly slots: number;
  /** Runs one task to its end; must not throw. `slot` (0 .. slots-1) is its alone meanwhile. */
  readonly start: (task: Task, slot: number) => Promise<TaskOutcome>;
  /** No new tasks begin after the first failure. */
  readonly failFast: boolean;
  /** No new tasks begin once it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Runs tasks in their order, each as soon as a slot is free and what it waits for is done. A task behind a failed
 * one is never started and is missing from the result.
 * @param done tasks that were done before
 */
export async function runPool(
  tasks: readonly Task[],
  done: ReadonlySet<string>,
  options: PoolOptions,
): Promise<ReadonlyMap<string, TaskOutcome>> {
  const outcomes = new Map<string, TaskOutcome>([...done].map((id) => [id, 'done']));
  const waiting = tasks.filter((task) => !done.has(task.id));
  const freeSlots = Array.from({ length: options.slots }, (_, slot) => slot);
  const running = new Set<Promise<void>>();
  const mayStart = () =>
    !options.signal.aborted && !(options.failFast && [...outcomes.values()].includes('failed'));

  const startReady = (): void => {
    while (freeSlots.length > 0 && mayStart()) {
      const index = waiting.findIndex((task) => task.after.every((id) => outcomes.get(id) === 'done'));
      if (index < 0) return;
      const [task] = waiting.splice(index, 1);
      const slot = freeSlots.shift() as number;
      const finished = options.start(task, slot).then((outcome) => {
        outcomes.set(task.id, outcome);
        freeSlots.push(slot);
        running.delete(finished);
      });
      running.add(finished);
    }
  };

  startReady();
  while (running.size > 0) {
    await Promise.race(running);
    startReady();
  }
  for (const id of done) outcomes.delete(id);
  return outcomes;
}
