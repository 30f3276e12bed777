import type { EmitEvent, RunEvent, RunEventBody } from './event.js';

/** Receives every event of a run as frozen plain data. */
export interface Observer {
  /** For the message when it fails, e.g. a file's name. */
  readonly name: string;
  receive(event: RunEvent): void;
}

export interface Emitter {
  /** Stamps, copies and freezes an event and hands it to all observers. Never throws. */
  readonly emit: EmitEvent;
  readonly observe: (observer: Observer) => void;
}

/**
 * Hands events to observers so that none of them can hurt the run: an observer that throws is let go, and the others
 * are told so once.
 * @param now UTC ISO time, e.g. `() => new Date().toISOString()`
 */
export function createEmitter(now: () => string): Emitter {
  let observers: readonly Observer[] = [];
  const emit = (body: RunEventBody): void => {
    const event = copyFrozen({ time: now(), ...body }) as RunEvent;
    const failed: { observer: Observer; error: unknown }[] = [];
    for (const observer of observers) {
      try {
        observer.receive(event);
      } catch (error) {
        failed.push({ observer, error });
      }
    }
    if (failed.length === 0) return;
    observers = observers.filter((observer) => failed.every((failure) => failure.observer !== observer));
    for (const { observer, error } of failed) {
      const reason = error instanceof Error ? error.message : String(error);
      emit({ type: 'message', level: 'warning', text: `${observer.name} is no longer written: ${reason}` });
    }
  };
  return {
    emit,
    observe(observer) {
      observers = [...observers, observer];
    },
  };
}

function copyFrozen(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(copyFrozen));
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, child]) => [key, copyFrozen(child)]);
    return Object.freeze(Object.fromEntries(members));
  }
  return value;
}
