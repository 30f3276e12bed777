import type { CommandContext } from './command.js';

const SMALLEST_SCREEN = { columns: 60, rows: 15 };

/**
 * Whether stderr is a terminal of some size that knows escape sequences, nobody asked for lines, and nobody has them
 * read out: a screen reader reads lines, not pictures (`INK_SCREEN_READER=true`, as for other programs made with Ink).
 */
export function canDraw({ output, environment }: CommandContext): boolean {
  if (output.plain || output.quiet || output.json) return false;
  const { isTTY, columns, rows } = process.stderr;
  if (!isTTY || columns < SMALLEST_SCREEN.columns || rows < SMALLEST_SCREEN.rows) return false;
  if (environment.INK_SCREEN_READER === 'true') return false;
  return environment.TERM !== 'dumb' && environment.TERM !== undefined && !environment.CI;
}

/** Sets what Ink and React read of the environment when they are loaded; tells whether colours are wanted. */
export function prepareInk(environment: NodeJS.ProcessEnv): boolean {
  // React's development build measures every update and keeps the measurements.
  process.env.NODE_ENV ??= 'production';
  const hasColours = !environment.NO_COLOR;
  // Colours are decided by stderr, where the screen is; Ink would ask stdout. The 16 that every terminal has.
  process.env.FORCE_COLOR ??= hasColours ? '1' : '0';
  return hasColours;
}
