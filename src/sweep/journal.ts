import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JobState } from '../events/event.js';

/** A process that works on a task. */
export interface Worker {
  readonly host: string;
  readonly pid: number;
  /** Tells it from a later process of the same number; see `processBirth`. */
  readonly birth: string | null;
}

/** How far a running task is. */
export interface TaskProgress {
  /** Share of the task, 0 to 1; null where it isn't known. */
  readonly share: number | null;
  readonly metric: { readonly name: string; readonly value: number } | null;
  readonly etaSeconds: number | null;
}

/** One line of the journal. */
export interface JournalEntry {
  /** UTC ISO */
  readonly time: string;
  readonly task: string;
  /** Counts the changes of the task's state, by whoever made them: clocks of several machines may differ. */
  readonly change: number;
  readonly state: JobState;
  /** Who works on it, or did last. */
  readonly worker: Worker;
  /** `JOB_INDEX` of Slurm, where it was handed there. */
  readonly slurm?: string;
  readonly progress?: TaskProgress;
  /** Why it failed. */
  readonly error?: string;
  readonly seconds?: number;
  readonly peakBytes?: number;
}

/** What is said of a task besides its name. */
export type Note = Omit<JournalEntry, 'time' | 'task' | 'change'>;

const JOURNAL = 'journal';

/**
 * The states of all tasks: `journal/*.jsonl`, one file for each process that writes, appended to and never changed, so
 * that several machines can write on a shared folder (which gives no safe way to append to one file). A line that was
 * cut off by a crash is passed over.
 */
export interface Journal {
  /** A new state of a task; on the disk when this returns. */
  change(task: string, note: Note): void;
  /** A sign of life from a task whose state this process has written. */
  beat(task: string, note: Note): void;
}

/**
 * Opens a journal for writing; nothing is written before the first entry.
 * @param writer stands in the file's name, e.g. `host-pid-start`; must be this process's own
 * @param now UTC ISO time
 */
export function openJournal(folder: string, writer: string, now: () => string): Journal {
  const file = join(folder, JOURNAL, `${writer}.jsonl`);
  /** The change that each task was last found at or given by this process. */
  const changes = new Map<string, number>();
  const append = (entry: JournalEntry, isLasting: boolean): void => {
    mkdirSync(join(folder, JOURNAL), { recursive: true });
    const handle = openSync(file, 'a');
    try {
      // Starts a line of its own, also after one that a full disk has cut short.
      writeSync(handle, `\n${JSON.stringify(entry)}\n`);
      if (isLasting) fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  };
  return {
    change(task, note) {
      const change = (readJournal(folder).get(task)?.change ?? 0) + 1;
      changes.set(task, change);
      append({ time: now(), task, change, ...note }, true);
    },
    beat(task, note) {
      append({ time: now(), task, change: changes.get(task) ?? 0, ...note }, false);
    },
  };
}

/** What is known of each task now. Once done, a task stays done. */
export function readJournal(folder: string): ReadonlyMap<string, JournalEntry> {
  const latest = new Map<string, JournalEntry>();
  for (const file of listFiles(join(folder, JOURNAL))) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const entry = parseEntry(line);
      if (entry === undefined) continue;
      const known = latest.get(entry.task);
      if (known === undefined || isNewer(entry, known)) latest.set(entry.task, entry);
    }
  }
  return latest;
}

function isNewer(entry: JournalEntry, known: JournalEntry): boolean {
  if (known.state === 'done' || entry.state === 'done') return known.state !== 'done';
  return entry.change > known.change || (entry.change === known.change && entry.time >= known.time);
}

function listFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    const isWhole =
      typeof entry === 'object' &&
      entry !== null &&
      ['task', 'state', 'change', 'worker'].every((key) => key in entry);
    return isWhole ? (entry as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}
