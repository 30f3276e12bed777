import type { RunEvent } from '../../events/event.js';
import type { CommandContext } from '../command.js';
import type { Renderer } from './run-trainer.js';

/** A renderer that also takes the run's events. */
export interface EventRenderer extends Renderer {
  receive(event: RunEvent): void;
}

/** Lines in a log tell steps this often. */
const PLAIN_EVERY_SECONDS = 10;
const SMALLEST_SCREEN = { columns: 60, rows: 15 };

/**
 * The screen where stderr is a terminal that can show it, else plain lines; nothing but warnings with `--quiet`.
 * Ink and React are loaded only where the screen is drawn.
 */
export async function createRenderer(context: CommandContext): Promise<EventRenderer> {
  const { output, environment } = context;
  if (canDraw(context)) {
    // React's development build measures every update and keeps the measurements.
    process.env.NODE_ENV ??= 'production';
    const hasColours = !environment.NO_COLOR;
    // Colours are decided by stderr, where the screen is; Ink would ask stdout.
    process.env.FORCE_COLOR ??= hasColours ? '1' : '0';
    const { createScreen } = await import('../../ui/screen.js');
    return createScreen({ terminal: process.stderr, keyboard: process.stdin, hasColours });
  }
  const { createPlainView } = await import('../../ui/plain.js');
  const view = createPlainView({
    write: (line) => process.stderr.write(`${line}\n`),
    everySeconds: PLAIN_EVERY_SECONDS,
    nowSeconds: () => performance.now() / 1000,
  });
  return {
    receive(event) {
      if (!output.quiet || (event.type === 'message' && event.level === 'warning')) view.receive(event);
    },
    say: (text) => view.say(text),
    attach() {},
    async close() {},
  };
}

/** Whether stderr is a terminal of some size that knows escape sequences, and nobody asked for lines. */
function canDraw({ output, environment }: CommandContext): boolean {
  if (output.plain || output.quiet || output.json) return false;
  const { isTTY, columns, rows } = process.stderr;
  if (!isTTY || columns < SMALLEST_SCREEN.columns || rows < SMALLEST_SCREEN.rows) return false;
  return environment.TERM !== 'dumb' && environment.TERM !== undefined && !environment.CI;
}
