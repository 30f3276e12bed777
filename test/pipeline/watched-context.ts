import type { RunEvent, RunEventBody } from '../../src/events/event.js';
import type { RunContext, RunObserver } from '../../src/pipeline/run-context.js';

/**
 * A context that keeps what was told.
 * @param onEvent has its way at each event, before observers hear of it; may stop the run
 */
export function watchedContext(
  onEvent: (event: RunEventBody, stop: () => void) => void,
): RunContext & { readonly events: RunEventBody[] } {
  const stopping = new AbortController();
  const observers: RunObserver[] = [];
  const events: RunEventBody[] = [];
  return {
    events,
    emit(event) {
      events.push(event);
      onEvent(event, () => stopping.abort('SIGINT'));
      const time = new Date().toISOString();
      for (const observer of observers) observer.receive({ time, ...event } as RunEvent);
    },
    observe: (observer) => observers.push(observer),
    signal: stopping.signal,
    takeSaveRequest: () => false,
    untilResumed: async () => {},
  };
}
