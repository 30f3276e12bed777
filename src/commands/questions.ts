import { createInterface } from 'node:readline/promises';
import { Interrupted, UserError } from '../errors.js';
import { formatBytes } from '../ui/format.js';

/** Where questions stand and answers come from. */
interface Conversation {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

const TERMINAL: Conversation = { input: process.stdin, output: process.stderr };

/** Whether there is somebody who sees a question and can answer it. */
export function canAsk({ input, output }: Conversation = TERMINAL): boolean {
  return input.isTTY === true && output.isTTY === true;
}

/**
 * Asks at the terminal, on stderr.
 * @throws Interrupted where somebody leaves a question by Ctrl-C or Ctrl-D
 */
export async function withQuestions<Result>(
  work: (ask: (question: string) => Promise<string>) => Promise<Result>,
  conversation: Conversation = TERMINAL,
): Promise<Result> {
  const terminal = createInterface(conversation);
  const left = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(new Interrupted('SIGINT')));
  });
  left.catch(() => {}); // also closed when all is answered
  try {
    return await work(async (question) => {
      try {
        return (await Promise.race([terminal.question(question), left])).trim();
      } catch (error) {
        conversation.output.write('\n');
        throw (error as Error).name === 'AbortError' ? new Interrupted('SIGINT') : error;
      }
    });
  } finally {
    terminal.close();
  }
}

/**
 * Asks at the terminal whether something large is to be fetched.
 * @param hint what may be done where nobody can be asked
 * @throws UserError (`usage`) there
 */
export async function askToFetch(bytes: number, hint: string): Promise<boolean> {
  if (!canAsk()) {
    throw new UserError('usage', `nobody can be asked here whether to fetch ${formatBytes(bytes)}`, { hint });
  }
  return /^y(es)?$/i.test(await withQuestions((ask) => ask('Fetch them? [y/N] ')));
}
