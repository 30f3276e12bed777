import { type ErrorKind, EXIT_CODES, Interrupted, UserError } from '../errors.js';
import { printable } from '../events/printable.js';

export interface ErrorReport {
  readonly exitCode: number;
  /** For stderr; empty for an interruption. */
  readonly text: string;
}

/** What is said about an error and with which exit code: people's errors without a stack, bugs with one. */
export function reportError(error: unknown, options: { readonly json: boolean }): ErrorReport {
  if (error instanceof Interrupted) return { exitCode: error.signal === 'SIGINT' ? 130 : 143, text: '' };
  if (error instanceof UserError) {
    const exitCode = EXIT_CODES[error.kind];
    if (options.json) return { exitCode, text: jsonReport(error.kind, error.message, error.hint, error) };
    const hint = error.hint === undefined ? '' : `\n${printable(error.hint)}\n`;
    return { exitCode, text: `${printable(error.message)}\n${hint}` };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (options.json) return { exitCode: 1, text: jsonReport('bug', stack, undefined, error) };
  return { exitCode: 1, text: `${printable(stack)}\n\nThis is a mistake in Whisker itself.\n` };
}

function jsonReport(
  kind: ErrorKind | 'bug',
  message: string,
  hint: string | undefined,
  error: unknown,
): string {
  const problems = (error as { problems?: unknown }).problems;
  return `${JSON.stringify({ error: { kind, message, hint, problems } }, null, 2)}\n`;
}
