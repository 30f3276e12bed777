import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../errors.js';

/** How patient a transfer is. */
export interface TransferOptions {
  /** How many times in a row nothing may arrive before it is given up. */
  readonly attempts: number;
  /** No byte for this long counts as a broken connection. */
  readonly stallMs: number;
  /** The first pause before another attempt; it doubles each time, up to a minute. */
  readonly retryWaitMs: number;
  readonly signal?: AbortSignal;
}

/** A failure that another attempt may not have. */
export class TransientFailure extends Error {
  /** What the server asks to wait. */
  readonly waitMs: number;

  constructor(message: string, waitMs = 0, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransientFailure';
    this.waitMs = waitMs;
  }
}

const HINT =
  'Nothing that arrived was lost: run the same command again, or give a folder with the files (--from).';

/** One request. Throws a TransientFailure for a connection that fails or stalls and for a busy server. */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  stall: StallGuard,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', 'user-agent': 'whisker', ...headers },
      signal: stall.signal,
    });
  } catch (error) {
    throw stall.explain(error);
  }
  const isBusy = response.status >= 500 || [408, 425, 429].includes(response.status);
  if (!isBusy) return response;
  await response.body?.cancel().catch(() => {});
  const seconds = Number(response.headers.get('retry-after'));
  throw new TransientFailure(`the server answers ${response.status}`, seconds > 0 ? seconds * 1000 : 0);
}

/** A request for a small text, repeated where it fails. Throws a UserError for an answer that is no success. */
export async function requestText(url: string, options: TransferOptions): Promise<string> {
  for (let failures = 1; ; failures++) {
    const stall = new StallGuard(options);
    try {
      const response = await request(url, {}, stall);
      if (!response.ok) throw describeStatus(response.status, url);
      return await response.text();
    } catch (error) {
      await pauseAfter(stall.explain(error), failures, url, options);
    } finally {
      stall.stop();
    }
  }
}

/** Waits before another attempt; throws what ends the transfer: anything but a TransientFailure, or one too many. */
export async function pauseAfter(
  error: unknown,
  failures: number,
  what: string,
  options: TransferOptions,
): Promise<void> {
  if (!(error instanceof TransientFailure)) throw error;
  if (failures >= options.attempts)
    throw new UserError('data', `${what}: ${error.message} (${failures} attempts)`, {
      hint: HINT,
      cause: error,
    });
  const waitMs = Math.max(error.waitMs, options.retryWaitMs * 2 ** (failures - 1));
  await sleep(Math.min(waitMs, 60_000), undefined, options.signal ? { signal: options.signal } : {});
}

/** What an answer that is no success means. */
export function describeStatus(status: number, url: string): UserError {
  const meaning: Record<number, string> = {
    401: ' (not allowed)',
    403: ' (not allowed)',
    404: ' (not found)',
  };
  return new UserError('data', `${url} answers ${status}${meaning[status] ?? ''}`, {
    hint: 'Download the files with a browser and give their folder (--from).',
  });
}

/** Ends a request when nothing arrives for `stallMs`, or when the caller's signal says so. */
export class StallGuard {
  readonly #controller = new AbortController();
  readonly #options: TransferOptions;
  readonly #onAbort = () => this.#controller.abort();
  #timer: NodeJS.Timeout | undefined;
  #isStalled = false;

  constructor(options: TransferOptions) {
    this.#options = options;
    options.signal?.addEventListener('abort', this.#onAbort);
    if (options.signal?.aborted) this.#controller.abort();
    this.alive();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something arrived. */
  alive(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isStalled = true;
      this.#controller.abort();
    }, this.#options.stallMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** The error to throw for what a request threw: the caller's own abort as it is, the rest as transient. */
  explain(error: unknown): unknown {
    if (this.#options.signal?.aborted) return this.#options.signal.reason;
    if (error instanceof UserError || error instanceof TransientFailure) return error;
    if (this.#isStalled) return new TransientFailure(`nothing arrived for ${this.#options.stallMs / 1000} s`);
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    const isNetwork = error instanceof TypeError || cause?.code !== undefined;
    const reason = cause?.code ?? cause?.message ?? (error as Error).message;
    return isNetwork ? new TransientFailure(`the connection failed: ${reason}`, 0, { cause: error }) : error;
  }
}
