import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { isProcessAlive } from '../../processes.js';
import { describeWriteError } from '../store/place-folder.js';
import type { ArchiveFile } from './record.js';
import {
  describeStatus,
  pauseAfter,
  request,
  StallGuard,
  type TransferOptions,
  TransientFailure,
} from './transfer.js';

/** How far a download has come. */
export interface FetchProgress {
  readonly name: string;
  readonly bytes: number;
  readonly bytesTotal: number;
}

export interface FetchOptions extends TransferOptions {
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Told while the checksum of what has arrived is made. */
  readonly onCheck?: (progress: FetchProgress) => void;
}

export interface FetchedFile {
  readonly path: string;
  readonly status: 'fetched' | 'present';
}

/**
 * Downloads a file of a record into `folder`, resuming what an earlier attempt left in `NAME.partial`. It gets its
 * name only when size and MD5 are right. Throws a UserError where that can't be had; what arrived stays.
 */
export async function fetchFile(
  file: ArchiveFile,
  folder: string,
  options: FetchOptions,
): Promise<FetchedFile> {
  const path = join(folder, file.name);
  if (await isComplete(path, file, options.onCheck)) return { path, status: 'present' };
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw describeWriteError(error, folder);
  });
  const unlock = await lock(path);
  const partial = `${path}.partial`;
  const isRight = () => hasChecksum(partial, file, options.onCheck);
  try {
    await download(file, partial, options);
    if (!(await isRight())) {
      // what was resumed may be from another version of the file: once more from the start
      await rm(partial);
      await download(file, partial, options);
      if (!(await isRight())) {
        await rm(partial);
        throw new UserError('data', `${file.url}: the checksum of what arrived is not ${file.md5}`, {
          hint: 'Something between here and the archive changes the file. Download it another way and use --from.',
        });
      }
    }
    await rename(partial, path);
    return { path, status: 'fetched' };
  } catch (error) {
    throw describeWriteError(error, path, 'What has arrived stays. ');
  } finally {
    await unlock();
  }
}

/** Whether the file is there with the right size and MD5. Throws a UserError where another one is in its place. */
export async function isComplete(
  path: string,
  file: Omit<ArchiveFile, 'url'>,
  onCheck?: (progress: FetchProgress) => void,
): Promise<boolean> {
  const size = await sizeOf(path);
  if (size === undefined) return false;
  if (size === file.sizeBytes && (await hasChecksum(path, file, onCheck))) return true;
  const what =
    size === file.sizeBytes ? `the checksum is not ${file.md5}` : `${size} bytes, expected ${file.sizeBytes}`;
  throw new UserError('data', `${path} is there, but damaged or another file: ${what}`, {
    hint: 'Move it away and run the same command again.',
  });
}

async function download(file: ArchiveFile, partial: string, options: FetchOptions): Promise<void> {
  const handle = await open(partial, 'a+');
  try {
    for (let failures = 0; ; ) {
      const before = (await handle.stat()).size;
      if (before > file.sizeBytes) await handle.truncate(0);
      if (before === file.sizeBytes) return;
      try {
        await transferRest(file, handle, options);
      } catch (error) {
        failures = (await handle.stat()).size > before ? 1 : failures + 1;
        await pauseAfter(error, failures, file.url, options);
      }
    }
  } finally {
    await handle.close();
  }
}

/** Appends what is missing of the file. Returns when it is complete. */
async function transferRest(file: ArchiveFile, handle: FileHandle, options: FetchOptions): Promise<void> {
  let size = (await handle.stat()).size;
  const stall = new StallGuard(options);
  try {
    const response = await request(file.url, size > 0 ? { range: `bytes=${size}-` } : {}, stall);
    if (!(await continues(response, size, file))) {
      await handle.truncate(0);
      size = 0;
    }
    for await (const chunk of response.body ?? []) {
      stall.alive();
      if (size + chunk.length > file.sizeBytes)
        throw new TransientFailure(`more than the ${file.sizeBytes} bytes of the file arrive`);
      await handle.appendFile(chunk);
      size += chunk.length;
      options.onProgress?.({ name: file.name, bytes: size, bytesTotal: file.sizeBytes });
    }
    if (size < file.sizeBytes)
      throw new TransientFailure(`the connection ended at byte ${size} of ${file.sizeBytes}`);
    await handle.sync();
  } catch (error) {
    throw stall.explain(error);
  } finally {
    stall.stop();
  }
}

/** Whether the answer's body goes on where the file ends; false: it starts at the beginning. */
async function continues(response: Response, size: number, file: ArchiveFile): Promise<boolean> {
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    if (Number(range?.[1]) === size && (range?.[2] === '*' || Number(range?.[2]) === file.sizeBytes))
      return true;
    await response.body?.cancel();
    throw new TransientFailure(`the server sends another range (${response.headers.get('content-range')})`);
  }
  if (response.status === 200) {
    const length = response.headers.get('content-length');
    if (length === null || Number(length) === file.sizeBytes) return size === 0;
    await response.body?.cancel();
    throw new TransientFailure(`the server announces ${length} bytes, the record says ${file.sizeBytes}`);
  }
  await response.body?.cancel();
  throw describeStatus(response.status, file.url);
}

async function hasChecksum(
  path: string,
  { name, md5, sizeBytes }: Omit<ArchiveFile, 'url'>,
  onCheck: (progress: FetchProgress) => void = () => {},
): Promise<boolean> {
  const hash = createHash('md5');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    bytes += chunk.length;
    onCheck({ name, bytes, bytesTotal: sizeBytes });
  }
  return hash.digest('hex') === md5;
}

/** The size of a file; undefined where it is not there. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Keeps a second process from writing the same file; a lock whose process is gone is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  const lockPath = `${path}.lock`;
  const owner = `${hostname()} ${process.pid}`;
  for (;;) {
    try {
      await writeFile(lockPath, owner, { flag: 'wx' });
      return () => rm(lockPath, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw describeWriteError(error, path);
      const [host, pid] = (await readFile(lockPath, 'utf8').catch(() => '')).split(' ');
      if (host !== hostname() || isProcessAlive(Number(pid), null))
        throw new UserError('data', `${path} is being fetched by another process (${host} ${pid})`, {
          hint: `Wait for it. If no such process runs any more, remove ${lockPath}.`,
        });
      await rm(lockPath, { force: true });
    }
  }
}
