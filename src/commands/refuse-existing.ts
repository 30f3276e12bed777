import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { nearestExisting } from '../files/nearest-existing.js';
import { asWriteError } from '../files/write-whole.js';

/** For commands that write a folder of results with an index. */
export const OVERWRITE_OPTION = {
  type: 'boolean',
  default: false,
  describe: 'write into a folder that holds earlier results; files of the same names are replaced',
} as const;

/**
 * @throws UserError (`usage`) when the folder holds the results of an earlier call and nobody said to replace them, and
 *   when it can't be a folder; (`failure`) when it may not be written to
 */
export function refuseExisting(folder: string, index: string, overwrite: boolean): void {
  const nearest = nearestExisting(folder);
  if (!statSync(nearest).isDirectory())
    throw new UserError('usage', `--out must be a folder, got ${folder}: ${nearest} is a file`);
  try {
    accessSync(nearest, constants.W_OK);
  } catch (error) {
    throw asWriteError(nearest, error);
  }
  if (overwrite || !existsSync(join(folder, index))) return;
  throw new UserError('usage', `${folder} holds the results of an earlier call`, {
    hint: 'Name another folder with --out, or replace them: --overwrite',
  });
}
