import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** Starts a command as a person would, in a process of its own; what it says on stderr is let through. */
export function callWhisker(
  args: readonly string[],
  folder: string,
  environment: NodeJS.ProcessEnv,
  stdout: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', stdout, 'inherit'],
  });
}

/** @throws UserError (`failure`) where the command fails; what is wrong it has told itself */
export function finished(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new UserError('failure', `${child.spawnargs.slice(1).join(' ')} ended with ${code ?? signal}`),
        );
    });
  });
}

/**
 * The result of a command that is called with `--json`; of a run, whose events come before it.
 * @throws UserError (`failure`) where it fails
 */
export async function resultOf<Result>(child: ChildProcess): Promise<Result> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await finished(child);
  if (text.startsWith('{"'))
    return (JSON.parse(text.trimEnd().split('\n').at(-1) as string) as { result: Result }).result;
  return JSON.parse(text) as Result;
}
