import { writeFile } from 'node:fs/promises';
import { UserError } from '../errors.js';

/** @throws UserError (`usage`) where the file is there, or can't be written */
export async function writeNew(target: string, text: string): Promise<void> {
  try {
    await writeFile(target, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new UserError('usage', `${target} exists already`, { hint: 'Name another file.' });
    }
    throw new UserError('usage', `${target} can't be written (${code})`, { cause: error });
  }
}
