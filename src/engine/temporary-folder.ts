import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';

/** A fresh folder for files by which native code is spoken to. @throws UserError where none can be made */
export function makeTemporaryFolder(prefix: string): string {
  return withTemporaryFiles(() => mkdtempSync(join(tmpdir(), prefix)));
}

/** Writes temporary files by `write`. @throws UserError naming the system's folder for them where they can't be written */
export function withTemporaryFiles<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError('failure', `The temporary folder ${tmpdir()} can't be written (${code})`, {
      hint: 'Make room there, or set TMPDIR to a folder of yours on another disk',
      cause: error,
    });
  }
}
