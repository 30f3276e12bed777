import type { JobState } from '../events/event.js';
import type { JournalEntry, TaskProgress } from './journal.js';
import type { Job, SweepPlan, Task } from './plan.js';

/** How a job stands. */
export interface JobStatus {
  readonly job: Job;
  readonly state: JobState;
  /** The task that it is at, or that it ended with. */
  readonly task: Task;
  readonly entry: JournalEntry | undefined;
  readonly progress: TaskProgress | null;
  readonly error: string | null;
}

/** A task's state, seen from now: `running` without anybody at work is `interrupted`. */
export function stateOfTask(
  entry: JournalEntry | undefined,
  isAtWork: (entry: JournalEntry) => boolean,
): JobState {
  if (entry === undefined) return 'pending';
  return entry.state === 'running' && !isAtWork(entry) ? 'interrupted' : entry.state;
}

/**
 * How every job stands, in the order of the plan. A task that several jobs share counts for the first of them: the
 * others wait (`pending`) until it is done, and fail with it.
 */
export function listJobs(
  plan: SweepPlan,
  journal: ReadonlyMap<string, JournalEntry>,
  isAtWork: (entry: JournalEntry) => boolean,
): JobStatus[] {
  const tasks = new Map(plan.tasks.map((task) => [task.id, task]));
  const owners = new Map<string, Job>();
  for (const job of plan.jobs) for (const id of job.tasks) if (!owners.has(id)) owners.set(id, job);
  return plan.jobs.map((job) => {
    const parts = job.tasks.map((id) => {
      const entry = journal.get(id);
      const state = stateOfTask(entry, isAtWork);
      const isOwn = owners.get(id) === job || state === 'done' || state === 'failed';
      return { task: tasks.get(id) as Task, entry, state: isOwn ? state : 'pending', isOwn };
    });
    const telling =
      (['failed', 'running', 'interrupted', 'pending'] as const)
        .map((state) => parts.find((part) => part.state === state))
        .find((part) => part !== undefined) ?? parts[parts.length - 1];
    return {
      job,
      state: telling.state,
      task: telling.task,
      entry: telling.entry,
      progress: telling.isOwn ? (telling.entry?.progress ?? null) : null,
      error: telling.state === 'failed' ? (telling.entry?.error ?? 'no reason was written down') : null,
    };
  });
}

/** How many jobs are in each state. */
export function countStates(states: readonly JobState[]): Record<JobState, number> {
  const counts = { pending: 0, running: 0, done: 0, failed: 0, interrupted: 0 };
  for (const state of states) counts[state]++;
  return counts;
}
