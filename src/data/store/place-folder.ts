import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../../errors.js';
import { isProcessAlive } from '../../processes.js';

/** Ends the name of a folder that was moved aside for another. */
const REPLACED = '-replaced';

/**
 * A fresh name beside `folder` to write into. What dead writers of this machine left beside it is removed; a folder that
 * one of them had moved aside, and put nothing in its place, is put back.
 */
export async function startFolder(folder: string): Promise<string> {
  const target = resolve(folder);
  const parent = dirname(target);
  try {
    await mkdir(parent, { recursive: true });
    await removeLeftovers(parent, basename(target));
  } catch (error) {
    throw describeWriteError(error, folder);
  }
  return join(parent, `${partialPrefix(basename(target))}${process.pid}-${randomBytes(4).toString('hex')}`);
}

/**
 * Renames `partial` to `folder`. With `overwrite` an existing folder is moved aside first and removed after.
 * False where another writer was quicker.
 */
export async function placeFolder(partial: string, folder: string, overwrite: boolean): Promise<boolean> {
  const target = resolve(folder);
  await flushFolder(partial);
  const replaced = `${partial}${REPLACED}`;
  if (overwrite && existsSync(target)) await ignoring(['ENOENT'], () => rename(target, replaced));
  const isPlaced = await ignoring(['ENOTEMPTY', 'EEXIST'], () => rename(partial, target));
  if (isPlaced) await flushFolder(dirname(target));
  await removeFolder(replaced);
  return isPlaced;
}

/** The names in a folder; none where it is not there. @throws UserError where it is a file, or can't be read */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new UserError('data', `${folder} cannot be a folder of files: ${message}`, { cause });
  }
}

/** Refuses to write over a folder that holds something else than a data set. */
export function refuseForeignFolder(folder: string, mark: string): void {
  const names = listFolder(folder);
  if (names.length > 0 && !names.includes(mark))
    throw new UserError(
      'data',
      `${folder} holds other files (${names.slice(0, 3).join(', ')}) and no ${mark}`,
      {
        hint: 'Choose a new or an empty folder.',
      },
    );
}

/** Removes a folder and what is in it; silent where it isn't there. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Turns what the file system says while writing into words; everything else is passed on. `left` says what stays. */
export function describeWriteError(
  error: unknown,
  folder: string,
  left = 'Nothing half-written was left. ',
): unknown {
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'the file would be larger than this file system or limit allows',
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'a part of the path is a file',
    ENAMETOOLONG: 'the name is too long',
  };
  const reason =
    error instanceof UserError ? undefined : reasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) return error;
  return new UserError('data', `${folder} cannot be written: ${reason}`, {
    hint: `${left}Make room or choose another folder, then run the same command again.`,
    cause: error,
  });
}

function partialPrefix(name: string): string {
  return `.${name}.partial-${hostname()}-`;
}

async function removeLeftovers(parent: string, name: string): Promise<void> {
  const prefix = partialPrefix(name);
  for (const entry of await readdir(parent)) {
    const writer = entry.startsWith(prefix) ? Number.parseInt(entry.slice(prefix.length), 10) : Number.NaN;
    if (!Number.isInteger(writer) || isProcessAlive(writer, null)) continue;
    const [left, target] = [join(parent, entry), join(parent, name)];
    if (entry.endsWith(REPLACED) && !existsSync(target)) await rename(left, target);
    else await removeFolder(left);
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** True where `action` succeeded, false where it failed with one of `codes`. */
async function ignoring(codes: readonly string[], action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
