import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { UserError } from '../errors.js';
import type { Observer } from './emitter.js';
import type { RunEvent } from './event.js';

/**
 * `events.jsonl`: one RunEvent (see `event.ts`) a line, in the order in which they happened. JSON has no NaN and no
 * infinities: they are written as the texts "NaN", "Infinity" and "-Infinity". A line is written whole or, when the
 * machine dies, is the last one and cut off: readers leave such a line out.
 */
export interface EventLog extends Observer {
  close(): void;
}

/** Lines that wait for room on a full disk, at most. */
const MAX_WAITING_BYTES = 8 * 2 ** 20;

/**
 * Opens a log for appending; a last line that was cut off goes. While the disk is full its lines wait, and are written
 * as soon as there is room again.
 * @throws Error when the file can't be opened; `receive` throws when the disk has been full for too long
 */
export function openEventLog(file: string): EventLog {
  const descriptor = openSync(file, 'a+');
  ftruncateSync(descriptor, endOfLines(descriptor));
  let isOpen = true;
  let waiting: Buffer = Buffer.alloc(0);
  return {
    name: file,
    receive(event) {
      if (!isOpen) return;
      const line = Buffer.from(`${encodeEvent(event)}\n`);
      waiting = writeSome(descriptor, waiting.length === 0 ? line : Buffer.concat([waiting, line]));
      if (waiting.length > MAX_WAITING_BYTES) throw new Error('the disk has been full for too long');
    },
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** Writes as much as the disk has room for, and gives the rest back. */
function writeSome(descriptor: number, bytes: Buffer): Buffer {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(descriptor, bytes, done);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
  }
  return bytes.subarray(done);
}

/** Where the last whole line ends. */
function endOfLines(descriptor: number): number {
  const piece = Buffer.alloc(1 << 16);
  for (let stop = fstatSync(descriptor).size; stop > 0; stop -= piece.length) {
    const start = Math.max(0, stop - piece.length);
    const count = readSync(descriptor, piece, 0, stop - start, start);
    const newline = piece.subarray(0, count).lastIndexOf(10);
    if (newline >= 0) return start + newline + 1;
  }
  return 0;
}

/** The events of a log. @throws UserError (`data`) naming the first line that is none */
export function readEventLog(file: string): readonly RunEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  // What follows the last newline is empty or was cut off.
  return lines.slice(0, -1).map((line, index) => decodeEvent(line, file, index + 1));
}

/**
 * Takes a log back to what it was when `step` had been done: from the first event of a later step on, everything goes.
 * A line that was cut off goes too. A log that doesn't exist is left so.
 * @throws UserError (`data`) naming a line before that which is no event
 */
export function truncateEventLog(file: string, step: number): void {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, 'r+');
  try {
    let end = 0;
    let number = 0;
    for (const { line, start, stop } of completeLines(descriptor)) {
      if (isAfter(decodeEvent(line, file, ++number), step)) {
        end = start;
        break;
      }
      end = stop;
    }
    ftruncateSync(descriptor, end);
  } finally {
    closeSync(descriptor);
  }
}

function isAfter(event: RunEvent, step: number): boolean {
  return 'step' in event && event.step > step;
}

/** Lines with their byte positions, read in pieces: a log may be larger than a string can be. */
function* completeLines(descriptor: number): Generator<{ line: string; start: number; stop: number }> {
  const piece = Buffer.alloc(1 << 20);
  let rest: Buffer = Buffer.alloc(0);
  let start = 0;
  for (;;) {
    const count = readSync(descriptor, piece, 0, piece.length, start + rest.length);
    if (count === 0) return;
    rest = Buffer.concat([rest, piece.subarray(0, count)]);
    for (let newline = rest.indexOf(10); newline >= 0; newline = rest.indexOf(10)) {
      const stop = start + newline + 1;
      yield { line: rest.toString('utf8', 0, newline), start, stop };
      rest = rest.subarray(newline + 1);
      start = stop;
    }
  }
}

/** One event as a line of JSON. */
export function encodeEvent(event: RunEvent): string {
  return JSON.stringify(event, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The event of a line of JSON. @throws UserError (`data`) when it isn't one */
function decodeEvent(line: string, file: string, number: number): RunEvent {
  try {
    const event: unknown = JSON.parse(line, (_, value: unknown) =>
      value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value,
    );
    if (typeof (event as Partial<RunEvent> | null)?.type === 'string') return event as RunEvent;
    throw new Error('it has no type');
  } catch (cause) {
    throw new UserError('data', `${file}:${number} is not an event: ${(cause as Error).message}`, {
      hint: 'Take this line out of the log: no run depends on it',
      cause,
    });
  }
}
