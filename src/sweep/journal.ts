import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** `interrupted` is never written: it is a `running` whose process is gone. */
export type TaskState = 'pending' | 'running' | 'done' | 'failed' | 'interrupted';

/** One line of the journal. */
export interface JournalEntry {
  /** UTC ISO */
  readonly time: string;
  readonly task: string;
  readonly state: Exclude<TaskState, 'pending' | 'interrupted'>;
  readonly host: string;
  readonly pid: number;
  /** The last lines of what a failed task said. */
  readonly error?: string;
}

const JOURNAL = 'journal.jsonl';

/** Adds one line, flushed: a line is there whole, or (after a crash) as a last line that `readJournal` drops. */
export function appendJournal(folder: string, entry: JournalEntry): void {
  const file = openSync(join(folder, JOURNAL), 'a');
  try {
    // A line that a crash cut short is closed off first: an empty or broken line is skipped by the reader.
    writeSync(file, `\n${JSON.stringify(entry)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The last entry of each task. Lines that a crash left broken are skipped. */
export function readJournal(folder: string): ReadonlyMap<string, JournalEntry> {
  const last = new Map<string, JournalEntry>();
  for (const line of readLines(join(folder, JOURNAL))) {
    const entry = parseEntry(line);
    if (entry !== undefined) last.set(entry.task, entry);
  }
  return last;
}

/**
 * What state a task is in, seen from now.
 * @param isAlive whether the process that entered `running` still works on it (its own host's process table, or a
 *   fresh heartbeat)
 */
export function stateOf(
  entry: JournalEntry | undefined,
  isAlive: (entry: JournalEntry) => boolean,
): TaskState {
  if (entry === undefined) return 'pending';
  if (entry.state === 'running' && !isAlive(entry)) return 'interrupted';
  return entry.state;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'task' in entry && 'state' in entry
      ? (entry as JournalEntry)
      : undefined;
  } catch {
    return undefined;
  }
}
