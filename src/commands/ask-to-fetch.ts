import { createInterface } from 'node:readline/promises';
import { UserError } from '../errors.js';
import { formatBytes } from '../ui/format.js';

/**
 * Asks at the terminal whether something large is to be fetched.
 * @param hint what may be done where nobody can be asked
 * @throws UserError (`usage`) there
 */
export async function askToFetch(bytes: number, hint: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UserError('usage', `nobody can be asked here whether to fetch ${formatBytes(bytes)}`, { hint });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Fetch them? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}
