import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';

const LOCK = 'lock.json';

/** Who holds a folder. */
interface Holder {
  readonly host: string;
  readonly pid: number;
  /** UTC ISO */
  readonly since: string;
}

/**
 * Takes a folder for this process, so that two never work on one run. A lock whose process is gone (on this machine)
 * is taken over.
 * @param force takes it over from anybody
 * @returns gives the folder back
 * @throws UserError (`usage`) when another process holds it
 */
export function lockFolder(folder: string, force: boolean): () => void {
  const file = join(folder, LOCK);
  if (!tryLock(file)) {
    const holder = readHolder(file);
    if (!force && holder !== undefined && mayBeAlive(holder)) {
      throw new UserError(
        'usage',
        `${folder} is in use by process ${holder.pid} on ${holder.host} since ${holder.since}`,
        {
          hint: 'Wait for it, or, if that process is gone for certain, take the folder over: --force-unlock',
        },
      );
    }
    rmSync(file, { force: true });
    if (!tryLock(file)) throw new UserError('usage', `${folder} was just taken by another process`);
  }
  return () => rmSync(file, { force: true });
}

function tryLock(file: string): boolean {
  try {
    const handle = openSync(file, 'wx');
    const holder: Holder = { host: hostname(), pid: process.pid, since: new Date().toISOString() };
    writeSync(handle, `${JSON.stringify(holder)}\n`);
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined for a lock that a crash left without contents. */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/** Of another machine's processes nothing is known: they may live. */
function mayBeAlive({ host, pid }: Holder): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
