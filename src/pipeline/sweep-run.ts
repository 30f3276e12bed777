import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../config/references.js';
import { UserError } from '../errors.js';
import type { EmitEvent, JobState } from '../events/event.js';
import { processMemory } from '../processes.js';
import { type Journal, readJournal } from '../sweep/journal.js';
import { expectBytes, hasRoom } from '../sweep/memory.js';
import { type LocalRunner, type SweepPlan, type Task, tasksInOrder } from '../sweep/plan.js';
import { runPool } from '../sweep/pool.js';
import { type Machine, shareMachine } from '../sweep/slots.js';
import { lockFolder } from './lock.js';
import { openSweepJournal, readPlan } from './sweep-folder.js';
import { createSweepReporter } from './sweep-report.js';
import { type StartedRun, type StartRun, workOnTask } from './sweep-task.js';

export interface LocalSweepOptions {
  readonly runner: LocalRunner;
  readonly failFast: boolean;
  readonly machine: Machine;
  readonly startRun: StartRun;
  readonly environment: Environment;
  /** Aborted when the sweep shall save and end. */
  readonly signal: AbortSignal;
  /** Runs that are going on. */
  readonly active: Map<string, StartedRun>;
  readonly forceUnlock: boolean;
  readonly emit: EmitEvent;
}

/** How a sweep stands when a command ends. */
export interface SweepSummary {
  readonly folder: string;
  readonly states: readonly JobState[];
}

/** How long is waited before memory is looked at again. */
const ROOM_MILLISECONDS = 3000;

/**
 * Runs what is left of a sweep on this machine, several runs at once. What failed before stays failed; see
 * `retryTasks`.
 * @throws UserError (`usage`) when another process does so already, on whichever machine
 */
export async function runLocalSweep(folder: string, options: LocalSweepOptions): Promise<SweepSummary> {
  const { runner, machine, signal, active, emit } = options;
  const plan = readPlan(folder);
  const began = performance.now();
  const journal = openSweepJournal(folder);
  const share = shareMachine(runner.slots, machine.processors, gpusFor(plan, runner, machine));
  const lock = lockFolder(folder, options.forceUnlock);
  const reporter = createSweepReporter(folder, plan, runner.slots, emit);
  try {
    if (lock.takenOver !== null) emit({ type: 'message', level: 'warning', text: lock.takenOver });
    reporter.report(true);
    // What other machines do shows only in the journal.
    const looking = setInterval(() => reporter.report(false), 5000);
    try {
      await runPool(tasksInOrder(plan), endedTasks(folder), {
        slots: runner.slots,
        failFast: options.failFast,
        signal,
        start: (task, slot) =>
          workOnTask(task, share(slot), {
            ...{ folder, journal, signal, active, emit },
            startRun: options.startRun,
            environment: options.environment,
            slurm: null,
            onChange(id, progress) {
              reporter.setProgress(id, progress);
              reporter.report(progress === null || progress.share === 1);
            },
          }),
        hasRoom: (task, begun) => hasRoomFor(task, begun, folder, options),
        untilRoomMayHaveChanged: () => sleep(ROOM_MILLISECONDS, undefined, { ref: false }),
      });
    } finally {
      clearInterval(looking);
    }
    reporter.report(true);
    const outcome = signal.aborted ? 'stopped' : 'done';
    emit({ type: 'finished', outcome, seconds: (performance.now() - began) / 1000, next: [] });
    return { folder, states: reporter.states() };
  } finally {
    lock.release();
  }
}

/** Tasks that are not to be run: done, or failed and not asked for again. */
function endedTasks(folder: string): ReadonlyMap<string, 'done' | 'failed'> {
  return new Map(
    [...readJournal(folder)].flatMap(([task, { state }]) =>
      state === 'done' || state === 'failed' ? [[task, state] as const] : [],
    ),
  );
}

/** The GPUs to share out; none where every run is told to use processors. @throws UserError (`settings`) */
function gpusFor({ tasks }: SweepPlan, { gpus }: LocalRunner, machine: Machine): readonly string[] {
  if (gpus !== null) return gpus;
  const devices = tasks.map(({ settings }) => (settings.engine as { readonly device: string }).device);
  const usesGpu = devices.some((device) => device === 'auto' || device.startsWith('cuda'));
  return usesGpu ? machine.gpus : [];
}

function hasRoomFor(
  task: Task,
  begun: readonly Task[],
  folder: string,
  { runner, machine, active }: LocalSweepOptions,
): boolean {
  const journal = readJournal(folder);
  const expected = (stage: string) => {
    const peaks = [...journal].flatMap(([id, { peakBytes }]) =>
      peakBytes !== undefined && id.startsWith(`${stage}-`) ? [peakBytes] : [],
    );
    return expectBytes(runner.memoryGigabytes, peaks);
  };
  // One that has just begun takes nothing yet: what it is expected to take is promised all the same.
  const claims = begun.map(({ id, stage }) => {
    const pid = active.get(id)?.pid;
    const memory = pid === undefined ? null : processMemory(pid);
    return { expectedBytes: expected(stage), usedBytes: memory?.usedBytes ?? 0 };
  });
  return hasRoom(machine.availableBytes(), claims, expected(task.stage));
}

/**
 * Lets tasks that failed be tried again, with the jobs behind them.
 * @param wanted ids of jobs or tasks; null: all that failed
 * @returns how many tasks
 * @throws UserError (`usage`) for an id that the sweep doesn't have, or that has not failed
 */
export function retryTasks(folder: string, journal: Journal, wanted: readonly string[] | null): number {
  const plan = readPlan(folder);
  const entries = readJournal(folder);
  const failed = plan.tasks.filter(({ id, isDropped }) => !isDropped && entries.get(id)?.state === 'failed');
  const chosen = failed.filter(({ id }) => {
    const jobs = plan.jobs.filter((job) => job.tasks.includes(id)).map((job) => job.id);
    return wanted === null || wanted.some((name) => name === id || jobs.includes(name));
  });
  const found = new Set(
    chosen.flatMap(({ id }) => [
      id,
      ...plan.jobs.filter((job) => job.tasks.includes(id)).map((job) => job.id),
    ]),
  );
  const unknown = wanted?.filter((name) => !found.has(name)) ?? [];
  if (unknown.length > 0) {
    const known = failed.map(({ id }) => id).join(', ') || 'none';
    throw new UserError('usage', `${unknown.join(', ')} has not failed in ${folder}`, {
      hint: `Failed: ${known}`,
    });
  }
  for (const { id } of chosen) {
    const { worker } = entries.get(id) as { worker: Parameters<Journal['change']>[1]['worker'] };
    journal.change(id, { state: 'pending', worker });
  }
  return chosen.length;
}
