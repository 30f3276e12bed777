import type { Stage } from './declaration.js';

/** A run of a sweep: a pretraining, or the heads on top of it. */
export interface Task {
  /** `pretrain-` or `heads-` and the hash of its settings; the name of its folder below `runs`. */
  readonly id: string;
  readonly stage: Stage;
  /** Complete settings, `${WHISKER_NAME}` unexpanded. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Tasks that must be done before. */
  readonly after: readonly string[];
  /** Whether the sweep's file asks for it no more. */
  readonly isDropped: boolean;
}

/** What becomes one cell of the table: a pretraining (or one for each split), then heads. */
export interface Job {
  /** The id of its last task. */
  readonly id: string;
  /** Several where variants come to the same settings. */
  readonly variants: readonly string[];
  readonly seed: number;
  /** In their order; jobs may share them. */
  readonly tasks: readonly string[];
}

/** All that a sweep has to do: plain data, `plan.json` in its folder. Every machine that works on it reads this alone. */
export interface SweepPlan {
  readonly format: 1;
  readonly name: string;
  /** In the order of the file; the first is the baseline. */
  readonly variants: readonly PlannedVariant[];
  readonly seeds: readonly number[];
  /** In the order in which they begin. */
  readonly jobs: readonly Job[];
  /** A task never changes its place: `sweep job` counts from 0 here, also when the file has been changed since. */
  readonly tasks: readonly Task[];
  readonly options: SweepOptions;
}

/** How the jobs are run and compared; no run depends on it. */
export interface SweepOptions {
  readonly runner: LocalRunner | SlurmRunner;
  readonly failFast: boolean;
  readonly bootstrap: { readonly draws: number; readonly level: number };
}

/** Jobs of a sweep beside each other on this machine. */
export interface LocalRunner {
  readonly type: 'local';
  readonly slots: number;
  /** As CUDA_VISIBLE_DEVICES names them; null: all there are. */
  readonly gpus: readonly string[] | null;
  readonly memoryGigabytes: number | null;
}

/** Jobs of a sweep as tasks of Slurm arrays. */
export interface SlurmRunner {
  readonly type: 'slurm';
  readonly partition: string | null;
  readonly account: string | null;
  readonly gres: string | null;
  readonly processors: number;
  readonly memoryGigabytes: number;
  readonly minutes: number;
  readonly saveSeconds: number;
  readonly jobsAtOnce: number;
  readonly options: readonly string[];
}

/** A variant of a sweep, by name. */
export interface PlannedVariant {
  readonly name: string;
  /** What differs from the base files: `pretrain.encoder.width=64`. */
  readonly differences: readonly string[];
}

/** The plan after the file was changed: what is still asked for keeps its place, what isn't is kept as dropped. */
export function updatePlan(before: SweepPlan, now: SweepPlan): SweepPlan {
  const asked = new Map(now.tasks.map((task) => [task.id, task]));
  const kept = before.tasks.map((task) => asked.get(task.id) ?? { ...task, isDropped: true });
  const known = new Set(before.tasks.map(({ id }) => id));
  return { ...now, tasks: [...kept, ...now.tasks.filter(({ id }) => !known.has(id))] };
}

/** Tasks in the order in which jobs need them, each once. */
export function tasksInOrder({ jobs, tasks }: SweepPlan): Task[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return [...new Set(jobs.flatMap((job) => job.tasks))].map((id) => byId.get(id) as Task);
}
