import { setTimeout as sleep } from 'node:timers/promises';
import { loadKind } from '../config/kinds.js';
import { printSettings } from '../config/print-settings.js';
import type { Environment } from '../config/references.js';
import { Interrupted, UserError } from '../errors.js';
import type { EmitEvent, RunEvent } from '../events/event.js';
import { processMemory } from '../processes.js';
import { BEAT_SECONDS, describeWorker, isAtWork } from '../sweep/alive.js';
import type { Journal, JournalEntry, Note, TaskProgress, Worker } from '../sweep/journal.js';
import { readJournal } from '../sweep/journal.js';
import type { Task } from '../sweep/plan.js';
import type { TaskOutcome } from '../sweep/pool.js';
import type { Share } from '../sweep/slots.js';
import type { FinetuneJob } from './finetune.js';
import { isSameOwner, type LockOwner, lockHolder } from './lock.js';
import type { PretrainJob } from './pretrain.js';
import { readRunJson } from './run-folder.js';
import { runFolder } from './sweep-folder.js';
import { readHeadsFigure } from './sweep-results.js';

/** A run that a process of its own works on. */
export interface StartedRun {
  /** undefined when the process couldn't be started; then `ended` throws. */
  readonly pid: number | undefined;
  /** `stopped`: it was asked to, and has saved. @throws what ended it otherwise */
  readonly ended: Promise<'done' | 'stopped'>;
  stop(signal: 'SIGINT' | 'SIGTERM'): void;
  leave(signal: 'SIGINT' | 'SIGTERM'): void;
  save(): void;
  pause(): void;
  resume(): void;
}

/** A run of a sweep, as the command has to start it. */
export type RunRequest = (
  | { readonly stage: 'pretrain'; readonly job: PretrainJob }
  | { readonly stage: 'heads'; readonly job: FinetuneJob }
) & {
  readonly environment: Readonly<Record<string, string>>;
  readonly onEvent: (event: RunEvent) => void;
};

/** Starts a run; the commands give it, since they own the processes. */
export type StartRun = (request: RunRequest) => StartedRun;

export interface TaskWorld {
  readonly folder: string;
  readonly journal: Journal;
  readonly startRun: StartRun;
  readonly environment: Environment;
  /** `JOB_INDEX` where this process is a task of Slurm. */
  readonly slurm: string | null;
  /** Aborted when the sweep shall save and end. */
  readonly signal: AbortSignal;
  /** Runs that are going on, for whoever passes on what a person asks. */
  readonly active: Map<string, StartedRun>;
  /** Tells that something about a task has changed: its state (in the journal), or how far it is. */
  readonly onChange: (task: string, progress: TaskProgress | null) => void;
  readonly emit: EmitEvent;
}

/** How long is waited between two looks at a run that another process works on. */
const LOOK_MILLISECONDS = 500;
/** After so many looks it is told whom a task waits for: a process that has just begun soon stands in the journal. */
const LOOKS_BEFORE_WORD = 6;

/**
 * Works on one task to its end, and writes down what becomes of it. Goes on from its last checkpoint. Never throws for
 * what happens to the run. A run that another process still works on, or was quicker to take, is waited for.
 */
export async function workOnTask(task: Task, share: Share, world: TaskWorld): Promise<TaskOutcome> {
  const { folder, journal, signal, active, slurm } = world;
  const before = await untilFree(task, world);
  if (before?.state === 'done') return 'done';
  if (signal.aborted) return 'interrupted';
  const begin = performance.now();
  const own = slurm === null ? {} : { slurm };
  let progress: TaskProgress | null = null;
  let peakBytes = 0;
  let worker: Worker = describeWorker(process.pid);
  const note = (state: Note['state'], more: Partial<Note> = {}): Note => ({
    ...{ state, worker, ...own },
    ...(progress === null ? {} : { progress }),
    ...more,
  });
  const end = (outcome: TaskOutcome, more: Partial<Note> = {}): TaskOutcome => {
    const seconds = (performance.now() - begin) / 1000;
    journal.change(task.id, note(outcome, { seconds, ...(peakBytes > 0 ? { peakBytes } : {}), ...more }));
    world.onChange(task.id, progress);
    return outcome;
  };
  let beating: NodeJS.Timeout | undefined;
  try {
    const orphanedBy = before?.state === 'running' ? before.worker : null;
    const run = world.startRun(
      requestRun(task, share, world, orphanedBy, (event) => {
        progress = progressAfter(event, progress);
        world.onChange(task.id, progress);
      }),
    );
    active.set(task.id, run);
    const { pid } = run;
    if (pid !== undefined) {
      worker = describeWorker(pid);
      journal.change(task.id, note('running'));
      world.onChange(task.id, progress);
      beating = setInterval(() => {
        peakBytes = Math.max(peakBytes, processMemory(pid)?.peakBytes ?? 0);
        try {
          // Who was too late for this run has written of it, too: the newest word must be that of its worker.
          if (isSameOwner(readJournal(folder).get(task.id)?.worker, worker))
            journal.beat(task.id, note('running'));
          else journal.change(task.id, note('running'));
        } catch {
          // The disk is full, or away: the next sign of life may find it there again.
        }
      }, 1000 * BEAT_SECONDS);
    }
    const ending = await run.ended;
    if (ending === 'stopped') return end('interrupted');
    if (task.stage === 'heads') {
      progress = { share: 1, metric: readHeadsFigure(runFolder(folder, task.id)), etaSeconds: 0 };
    }
    return end('done');
  } catch (error) {
    if (error instanceof Interrupted) return end('interrupted');
    if (otherHolder(runFolder(folder, task.id), worker) !== undefined) return workOnTask(task, share, world);
    return end('failed', { error: describeFailure(error) });
  } finally {
    clearInterval(beating);
    active.delete(task.id);
  }
}

