import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../errors.js';
import { isProcessAlive } from '../../processes.js';
import { describeWriteError } from '../store/place-folder.js';

/** How a call that writes several files begins. */
export interface Beginning {
  /** An earlier call with the same options began: what it has finished stays. Else files that are there are refused. */
  readonly isAgain: boolean;
  /** Told the paths of all files before the first one is written. */
  readonly onBegin: (paths: readonly string[]) => void;
}

export const FIRST_CALL: Beginning = { isAgain: false, onBegin: () => {} };

/**
 * Makes the folders of new files, and removes what writers that were killed left there.
 * @throws UserError (`data`) where a file is there that no earlier call has written, or a folder can't be made
 */
export async function beginFiles(paths: readonly string[], { isAgain, onBegin }: Beginning): Promise<void> {
  const present = isAgain ? undefined : paths.find((path) => existsSync(path));
  if (present !== undefined)
    throw new UserError('data', `${present} is already there`, {
      hint: 'Simulate into another folder, or remove the files first.',
    });
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    await mkdir(folder, { recursive: true }).catch((error) => {
      throw describeWriteError(error, folder);
    });
    for (const name of await readdir(folder)) {
      const [, file, writer] = /^(.+)\.partial-(\d+)$/.exec(name) ?? [];
      const isOurs = paths.some((path) => dirname(path) === folder && basename(path) === file);
      if (isOurs && !isProcessAlive(Number(writer), null)) await rm(join(folder, name), { force: true });
    }
  }
  onBegin(paths);
}

/** Writes a file beside its name, which it gets when it is whole and on the disk. */
export async function writeNewFile(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    const handle = await open(partial, 'w');
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw describeWriteError(error, path);
  }
}
