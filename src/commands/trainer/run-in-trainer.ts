import { UserError } from '../../errors.js';
import { createEmitter, type Observer } from '../../events/emitter.js';
import type { EmitEvent, RunEvent } from '../../events/event.js';
import type { MessageFromTrainer, MessageToTrainer, StopReason, WhenParentLost } from './messages.js';

/** What a run gets from the process that it runs in. */
export interface TrainerContext {
  /** Tells the parent and all observers; never throws, never waits. */
  readonly emit: EmitEvent;
  /** Adds an observer in this process, e.g. the log in the run's folder: it gets what is emitted from now on. */
  readonly observe: (observer: Observer) => void;
  /** Aborted when the run shall save and end; its reason is a `StopReason`. */
  readonly signal: AbortSignal;
  /** Whether somebody has asked for a checkpoint since the last call. */
  readonly takeSaveRequest: () => boolean;
  /** Resolves at once, or, while the run is paused, when it is resumed or stopped. */
  readonly untilResumed: () => Promise<void>;
}

/** Messages that may wait to be sent; above this, events that the next ones replace are left out. */
const MAX_WAITING = 200;
const REPLACEABLE: ReadonlySet<RunEvent['type']> = new Set(['step', 'progress', 'overall', 'head']);

/**
 * The trainer's side of the two processes: waits for the job, runs it, sends events, result or error, and ends.
 * Ctrl-C in a terminal reaches this process too and is left to the parent. SIGTERM asks for an end in order, SIGUSR1
 * for a checkpoint. A parent that hangs or is gone changes nothing, or ends the run in order, as it was set.
 */
export async function runInTrainer<Job, Result>(
  run: (job: Job, context: TrainerContext) => Promise<Result>,
): Promise<void> {
  const channel = new ParentChannel();
  const control = new RunControl();
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', () => control.stop('SIGTERM'));
  process.on('SIGUSR1', () => control.requestSave());
  const { job, whenParentLost } = await receiveJob(control);
  process.on('disconnect', () => {
    if (whenParentLost === 'stop') control.stop('parent lost');
  });
  const emitter = createEmitter(() => new Date().toISOString());
  emitter.observe({ name: 'the screen', receive: (event) => channel.sendEvent(event) });
  let ending: MessageFromTrainer;
  try {
    const result = await run(job as Job, {
      emit: emitter.emit,
      observe: emitter.observe,
      signal: control.signal,
      takeSaveRequest: () => control.takeSaveRequest(),
      untilResumed: () => control.untilResumed(),
    });
    ending = { type: 'result', result };
  } catch (error) {
    ending = describeError(error);
  }
  await channel.send(ending);
  // Native threads and open handles of the engine must not keep the process.
  process.exit(ending.type === 'result' ? 0 : 1);
}

/** Waits for the job; messages that come later go to `control`. */
function receiveJob(control: RunControl): Promise<{ job: unknown; whenParentLost: WhenParentLost }> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) {
      reject(new Error('a trainer is started by its command, not by hand'));
      return;
    }
    process.once('disconnect', () => reject(new Error('the parent has gone before it said what to do')));
    process.on('message', (message: MessageToTrainer) => {
      if (message.type === 'start') resolve(message);
      else control.receive(message);
    });
  });
}

function describeError(error: unknown): MessageFromTrainer {
  if (error instanceof UserError) {
    const { kind, message, hint } = error;
    return { type: 'user error', kind, message, hint };
  }
  return { type: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** Sends without waiting for the reader; a reader that is slow or gone is never noticed by the run. */
class ParentChannel {
  #waiting = 0;
  readonly #closed = new Promise<void>((resolve) => process.once('disconnect', resolve));

  sendEvent(event: RunEvent): void {
    if (this.#waiting >= MAX_WAITING && REPLACEABLE.has(event.type)) return;
    void this.send({ type: 'event', event });
  }

  /** Resolves when the message has left this process, or when nobody can get it any more. */
  send(message: MessageFromTrainer): Promise<unknown> {
    if (!process.connected) return Promise.resolve();
    this.#waiting++;
    const sent = new Promise<void>((resolve) => {
      process.send?.(message, undefined, undefined, () => {
        this.#waiting--;
        resolve();
      });
    });
    return Promise.race([sent, this.#closed]);
  }
}

/** What the outside has asked of the run. */
class RunControl {
  readonly #abort = new AbortController();
  #isSaveRequested = false;
  #resume: (() => void) | undefined;
  #resumed: Promise<void> = Promise.resolve();

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  receive(message: Exclude<MessageToTrainer, { type: 'start' }>): void {
    if (message.type === 'stop') this.stop(message.reason);
    else if (message.type === 'save') this.requestSave();
    else if (message.type === 'pause') this.#pause();
    else this.#resume?.();
  }

  stop(reason: StopReason): void {
    if (!this.#abort.signal.aborted) this.#abort.abort(reason);
    this.#resume?.();
  }

  requestSave(): void {
    this.#isSaveRequested = true;
  }

  takeSaveRequest(): boolean {
    const was = this.#isSaveRequested;
    this.#isSaveRequested = false;
    return was;
  }

  untilResumed(): Promise<void> {
    return this.#resumed;
  }

  #pause(): void {
    if (this.#resume !== undefined || this.#abort.signal.aborted) return;
    this.#resumed = new Promise((resolve) => {
      this.#resume = () => {
        this.#resume = undefined;
        resolve();
      };
    });
  }
}