/**
 * Resolves when nobody works on a task (any more): neither by the journal nor by its folder's lock.
 * @returns what the journal says then
 */
async function untilFree(
  task: Task,
  { folder, signal, slurm, emit }: TaskWorld,
): Promise<JournalEntry | undefined> {
  const path = runFolder(folder, task.id);
  for (let looks = 1; ; looks++) {
    const entry = readJournal(folder).get(task.id);
    // The same task of Slurm, queued again: whoever had it before is gone.
    const isOwn = slurm !== null && entry?.slurm === slurm;
    const isBusy = entry?.state === 'running' && !isOwn && isAtWork(entry, Date.now());
    const holder = otherHolder(path, entry?.worker);
    if (signal.aborted || !(isBusy || holder !== undefined)) return entry;
    if (holder !== undefined && looks === LOOKS_BEFORE_WORD) {
      const text = `${task.id} waits for process ${holder.pid} on ${holder.host}, which holds ${path}; if that process is gone for certain, remove the lock.json there`;
      emit({ type: 'message', level: 'warning', text });
    }
    await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => {});
  }
}

/** Another process than this worker that holds the run's folder: one that was about to say so, or a person's. */
function otherHolder(folder: string, worker: LockOwner | undefined): LockOwner | undefined {
  const holder = lockHolder(folder);
  return holder === undefined || isSameOwner(worker, holder) ? undefined : holder;
}

/** @param orphanedBy who worked on it before, is known to be gone, and may have left its lock */
function requestRun(
  task: Task,
  share: Share,
  { folder, environment }: TaskWorld,
  orphanedBy: LockOwner | null,
  onEvent: (event: RunEvent) => void,
): RunRequest {
  const path = runFolder(folder, task.id);
  const overrides = Object.entries({ ...task.settings, engine: engineOf(task, share, path) }).map(
    ([key, value]) => `${key}=${JSON.stringify(value)}`,
  );
  const source = { file: null, overrides, environment };
  const forceUnlock = orphanedBy === null ? false : { host: orphanedBy.host, pid: orphanedBy.pid };
  const policy = { resume: true, overwrite: false, forceUnlock };
  const variables: Record<string, string> = share.gpu === null ? {} : { CUDA_VISIBLE_DEVICES: share.gpu };
  const common = { onEvent, environment: variables };
  if (task.stage === 'pretrain') {
    const { settings, unexpanded } = loadKind('pretrain', source);
    const given = { text: printSettings(unexpanded, new Map()), overrides: [], complete: unexpanded };
    return { stage: 'pretrain', job: { settings, given, folder: path, policy }, ...common };
  }
  const { settings, unexpanded } = loadKind('finetune', source);
  const given = { text: printSettings(unexpanded, new Map()), overrides: [], complete: unexpanded };
  return { stage: 'heads', job: { settings, given, folder: path, policy }, ...common };
}

/** Threads and device of a run: those that it was started with, since the last bits depend on them; else its share. */
function engineOf({ settings }: Task, { threads, gpu }: Share, path: string): unknown {
  const engine = settings.engine as { readonly threads: number | null; readonly device: string };
  const started = readRunJson(path, 'settings.json') as { readonly engine: unknown } | undefined;
  if (started !== undefined) return started.engine;
  // The one GPU that a run sees is its first.
  const device = gpu !== null && engine.device.startsWith('cuda') ? 'cuda' : engine.device;
  return { ...engine, device, threads: engine.threads ?? threads };
}

/** How far a run is, after one more of its events. */
function progressAfter(event: RunEvent, before: TaskProgress | null): TaskProgress | null {
  if (event.type === 'step') {
    const { step, totalSteps, loss, etaSeconds } = event;
    return { share: step / totalSteps, metric: { name: 'loss', value: loss }, etaSeconds };
  }
  if (event.type === 'overall') {
    const { done, total, etaSeconds } = event;
    return { share: done / total, metric: before?.metric ?? null, etaSeconds };
  }
  if (event.type === 'result' && 'map' in event.metrics) {
    return {
      share: before?.share ?? null,
      metric: { name: `${event.task} MAP`, value: event.metrics.map },
      etaSeconds: before?.etaSeconds ?? null,
    };
  }
  return before;
}

const LONGEST_ERROR = 2000;

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text =
    error instanceof UserError
      ? [error.message, error.hint].filter(Boolean).join('\n')
      : (error.stack ?? error.message);
  return text.slice(0, LONGEST_ERROR);
}
