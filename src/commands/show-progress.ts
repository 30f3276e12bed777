import type { RunEventBody } from '../events/event.js';
import type { CommandContext } from './command.js';
import { createProgressLines, type Progress, type ProgressUnit, startPace } from './progress-lines.js';
import { canDraw, prepareInk } from './terminal.js';
import { guardTerminal } from './terminal-guard.js';

/** What work in this process tells while it lasts. */
export interface ProgressTeller {
  readonly progress: (progress: Progress) => void;
  /** What it does now, where no share is known. */
  readonly phase: (text: string) => void;
}

/**
 * Runs work that may take a while and shows how far it is: three lines on a terminal, taken away at the end, else a
 * line a second.
 * @param title the command as it stands behind `whisker`, and what it works on
 */
export async function showProgress<T>(
  { command, name, unit }: { readonly command: string; readonly name: string; readonly unit: ProgressUnit },
  context: CommandContext,
  work: (tell: ProgressTeller) => Promise<T>,
): Promise<T> {
  if (!canDraw(context)) {
    const { output } = context;
    return work({ progress: createProgressLines(output, unit), phase: (text) => output.message(text) });
  }
  const hasColours = prepareInk(context.environment);
  const { createInlineView } = await import('../ui/inline.js');
  const guard = guardTerminal(process.stderr, process.stdin);
  const view = createInlineView({ terminal: process.stderr, hasColours, guard });
  const emit = (...bodies: readonly RunEventBody[]): void =>
    view.receive(...bodies.map((body) => ({ time: new Date().toISOString(), ...body })));
  const where = { folder: null, totalSteps: null, engine: '', mode: '', device: '' };
  emit({ type: 'started', command, name, ...where });
  const pace = startPace(() => performance.now());
  let phase = '';
  /** The event of a phase, unless it is the present one. */
  const enter = (name: string, detail: string): readonly RunEventBody[] => {
    if (`${name}: ${detail}` === phase) return [];
    phase = `${name}: ${detail}`;
    return [{ type: 'phase', name, detail }];
  };
  try {
    return await work({
      progress({ subject, done, total, note }) {
        emit(...enter(subject, note ?? ''), {
          type: 'progress',
          phase: subject,
          done,
          total,
          unit,
          ...pace(done, total),
        });
      },
      phase: (text) => emit(...enter(text, '')),
    });
  } finally {
    view.close();
  }
}
