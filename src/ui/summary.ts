import { formatDuration } from './format.js';
import { linesOf } from './plain.js';
import type { RunState } from './run-state.js';

/** What stays on the terminal when the screen is gone. */
export function summaryLines(state: RunState): readonly string[] {
  const { started, step, guards, checkpoint, messages, finished } = state;
  const warnings = messages.filter((message) => message.level === 'warning');
  const outcome = finished === null ? [] : [`${finished.outcome} after ${formatDuration(finished.seconds)}`];
  return [
    ...[started, step, guards, checkpoint].flatMap((event) => (event === null ? [] : linesOf(event))),
    ...warnings.map(({ text }) => `warning: ${text}`),
    ...outcome,
  ];
}
