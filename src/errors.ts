/**
 * What went wrong, in the terms of who can mend it. Everything that is not a `UserError` is a bug and is
 * printed with its stack; the exit code is decided from the kind in `main.ts`, nowhere else.
 */
export type ErrorKind = 'usage' | 'settings' | 'data' | 'device' | 'memory' | 'sweep' | 'failure';

/** Exit codes by kind; 0 is success, 130 and 143 are interruptions. */
export const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  failure: 1,
  usage: 2,
  settings: 2,
  data: 3,
  device: 4,
  memory: 4,
  sweep: 5,
};

/** A problem that a person can fix. `message` says where and what (expected, got); `hint` says what to do. */
export class UserError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(shorten(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UserError';
    this.kind = kind;
    this.hint = options.hint;
  }
}

/** No message needs more; names out of a damaged file can be of any length. */
const LONGEST_MESSAGE = 4000;

function shorten(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  const half = LONGEST_MESSAGE / 2;
  return `${message.slice(0, half)} ... ${message.slice(-half)}`;
}

/** A person or a scheduler has stopped the command, and it has ended in order. */
export class Interrupted extends Error {
  readonly signal: 'SIGINT' | 'SIGTERM';

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`interrupted by ${signal}`);
    this.name = 'Interrupted';
    this.signal = signal;
  }
}

/** An error as plain data: classes don't survive the way between threads. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a UserError. */
  readonly kind?: ErrorKind;
  readonly hint?: string | undefined;
}

/** Whatever was thrown, ready for `postMessage`. */
export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined };
  const { name, message, stack } = error;
  return error instanceof UserError
    ? { name, message, stack, kind: error.kind, hint: error.hint }
    : { name, message, stack };
}

/** The error again on the other side, with its kind, hint and stack. */
export function fromPlainError({ name, message, stack, kind, hint }: PlainError): Error {
  const error =
    kind === undefined
      ? new Error(message)
      : new UserError(kind, message, hint === undefined ? {} : { hint });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
