import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

type Call = (...args: readonly unknown[]) => unknown;

/** What ends the work in place of a signal 9. */
export class Death extends Error {
  override readonly name = 'Death';
}

/** The calls that change what is on the disk, or make it last. */
const CALLS = [
  'openSync',
  'writeSync',
  'fsyncSync',
  'renameSync',
  'rmSync',
  'linkSync',
  'ftruncateSync',
] as const;

/**
 * Does work up to a call of the file system, and nothing after it: like a process that is killed there, it can't even
 * clean up. A write is killed in its midst, when half of it is done.
 * @param isLast tells of a call, e.g. `renameSync step-000004.whisker`, and its number whether it is the last one
 * @returns the calls that were begun
 */
export async function dieAt(
  isLast: (call: string, number: number) => boolean,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const original = Object.fromEntries(CALLS.map((name) => [name, fs[name]])) as Record<string, Call>;
  const opened = new Map<number, string>();
  const calls: string[] = [];
  let isDead = false;
  for (const name of CALLS) {
    const real = original[name];
    (fs as unknown as Record<string, Call>)[name] = (...args: unknown[]) => {
      if (isDead) throw new Death();
      const subject =
        typeof args[0] === 'number'
          ? (opened.get(args[0]) ?? '')
          : String(args.at(name === 'renameSync' ? 1 : 0));
      const call = `${name} ${path.basename(subject)}`;
      calls.push(call);
      if (isLast(call, calls.length)) {
        isDead = true;
        const [handle, bytes] = args as [number, Uint8Array];
        if (name === 'writeSync') real(handle, bytes.subarray(0, bytes.length >> 1));
        throw new Death();
      }
      const result: unknown = real(...args);
      if (name === 'openSync') opened.set(result as number, subject);
      return result;
    };
  }
  syncBuiltinESMExports();
  try {
    await work();
  } catch (error) {
    if (!isDead) throw error;
  } finally {
    Object.assign(fs, original);
    syncBuiltinESMExports();
  }
  return calls;
}
