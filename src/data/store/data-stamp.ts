import { type BigIntStats, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { ARRAY_FILES, DESCRIPTION_FILE } from './array-files.js';

/**
 * Size, time of change and place on the disk of each file of a data set, as text: two equal stamps mean that nobody has
 * written there in between. Cheap, where hashing everything is not.
 */
export type DataStamp = Readonly<Record<string, string>>;

/** @throws UserError (`data`) when a file is not there */
export function stampDataset(folder: string): DataStamp {
  return Object.fromEntries(
    [DESCRIPTION_FILE, ...ARRAY_FILES].map((file) => [file, stampFile(folder, file)]),
  );
}

/**
 * @param stamp of the folder at the start
 * @throws UserError (`data`) naming the file that has vanished or was written to since
 */
export function assertSameStamp(folder: string, stamp: DataStamp): void {
  const now = stampDataset(folder);
  const changed = Object.keys(stamp).find((file) => now[file] !== stamp[file]);
  if (changed === undefined) return;
  throw new UserError('data', `${join(folder, changed)} was changed while a run was using it`, {
    hint: 'The checkpoints before it are untouched. Put the data set back as it was and resume, or start anew under another name',
  });
}

function stampFile(folder: string, file: string): string {
  const path = join(folder, file);
  let stat: BigIntStats;
  try {
    stat = statSync(path, { bigint: true });
  } catch (cause) {
    throw new UserError('data', `${path} is not there any more: ${(cause as Error).message}`, {
      hint: 'Put the data set back and resume: the checkpoints are untouched',
      cause,
    });
  }
  return `${stat.size} bytes, ${stat.mtimeNs}, ${stat.dev}:${stat.ino}`;
}
