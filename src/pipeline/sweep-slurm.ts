import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Environment } from '../config/references.js';
import { UserError } from '../errors.js';
import type { EmitEvent } from '../events/event.js';
import { makeFolder } from '../files/write-whole.js';
import { describeWorker, isAtWork } from '../sweep/alive.js';
import { readJournal } from '../sweep/journal.js';
import type { SlurmRunner } from '../sweep/plan.js';
import type { TaskOutcome } from '../sweep/pool.js';
import { batchScript, expandIndices, groupIntoArrays, sbatchArguments } from '../sweep/slurm.js';
import { lockFolder } from './lock.js';
import { openSweepJournal, readPlan } from './sweep-folder.js';
import { createSweepReporter } from './sweep-report.js';
import { type StartedRun, type StartRun, workOnTask } from './sweep-task.js';

/** What was handed to Slurm. */
export interface Submission {
  readonly folder: string;
  /** Ids of array jobs, for squeue and scancel. */
  readonly arrays: readonly string[];
  readonly tasks: number;
}

/**
 * Hands everything of a sweep that is neither done nor failed nor handed over already to Slurm, as arrays whose tasks
 * call `whisker sweep job`.
 * @param command the words that run this program, e.g. `[node, dist/main.js]`
 * @throws UserError (`usage`, `device`) where Slurm isn't there or refuses
 */
export function submitSweep(folder: string, runner: SlurmRunner, command: readonly string[]): Submission {
  const plan = readPlan(folder);
  const lock = lockFolder(folder, false);
  try {
    const journal = openSweepJournal(folder);
    // First the queue: of a task that has left it, the journal then tells the end.
    const queued = listQueue();
    const entries = readJournal(folder);
    const slurmIds = new Map(
      [...entries].flatMap(([id, { slurm }]) => (slurm === undefined ? [] : [[id, slurm]])),
    );
    const isOpen = (id: string): boolean => {
      const entry = entries.get(id);
      if (entry === undefined) return true;
      if (entry.state === 'done' || entry.state === 'failed') return false;
      if (entry.slurm !== undefined && queued.has(entry.slurm)) return false;
      return !(entry.state === 'running' && isAtWork(entry, Date.now()));
    };
    const arrays = groupIntoArrays(
      plan.tasks,
      ({ id, after, isDropped }) =>
        !isDropped && isOpen(id) && after.every((other) => entries.get(other)?.state !== 'failed'),
      (id) => entries.get(id)?.state === 'done',
    );
    const logFolder = join(resolve(folder), 'slurm');
    makeFolder(logFolder);
    const script = batchScript([...command, 'sweep', 'job', folder]);
    const ids = arrays.map((array) => {
      const options = sbatchArguments({
        ...{ sweepName: plan.name, logFolder, runner, array },
        workFolder: process.cwd(),
        slurmIdOf: (task) => slurmIds.get(task) as string,
      });
      const id = callSlurm('sbatch', options, script).trim().split(';')[0];
      for (const index of array.indices) {
        const task = plan.tasks[index].id;
        slurmIds.set(task, `${id}_${index}`);
        journal.change(task, {
          state: 'pending',
          worker: describeWorker(process.pid),
          slurm: `${id}_${index}`,
        });
      }
      callSlurm('scontrol', ['release', id]);
      return id;
    });
    return { folder, arrays: ids, tasks: arrays.reduce((sum, { indices }) => sum + indices.length, 0) };
  } finally {
    lock.release();
  }
}

export interface SweepJobOptions {
  readonly startRun: StartRun;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly active: Map<string, StartedRun>;
  readonly emit: EmitEvent;
}

/**
 * Works on one task of a sweep: what an array task of Slurm (or any other queue) calls. Runs that it waits for must be
 * done.
 * @param index its place in the plan, from 0
 * @throws UserError (`usage`) for a place that there isn't, or a task whose time hasn't come; (`sweep`) when it failed
 */
export async function runSweepJob(
  folder: string,
  index: number,
  options: SweepJobOptions,
): Promise<TaskOutcome> {
  const { environment, emit } = options;
  const plan = readPlan(folder);
  const task = plan.tasks[index];
  if (task === undefined) {
    throw new UserError('usage', `${folder} has no task ${index}`, {
      hint: `Its tasks are 0 to ${plan.tasks.length - 1}`,
    });
  }
  if (task.isDropped) {
    emit({ type: 'message', level: 'warning', text: `${task.id} is no longer part of the sweep` });
    return 'done';
  }
  const entries = readJournal(folder);
  const missing = task.after.filter((id) => entries.get(id)?.state !== 'done');
  if (missing.length > 0) {
    throw new UserError('usage', `${task.id} needs ${missing.join(', ')}, which is not done`, {
      hint: `Run first: ${missing.map((id) => plan.tasks.findIndex((other) => other.id === id)).join(', ')}`,
    });
  }
  const reporter = createSweepReporter(folder, plan, 1, emit);
  const { SLURM_ARRAY_JOB_ID: array, SLURM_CPUS_PER_TASK: processors } = environment;
  const threads = Number(processors ?? 0);
  const outcome = await workOnTask(
    task,
    { threads: threads > 0 ? threads : 1, gpu: null },
    {
      ...{ folder, environment, emit, journal: openSweepJournal(folder) },
      startRun: options.startRun,
      slurm: array === undefined ? null : `${array}_${index}`,
      signal: options.signal,
      active: options.active,
      onChange(id, progress) {
        reporter.setProgress(id, progress);
        reporter.report(false);
      },
    },
  );
  if (outcome === 'failed') {
    const error = readJournal(folder).get(task.id)?.error ?? '';
    throw new UserError('sweep', `${task.id} failed: ${error}`, {
      hint: `Mend the cause, then: whisker sweep retry ${folder} --failed`,
    });
  }
  return outcome;
}

/** Whether Slurm ends this task because its time is over, and nobody has cancelled it. */
export function isTimeOver({ SLURM_JOB_ID: id }: Environment): boolean {
  if (id === undefined) return false;
  return callSlurm('squeue', ['--noheader', `--jobs=${id}`, '--format=%r']).trim() === 'TimeLimit';
}

/** Lets Slurm queue this task again: it has saved. */
export function requeueOwnTask(environment: Environment): void {
  const { SLURM_JOB_ID: id } = environment;
  if (id !== undefined) callSlurm('scontrol', ['requeue', id]);
}

/** `JOB_INDEX` of everything that waits or runs. Expanded here: `squeue --array` leaves out the end of some ranges. */
function listQueue(): ReadonlySet<string> {
  const lines = callSlurm('squeue', ['--noheader', '--format=%F|%K']).split('\n');
  return new Set(
    lines.flatMap((line) => {
      const [job, indices] = line.trim().split('|');
      return indices === undefined ? [] : expandIndices(indices).map((index) => `${job}_${index}`);
    }),
  );
}

function callSlurm(program: string, options: readonly string[], input = ''): string {
  try {
    return execFileSync(program, options, {
      ...{ input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] },
      // Lists of indices are not cut off.
      env: { ...process.env, SLURM_BITSTR_LEN: '0' },
    });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') {
      throw new UserError('usage', `${program} is not there: this machine is no part of a Slurm cluster`, {
        hint: 'Run where Slurm is, or on this machine: --on local',
        cause: error,
      });
    }
    throw new UserError('device', `${program} refuses: ${(stderr ?? String(error)).trim()}`, {
      hint: `It was called as: ${program} ${options.join(' ')}`,
      cause: error,
    });
  }
}
