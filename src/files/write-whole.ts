import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.js';

/** Between a file's name and the process that writes it, while it is not whole yet. */
export const PARTIAL = '.partial-';

/** What a person can mend, by the code of the operating system. */
const REASONS: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOSPC: ['the disk is full', 'Make room'],
  EDQUOT: ['the quota of this disk is used up', 'Make room'],
  EROFS: ['the file system is read-only', 'Mount it writable, or work in another folder'],
  EACCES: ['this user may not write there', "Change the folder's permissions, or work in another one"],
  EPERM: ['this user may not write there', "Change the folder's permissions, or work in another one"],
};

/**
 * Writes a file whole or not at all: beside its place, flushed to the disk, then renamed over it, then the folder is
 * flushed. A reader sees the old file or the new one, also after a power cut.
 * @throws UserError when the disk is full or may not be written to
 */
export function writeWhole(path: string, chunks: Iterable<Uint8Array>): void {
  const beside = `${path}${PARTIAL}${process.pid}`;
  try {
    const file = openSync(beside, 'w');
    try {
      for (const chunk of chunks) writeAll(file, chunk);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw asWriteError(path, error);
  }
  flushFolder(dirname(path));
}

/** Makes a folder and those above it. @throws UserError when the disk is full or may not be written to */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  // One by one: of several at once Node says ENOENT where the file system is read-only.
  const above = dirname(path);
  if (above !== path) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw asWriteError(path, error);
  }
}

/** Says of a write that failed what a person can mend; any other error comes back as it is. */
export function asWriteError(path: string, error: unknown): unknown {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason === undefined) return error;
  const [what, remedy] = reason;
  return new UserError('failure', `${path} could not be written: ${what}`, {
    hint: `${remedy} and try again (a run: --resume). What was there before is untouched`,
    cause: error,
  });
}

/** A write may take less than it is given. */
function writeAll(file: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done);
}

function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
