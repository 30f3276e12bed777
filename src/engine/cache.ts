/**
 * The engine cache: a folder of native code, so it is only used when nobody else could have written into it.
 * Every entry is a folder that is built beside its place, under a lock, and renamed into it when it is whole;
 * a killed install, two at once or a full disk therefore leave the cache as it was.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.js';
import { isProcessAlive, processBirth } from '../processes.js';

const LOCK_POLL_MS = 250;
/** A lock of another machine (a shared home) whose owner can't be asked counts as left behind after this. */
const FOREIGN_LOCK_MAX_AGE_MS = 60 * 60 * 1000;

/** `$WHISKER_ENGINE_DIR`, or `whisker/engine` in the user's cache folder. */
export function engineFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.WHISKER_ENGINE_DIR;
  if (chosen !== undefined && chosen !== '') return chosen;
  const cache = environment.XDG_CACHE_HOME;
  return join(cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache'), 'whisker', 'engine');
}

/**
 * Refuses a folder that others could have filled with their own native code.
 * @throws UserError (`device`) unless it is owned by this user or by root and is writable by its owner only.
 */
export async function assertTrusted(folder: string): Promise<void> {
  const info = await stat(folder);
  const user = process.getuid?.() ?? info.uid;
  if (info.uid !== user && info.uid !== 0) {
    throw new UserError(
      'device',
      `${folder} belongs to another user (id ${info.uid}, you are ${user}); an engine is native code and is not loaded from there`,
      {
        hint: 'Set WHISKER_ENGINE_DIR to a folder of your own (or of root), then run: whisker engine install cpu',
      },
    );
  }
  if ((info.mode & 0o022) !== 0) {
    throw new UserError(
      'device',
      `${folder} can be written by other users (mode ${(info.mode & 0o777).toString(8)}); an engine is native code and is not loaded from there`,
      { hint: `If nobody else has put files there: chmod go-w '${folder}'` },
    );
  }
}

/** True when the path exists. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the folder `place` by `build`, once: an existing one is kept. `build` fills a fresh folder that becomes
 * `place` by a rename; whatever it throws, nothing is left. Concurrent callers wait for each other.
 * @returns whether this call built it
 */
export async function buildEntry(
  place: string,
  build: (folder: string) => Promise<void>,
  onWait: () => void = () => {},
): Promise<boolean> {
  if (await exists(place)) return false;
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  return withLock(`${place}.lock`, onWait, async () => {
    if (await exists(place)) return false;
    await removeLeftovers(place);
    const part = `${place}.part-${randomBytes(6).toString('hex')}`;
    await mkdir(part, { mode: 0o700 });
    try {
      await build(part);
      await rename(part, place);
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      throw nameDiskProblem(error, place);
    }
    return true;
  });
}

/** Under the lock nobody else builds this entry, so any part folder of it was left by a killed process. */
async function removeLeftovers(place: string): Promise<void> {
  const prefix = `${basename(place)}.part-`;
  for (const name of await readdir(dirname(place))) {
    if (name.startsWith(prefix)) await rm(join(dirname(place), name), { recursive: true, force: true });
  }
}

async function withLock<T>(lock: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  for (let waited = false; !(await takeLock(lock)); waited = true) {
    if (!waited) onWait();
    if (await isAbandoned(lock)) await removeAbandoned(lock);
    else await sleep(LOCK_POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Who holds a lock. */
interface Owner {
  readonly processId: number;
  readonly host: string;
  /** Tells it from a later process of the same number; null where the system doesn't say, absent in older locks. */
  readonly birth?: string | null;
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o600);
    const owner: Owner = { processId: process.pid, host: hostname(), birth: processBirth(process.pid) };
    await file.writeFile(JSON.stringify(owner));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw nameDiskProblem(error, lock);
  }
}

/** One process at a time looks again and removes, so that nobody removes a lock that was taken meanwhile. */
async function removeAbandoned(lock: string): Promise<void> {
  const guard = `${lock}.takeover`;
  if (!(await takeLock(guard))) {
    if (await isAbandoned(guard)) await rm(guard, { force: true });
    await sleep(LOCK_POLL_MS);
    return;
  }
  try {
    if (await isAbandoned(lock)) await rm(lock, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === undefined) return false; // just released: the next try will take it
  const age = Date.now() - (await stat(lock).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
  const owner = parseOwner(text);
  // An empty file is a lock between its creation and its first byte, or one whose writer died there.
  if (owner === undefined) return age > 10_000;
  if (owner.host !== hostname()) return age > FOREIGN_LOCK_MAX_AGE_MS;
  return !isProcessAlive(owner.processId, owner.birth ?? null);
}

function parseOwner(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
  }
}

function nameDiskProblem(error: unknown, place: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UserError(
      'device',
      `The disk is full: ${dirname(place)} can't take the engine. Nothing was changed`,
      {
        hint: 'Free some space, or set WHISKER_ENGINE_DIR to a folder on another disk',
        cause: error,
      },
    );
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new UserError('device', `${dirname(place)} can't be written (${code})`, {
      hint: 'Set WHISKER_ENGINE_DIR to a folder that you may write to, or ask who owns this one to install the engine',
      cause: error,
    });
  }
  return error;
}
