import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { fromPlainError, type PlainError, UserError } from '../../errors.js';
import type { TrackedPoses } from './tracked-poses.js';

export type Hdf5Format = 'deeplabcut-h5' | 'sleap-h5';

/** A file to read as a format, or to find the format of. */
export interface Hdf5Job {
  readonly task: Hdf5Format | 'find-format';
  readonly path: string;
}

export type Hdf5Answer = { readonly result: TrackedPoses | Hdf5Format } | { readonly error: PlainError };

/** Far more than reading takes on a slow disk. */
const LEAST_SECONDS = 60;
const SECONDS_PER_MEGABYTE = 1;

/** The library leaves open what it had opened in a file that it refuses; a thread that has refused so many is replaced. */
const REFUSALS_PER_THREAD = 50;

interface Reader {
  readonly thread: Worker;
  refusals: number;
}

/** The thread without work; the next file goes to it. */
let idle: Reader | undefined;

/**
 * Reads the poses of one HDF5 file in a thread: a damaged file may end the library for good or keep it busy for ever, and
 * then the thread is replaced. Starts from the compiled module beside this one. Throws the UserErrors of the reader, and
 * one where the library broke or took longer than `limitMs` (by default a minute and a second a megabyte).
 */
export async function readHdf5Poses(
  format: Hdf5Format,
  path: string,
  limitMs = defaultLimitMs(path),
): Promise<TrackedPoses> {
  return (await doInThread({ task: format, path }, limitMs)) as TrackedPoses;
}

/** The format of an HDF5 file by what it holds, found out in the same way. */
export async function findHdf5Format(path: string): Promise<Hdf5Format> {
  return (await doInThread({ task: 'find-format', path }, defaultLimitMs(path))) as Hdf5Format;
}

async function doInThread(job: Hdf5Job, limitMs: number): Promise<TrackedPoses | Hdf5Format> {
  const reader = idle ?? { thread: startThread(), refusals: 0 };
  idle = undefined;
  const { thread } = reader;
  thread.ref(); // the process waits for it
  const answer = await ask(thread, job, limitMs).catch(async (error) => {
    await thread.terminate();
    throw error;
  });
  thread.unref();
  if ('error' in answer) reader.refusals++;
  if (idle === undefined && reader.refusals < REFUSALS_PER_THREAD) idle = reader;
  else await thread.terminate();
  if ('error' in answer) throw fromPlainError(answer.error);
  return answer.result;
}

function startThread(): Worker {
  // what the library prints about a damaged file is not for the terminal; nobody reads it
  // it takes no options from a program's own call: `--input-type` would keep it from starting
  const options = { stdout: true, stderr: true, execArgv: [] };
  return new Worker(new URL('./hdf5-thread.js', import.meta.url), options);
}

function ask(thread: Worker, job: Hdf5Job, limitMs: number): Promise<Hdf5Answer> {
  return new Promise((resolve, reject) => {
    const refuse = (what: string, cause?: unknown) =>
      reject(new UserError('data', `${job.path} is damaged: ${what}`, { cause }));
    const timer = setTimeout(
      () => refuse(`the HDF5 library did not come to an end within ${limitMs / 1000} s`),
      limitMs,
    );
    const onMessage = (answer: Hdf5Answer) => end(() => resolve(answer));
    const onError = (error: Error) =>
      end(() => refuse(`the HDF5 library broke at it (${error.message})`, error));
    const onExit = () => end(() => refuse('the HDF5 library ended at it'));
    function end(settle: () => void): void {
      clearTimeout(timer);
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      settle();
    }
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.postMessage(job);
  });
}

function defaultLimitMs(path: string): number {
  const megabytes = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 1e6;
  return 1000 * (LEAST_SECONDS + SECONDS_PER_MEGABYTE * megabytes);
}
