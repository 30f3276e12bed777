import type { SlurmRunner, Task } from './plan.js';

/** Tasks that are handed to Slurm together: an array whose members begin when the same runs are done. */
export interface SlurmArray {
  /** Places in the plan's list of tasks, rising. */
  readonly indices: readonly number[];
  /** Tasks of other arrays that must end well before. */
  readonly after: readonly string[];
}

/**
 * Arrays in the order of submission: first what waits for nothing, then an array for each set of runs that tasks wait
 * for.
 * @param tasks all of the plan, in its order
 * @param isOpen whether a task is still to be handed over
 * @param isDone whether a task needn't be waited for
 */
export function groupIntoArrays(
  tasks: readonly Task[],
  isOpen: (task: Task) => boolean,
  isDone: (id: string) => boolean,
): SlurmArray[] {
  const arrays = new Map<string, { indices: number[]; after: readonly string[] }>();
  tasks.forEach((task, index) => {
    if (!isOpen(task)) return;
    const after = task.after.filter((id) => !isDone(id));
    const key = after.join(' ');
    const array = arrays.get(key) ?? { indices: [], after };
    array.indices.push(index);
    arrays.set(key, array);
  });
  return [...arrays.values()].sort((a, b) => Number(a.after.length > 0) - Number(b.after.length > 0));
}

export interface SubmitOptions {
  readonly sweepName: string;
  /** Where the logs of the tasks go. */
  readonly logFolder: string;
  /** The folder that the command runs in; on every node the same. */
  readonly workFolder: string;
  readonly runner: SlurmRunner;
  readonly array: SlurmArray;
  /** `JOB_INDEX` of a task that was handed over before. */
  readonly slurmIdOf: (task: string) => string;
}

/** The arguments of sbatch. The array is held until its tasks stand in the journal. */
export function sbatchArguments({ runner, array, ...options }: SubmitOptions): string[] {
  const { partition, account, gres } = runner;
  return [
    '--parsable',
    '--hold',
    `--job-name=whisker-${options.sweepName}`,
    `--array=${array.indices.join(',')}%${runner.jobsAtOnce}`,
    `--chdir=${options.workFolder}`,
    `--output=${options.logFolder}/%A_%a.log`,
    '--open-mode=append',
    '--requeue',
    `--cpus-per-task=${runner.processors}`,
    `--mem=${Math.ceil(1000 * runner.memoryGigabytes)}M`,
    `--time=${runner.minutes}`,
    `--signal=B:USR1@${runner.saveSeconds}`,
    ...(partition === null ? [] : [`--partition=${partition}`]),
    ...(account === null ? [] : [`--account=${account}`]),
    ...(gres === null ? [] : [`--gres=${gres}`]),
    ...(array.after.length === 0
      ? []
      : [
          `--dependency=afterok:${array.after.map(options.slurmIdOf).join(':')}`,
          '--kill-on-invalid-dep=yes',
        ]),
    ...runner.options,
  ];
}

/** The script of an array: the process that Slurm signals is the command itself. @param command its words */
export function batchScript(command: readonly string[]): string {
  const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `#!/bin/sh\nexec ${words.join(' ')} "$SLURM_ARRAY_TASK_ID"\n`;
}

/** The indices that squeue shows of an array: `3`, `0,3-5`, `0-15:3%2` (every third; two at a time). */
export function expandIndices(text: string): number[] {
  return text
    .split('%')[0]
    .split(',')
    .flatMap((part) => {
      const [, first, last = first, step = '1'] = /^(\d+)(?:-(\d+))?(?::(\d+))?$/.exec(part) ?? [];
      if (first === undefined) return [];
      const count = Math.floor((Number(last) - Number(first)) / Number(step)) + 1;
      return Array.from({ length: count }, (_, index) => Number(first) + index * Number(step));
    });
}
