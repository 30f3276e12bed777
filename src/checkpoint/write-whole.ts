import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.js';

/**
 * Writes a file whole or not at all: beside its place, flushed to the disk, then renamed over it, then the folder is
 * flushed. A reader sees the old file or the new one, also after a power cut.
 * @throws UserError when the disk is full
 */
export function writeWhole(path: string, chunks: Iterable<Uint8Array>): void {
  const beside = `${path}.partial-${process.pid}`;
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
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new UserError('failure', `${path} could not be written: the disk is full`, {
        hint: 'make room and resume: the checkpoints before it are untouched',
        cause: error,
      });
    }
    throw error;
  }
  flushFolder(dirname(path));
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
