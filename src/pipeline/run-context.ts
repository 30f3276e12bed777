import type { EmitEvent, RunEvent } from '../events/event.js';

/** Gets the events of a run; see `events/emitter.ts`. */
export interface RunObserver {
  readonly name: string;
  receive(event: RunEvent): void;
}

/** What a stage gets from the process that it runs in; the trainer's frame provides it. */
export interface RunContext {
  readonly emit: EmitEvent;
  readonly observe: (observer: RunObserver) => void;
  /** Aborted when the run shall save and end. */
  readonly signal: AbortSignal;
  /** Whether somebody has asked for a checkpoint since the last call. */
  readonly takeSaveRequest: () => boolean;
  /** Resolves at once, or, while the run is paused, when it goes on. */
  readonly untilResumed: () => Promise<void>;
}
