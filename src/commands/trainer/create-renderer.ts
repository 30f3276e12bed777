import type { RunEvent } from '../../events/event.js';
import type { CommandContext } from '../command.js';
import { canDraw, prepareInk } from '../terminal.js';
import { guardTerminal } from '../terminal-guard.js';
import type { Renderer } from './run-trainer.js';

/** A renderer that also takes the run's events. */
export interface EventRenderer extends Renderer {
  receive(event: RunEvent): void;
}

/** Lines in a log tell steps this often. */
const PLAIN_EVERY_SECONDS = 10;

/**
 * The screen where stderr is a terminal that can show it, else plain lines; nothing but warnings with `--quiet`.
 * Ink and React are loaded only where the screen is drawn.
 * @param tellsEvents whether events go to stdout with `--json`
 */
export async function createRenderer(context: CommandContext, tellsEvents: boolean): Promise<EventRenderer> {
  const { output, environment } = context;
  if (canDraw(context)) {
    const hasColours = prepareInk(environment);
    const { createScreen } = await import('../../ui/screen.js');
    const [terminal, keyboard] = [process.stderr, process.stdin];
    return createScreen({ terminal, keyboard, hasColours, guard: guardTerminal(terminal, keyboard) });
  }
  const { createPlainView } = await import('../../ui/plain.js');
  const view = createPlainView({
    write: (line) => process.stderr.write(`${line}\n`),
    everySeconds: PLAIN_EVERY_SECONDS,
    nowSeconds: () => performance.now() / 1000,
  });
  return {
    receive(event) {
      if (tellsEvents) output.event(event);
      if (!output.quiet || (event.type === 'message' && event.level === 'warning')) view.receive(event);
    },
    say: (text) => view.say(text),
    attach() {},
    async close() {},
  };
}
