import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Interrupted, UserError } from '../../errors.js';
import type { RunEvent } from '../../events/event.js';
import { explainDeath, outOfMemory } from './explain-death.js';
import type { MessageFromTrainer, MessageToTrainer, WhenParentLost } from './messages.js';

export interface TrainerOptions<Job> {
  /** The compiled module that calls `runInTrainer`, e.g. `new URL('./pretrain-trainer.js', import.meta.url)`. */
  readonly entry: URL;
  /** Plain data (structured clone). */
  readonly job: Job;
  readonly whenParentLost: WhenParentLost;
  /** What to try when memory runs out, e.g. `Make training.batchWindows smaller.` */
  readonly memoryRemedy: string;
  readonly onEvent: (event: RunEvent) => void;
  /** Variables that differ from this process's. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TrainerOutcome<Result> {
  readonly result: Result;
  /** The signal that ended the run early, in order; null where it came to its own end. */
  readonly stoppedBy: 'SIGINT' | 'SIGTERM' | null;
}

export interface Trainer<Result> {
  /** Of its process; undefined when it couldn't be started. */
  readonly pid: number | undefined;
  /** @throws the trainer's own UserError; UserError (`device`) when it was killed or crashed; Interrupted after `leave` */
  readonly ended: Promise<TrainerOutcome<Result>>;
  /** Asks for an end in order: save, then stop. */
  stop(signal: 'SIGINT' | 'SIGTERM'): void;
  /** Ends at once, without saving. */
  leave(signal: 'SIGINT' | 'SIGTERM'): void;
  /** Asks for a checkpoint. */
  save(): void;
  pause(): void;
  resume(): void;
}

/**
 * Starts a trainer in a process of its own. Its output (native libraries write to it) goes to a file, never to the
 * terminal; the last lines are shown when it crashes.
 */
export function startTrainer<Job, Result>(options: TrainerOptions<Job>): Trainer<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'whisker-'));
  const logFile = path.join(folder, 'trainer.log');
  const log = openSync(logFile, 'a');
  const child = fork(fileURLToPath(options.entry), [], {
    serialization: 'advanced',
    stdio: ['ignore', log, log, 'ipc'],
    execArgv: [],
    env: { ...process.env, ...options.environment },
  });
  closeSync(log);
  const state: { stoppedBy: 'SIGINT' | 'SIGTERM' | null; left: 'SIGINT' | 'SIGTERM' | null } = {
    stoppedBy: null,
    left: null,
  };
  const post = (message: MessageToTrainer): void => {
    if (child.connected) child.send(message, () => {});
  };
  /** Somebody was told where it lies. */
  let isLogWanted = false;
  post({ type: 'start', job: options.job, whenParentLost: options.whenParentLost });
  const ended = waitForEnd(child, options.onEvent)
    .then((ending): TrainerOutcome<Result> => {
      const { message } = ending;
      if (state.left !== null) throw new Interrupted(state.left);
      if (message === undefined) {
        throw explainDeath({ ...ending, logFile, log: readLog(logFile), memoryRemedy: options.memoryRemedy });
      }
      if (message.type !== 'result') throw errorOf(message, { ...options, ...ending });
      return { result: message.result as Result, stoppedBy: state.stoppedBy };
    })
    .catch((error) => {
      isLogWanted = error instanceof UserError && error.hint?.includes(logFile) === true;
      throw error;
    })
    .finally(() => {
      if (!isLogWanted) rmSync(folder, { recursive: true, force: true });
    });
  return {
    pid: child.pid,
    ended,
    stop(signal) {
      state.stoppedBy ??= signal;
      post({ type: 'stop', reason: signal });
    },
    leave(signal) {
      state.left = signal;
      child.kill('SIGKILL');
    },
    save: () => post({ type: 'save' }),
    pause: () => post({ type: 'pause' }),
    resume: () => post({ type: 'resume' }),
  };
}

/** How a trainer ended. */
interface Ending {
  /** Its last word, if it had one. */
  readonly message: Exclude<MessageFromTrainer, { type: 'event' }> | undefined;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lastCheckpoint: string | undefined;
}

function waitForEnd(child: ChildProcess, onEvent: (event: RunEvent) => void): Promise<Ending> {
  let last: Ending['message'];
  let lastCheckpoint: string | undefined;
  child.on('message', (message: MessageFromTrainer) => {
    if (message.type !== 'event') {
      last = message;
      return;
    }
    if (message.event.type === 'checkpoint') lastCheckpoint = message.event.path;
    onEvent(message.event);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // 'close' rather than 'exit': all messages have arrived by then.
    child.once('close', (exitCode, signal) => resolve({ message: last, exitCode, signal, lastCheckpoint }));
  });
}

function errorOf(
  message: Extract<MessageFromTrainer, { type: 'user error' | 'bug' }>,
  death: Parameters<typeof outOfMemory>[1],
): Error {
  if (message.type === 'user error') {
    if (message.kind === 'memory') return outOfMemory(message.message, death);
    return new UserError(
      message.kind,
      message.message,
      message.hint === undefined ? {} : { hint: message.hint },
    );
  }
  const error = new Error('the trainer failed');
  error.stack = message.stack;
  return error;
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
