import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { asWriteError } from '../files/write-whole.js';
import { isProcessAlive, processBirth } from '../processes.js';

const LOCK = 'lock.json';
/** A holder shows that it lives this often: the time of the lock's last change is its heartbeat. */
const HEARTBEAT_SECONDS = 20;
/** Locks that this process holds: one of its own number may be another's from before. */
const HELD = new Set<string>();
/** What file systems without hard links answer. */
const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** A process of some machine. */
export interface LockOwner {
  readonly host: string;
  readonly pid: number;
}

/** Who holds a folder. */
interface Holder extends LockOwner {
  /** Tells this process from a later one with the same number; null where the system doesn't say. */
  readonly process: string | null;
  /** UTC ISO */
  readonly since: string;
}

/** A folder that is held by this process. */
export interface FolderLock {
  /** What was found and taken over, for people; null: the folder was free. */
  readonly takenOver: string | null;
  release(): void;
}

/**
 * Takes a folder for this process, so that two never work on one run. A lock whose process is gone (on this machine)
 * is taken over. While the folder is held, the lock's time of change is renewed.
 * @param force takes it over from anybody, or from the one process that is known to be gone
 * @throws UserError (`usage`) when another process holds it, with its host and the age of its last sign of life
 */
export function lockFolder(folder: string, force: boolean | LockOwner): FolderLock {
  const file = join(folder, LOCK);
  if (tryLock(file)) return held(file, null);
  const found = readLock(file);
  if (found !== null && !mayTake(force, found.holder)) {
    const state = stateOf(file, found);
    if (state !== 'gone') throw inUse(folder, found, state);
  }
  // Whoever renames it first has it: of two that find a stale lock, one goes on.
  if (found !== null && !takeAway(file, found.text)) throw takenMeanwhile(folder);
  if (!tryLock(file)) throw takenMeanwhile(folder);
  return held(file, found === null ? null : describeTakenOver(found));
}

/** Who holds a folder, if that process may still live; undefined where nobody does. */
export function lockHolder(folder: string): LockOwner | undefined {
  const file = join(folder, LOCK);
  const found = readLock(file);
  return found?.holder == null || stateOf(file, found) === 'gone' ? undefined : found.holder;
}

function mayTake(force: boolean | LockOwner, holder: LockOwner | null): boolean {
  return typeof force === 'boolean' ? force : isSameOwner(holder, force);
}

export function isSameOwner(one: LockOwner | null | undefined, other: LockOwner): boolean {
  return one?.host === other.host && one.pid === other.pid;
}

interface FoundLock {
  readonly text: string;
  /** Null for a lock that doesn't say. */
  readonly holder: Holder | null;
  /** Since the last sign of life, by the wall clock; negative where the clocks disagree. */
  readonly silentSeconds: number;
}

/** Appears with its contents or not at all. */
function tryLock(file: string): boolean {
  const holder: Holder = {
    host: hostname(),
    pid: process.pid,
    process: processBirth(process.pid),
    since: new Date().toISOString(),
  };
  const beside = besides(file, 'new');
  const text = `${JSON.stringify(holder)}\n`;
  try {
    writeFileSync(beside, text);
    linkSync(beside, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (NO_HARD_LINKS.has(code ?? '')) return writeNew(file, text);
    throw asWriteError(file, error);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** A name of this process alone: others of its number may work in the same folder, on other machines. */
function besides(file: string, what: string): string {
  return `${file}.${what}-${hostname()}-${process.pid}`;
}

function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw asWriteError(file, error);
  }
}

function held(file: string, takenOver: string | null): FolderLock {
  HELD.add(resolve(file));
  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      // Taken over by force: the folder is another process's now.
    }
  }, 1000 * HEARTBEAT_SECONDS);
  heartbeat.unref();
  return {
    takenOver,
    release() {
      clearInterval(heartbeat);
      HELD.delete(resolve(file));
      const holder = readLock(file)?.holder;
      if (holder?.pid === process.pid && holder.host === hostname()) rmSync(file, { force: true });
    },
  };
}

function readLock(file: string): FoundLock | null {
  try {
    const text = readFileSync(file, 'utf8');
    const silentSeconds = (Date.now() - statSync(file).mtimeMs) / 1000;
    return { text, holder: parseHolder(text), silentSeconds };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    if (typeof holder?.host !== 'string' || typeof holder.pid !== 'number') return null;
    return { host: holder.host, pid: holder.pid, process: holder.process ?? null, since: `${holder.since}` };
  } catch {
    return null;
  }
}

/** Of another machine's processes nothing is known but the age of their last sign of life. */
function stateOf(file: string, { holder }: FoundLock): 'alive' | 'gone' | 'unknown' {
  if (holder === null || holder.host !== hostname()) return 'unknown';
  if (holder.pid === process.pid) return HELD.has(resolve(file)) ? 'alive' : 'gone';
  return isProcessAlive(holder.pid, holder.process) ? 'alive' : 'gone';
}

/** False when it is no longer the lock that was found: then it is put back. */
function takeAway(file: string, text: string): boolean {
  const aside = besides(file, 'stale');
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw asWriteError(file, error);
  }
  const taken = readFileSync(aside, 'utf8');
  if (taken !== text) writeNew(file, taken);
  rmSync(aside);
  return taken === text;
}

function inUse(folder: string, { holder, silentSeconds }: FoundLock, state: 'alive' | 'unknown'): UserError {
  const who =
    holder === null
      ? 'a process that has left no name'
      : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  const isSilent = silentSeconds > 3 * HEARTBEAT_SECONDS;
  const age = silentSeconds < 0 ? 'a moment' : formatAge(silentSeconds);
  const sign = `its last sign of life is ${age} old`;
  const advice =
    state === 'unknown' && isSilent
      ? `A process that lives gives one every ${HEARTBEAT_SECONDS} s: it is probably gone. Take the folder over: --force-unlock`
      : 'Wait for it, or, if that process is gone for certain, take the folder over: --force-unlock';
  return new UserError('usage', `${folder} is in use by ${who}; ${sign}`, { hint: advice });
}

function takenMeanwhile(folder: string): UserError {
  return new UserError('usage', `${folder} was just taken by another process`, {
    hint: 'Wait for it to end',
  });
}

function describeTakenOver({ holder, silentSeconds }: FoundLock): string {
  const who = holder === null ? 'an unknown process' : `process ${holder.pid} on ${holder.host}`;
  return `the lock of ${who} was taken over: it is gone, or was said to be (last sign of life ${formatAge(silentSeconds)} ago)`;
}

function formatAge(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
