import { type ErrorKind, EXIT_CODES, Interrupted, UserError } from '../errors.js';
import { printable } from '../events/printable.js';
import { sayAsCalled } from './called-as.js';
import { printableJson } from './output.js';

export interface ErrorReport {
  readonly exitCode: number;
  /** For stderr; empty for an interruption. */
  readonly text: string;
}

/** What is said about an error and with which exit code: people's errors without a stack, bugs with one. */
export function reportError(
  error: unknown,
  options: { readonly json: boolean /** How the program was called. */; readonly called: string },
): ErrorReport {
  if (error instanceof Interrupted) return { exitCode: error.signal === 'SIGINT' ? 130 : 143, text: '' };
  if (error instanceof UserError) {
    const exitCode = EXIT_CODES[error.kind];
    const say = (text: string): string => sayAsCalled(text, options.called);
    const hint = error.hint === undefined ? undefined : say(error.hint);
    if (options.json) return { exitCode, text: jsonReport(error.kind, error.message, hint, error) };
    const advice = hint === undefined ? '' : `\n${printable(hint)}\n`;
    return { exitCode, text: `${printable(say(error.message))}\n${advice}` };
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
  return `${printableJson({ error: { kind, message, hint, problems } }, 2)}\n`;
}
