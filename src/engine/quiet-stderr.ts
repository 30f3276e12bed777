/**
 * Keeps native log lines off the terminal. TensorFlow, oneDNN and absl write to file descriptor 2 whatever the
 * environment says, so the descriptor itself is pointed at a file while native code starts.
 */
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from './temporary-folder.js';

/** Its file descriptor. */
export const STDERR = 2;

/**
 * Runs `work` with file descriptor 2 pointing at a file. No other thread may open a file meanwhile: it could get number 2.
 * @returns what `work` returned, and what native code wrote meanwhile; where the descriptor can't be opened a
 *   second time (a socket), nothing is redirected and `log` is empty
 * @throws what `work` throws, with the captured lines as `nativeLog` on the error; UserError where no file can be made
 */
export function withQuietStderr<T>(work: () => T): { readonly result: T; readonly log: string } {
  const original = openAgain();
  if (original === undefined) return { result: work(), log: '' };
  const folder = makeTemporaryFolder('whisker-log-');
  const logFile = join(folder, 'native.log');
  pointStderrAt(logFile, 'a');
  const restore = (): string => {
    pointStderrAt(`/proc/self/fd/${original}`, 'a');
    closeSync(original);
    const log = readFileSync(logFile, 'utf8');
    rmSync(folder, { recursive: true, force: true });
    return log;
  };
  let result: T;
  try {
    result = work();
  } catch (error) {
    const log = restore();
    if (error instanceof Error) Object.assign(error, { nativeLog: log });
    throw error;
  }
  return { result, log: restore() };
}

/** A second descriptor of stderr; undefined where there is none (a socket, a closed stderr, no /proc). */
function openAgain(): number | undefined {
  try {
    return openSync(`/proc/self/fd/${STDERR}`, 'a');
  } catch {
    return undefined;
  }
}

/** `open` takes the lowest free number, which is 2 once 2 is closed: 0 and 1 are open in every Node process. */
function pointStderrAt(path: string, flags: string): void {
  closeSync(STDERR);
  const opened = openSync(path, flags);
  if (opened !== STDERR) throw new Error(`file descriptor ${STDERR} could not be replaced, got ${opened}`);
}
