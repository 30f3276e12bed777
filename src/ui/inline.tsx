import { Box, type Instance, render } from 'ink';
import type { ReactElement } from 'react';
import type { RunEvent } from '../events/event.js';
import { printableLine } from '../events/printable.js';
import { COLOURS, NO_COLOURS } from './palette.js';
import { INITIAL_STATE, reduceEvent } from './run-state.js';
import type { TerminalGuard } from './terminal-guard.js';
import { PhaseLine, ProgressBar, Title } from './views/progress.js';

/** Shows work of seconds or minutes in three lines below what stands on the terminal, and takes them away at its end. */
export interface InlineView {
  /** Events that come together are drawn together. */
  receive(...events: readonly RunEvent[]): void;
  /** Puts a line above the three. */
  say(text: string): void;
  close(): void;
}

export interface InlineOptions {
  readonly terminal: NodeJS.WriteStream;
  readonly hasColours: boolean;
  readonly guard: TerminalGuard;
}

/** Nothing is drawn for work that is over before anybody could read it. */
const QUIET_MS = 400;
const DRAW_MS = 100;
const SHOW_CURSOR = '\u001b[?25h';

export function createInlineView({ terminal, hasColours, guard }: InlineOptions): InlineView {
  const startedMs = performance.now();
  const palette = hasColours ? COLOURS : NO_COLOURS;
  let state = INITIAL_STATE;
  let instance: Instance | undefined;
  let drawnMs = startedMs + QUIET_MS - DRAW_MS;

  const draw = (): void => {
    const now = performance.now();
    if (now - drawnMs < DRAW_MS) return;
    drawnMs = now;
    const columns = terminal.columns;
    const lines: ReactElement = (
      <Box flexDirection="column" width={columns}>
        <Title state={state} columns={columns} palette={palette} />
        <ProgressBar
          state={state}
          columns={columns}
          elapsedSeconds={(now - startedMs) / 1000}
          palette={palette}
        />
        <PhaseLine state={state} isPaused={false} palette={palette} />
      </Box>
    );
    if (instance !== undefined) instance.rerender(lines);
    else {
      guard.hold(SHOW_CURSOR);
      instance = render(lines, {
        stdout: terminal,
        exitOnCtrlC: false,
        patchConsole: false,
        maxFps: 1000 / DRAW_MS,
      });
    }
  };
  // Where nothing is told for a while, the clock still goes on.
  const clock = setInterval(draw, 1000);
  clock.unref();
  // Before Ink draws anew by itself: lines of the old width would be broken in a narrower terminal.
  const resize = (): void => {
    drawnMs = 0;
    if (instance !== undefined) draw();
  };
  terminal.prependListener('resize', resize);
  return {
    receive(...events) {
      state = events.reduce(reduceEvent, state);
      draw();
    },
    say(text) {
      instance?.clear();
      terminal.write(`${printableLine(text)}\n`);
      drawnMs = 0;
      if (instance !== undefined) draw();
    },
    close() {
      clearInterval(clock);
      terminal.off('resize', resize);
      if (instance === undefined) return;
      instance.clear();
      instance.unmount();
      instance = undefined;
      guard.release();
    },
  };
}
