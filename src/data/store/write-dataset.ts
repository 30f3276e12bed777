import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import type { Recording } from '../pose.js';
import {
  ARRAY_FILES,
  type ArrayFile,
  assertLittleEndian,
  DATASET_VERSION,
  DESCRIPTION_FILE,
} from './array-files.js';
import { checkHeader, checkRecording } from './check-recording.js';
import type { DatasetSource, RecordingEntry } from './dataset.js';
import type { Description } from './description.js';
import { openDataset, readDescription } from './open-dataset.js';
import {
  describeWriteError,
  placeFolder,
  refuseForeignFolder,
  removeFolder,
  startFolder,
} from './place-folder.js';

export interface WriteOptions {
  /** Replace the data set at the same place, also a different one. */
  readonly overwrite: boolean;
  /**
   * Names the sources and settings (a hash). A folder made from the same origin is left as it is and its
   * recordings are not read at all; without an origin they are read and compared.
   */
  readonly origin?: string;
  /** Told after each recording. */
  readonly onProgress?: (progress: WriteProgress) => void;
}

export interface WriteProgress {
  readonly id: string;
  /** The source that the recording came from. */
  readonly file: string;
  readonly recordings: number;
  readonly frames: number;
}

export interface WriteResult {
  /** `present`: the same data set was already there. */
  readonly status: 'written' | 'present';
  readonly folder: string;
  /** sha256 of `dataset.json`. */
  readonly hash: string;
}

/**
 * Writes a data set folder: all files beside it, flushed, then renamed into place, so that a folder is whole or
 * absent. Of two writers at once the first one wins, and the second finds its data `present` or is refused. What lost a
 * part of its arrays is written anew, and everything with `overwrite`.
 * Holds one recording in memory. Throws a UserError for what cannot be stored, for a different data set at the
 * same place (without `overwrite`), and for a full disk; nothing half-written stays.
 */
export async function writeDataset(
  folder: string,
  source: DatasetSource,
  options: WriteOptions,
): Promise<WriteResult> {
  assertLittleEndian();
  checkHeader(source.header);
  if (!options.overwrite) refuseUnreadable(folder);
  const before = findDataset(folder);
  if (options.origin !== undefined && before !== undefined && !options.overwrite) {
    if (before.origin !== options.origin) throw differs(folder);
    if (isWhole(folder)) return { status: 'present', folder, hash: before.hash };
  }
  refuseForeignFolder(folder, DESCRIPTION_FILE);
  const partial = await startFolder(folder);
  try {
    const hash = await writeFiles(partial, source, options);
    const present = findDataset(folder);
    if (present && present.hash !== hash && !options.overwrite) throw differs(folder);
    const replaces = options.overwrite || (present !== undefined && !isWhole(folder));
    if (present && !replaces) return { status: 'present', folder, hash };
    if (await placeFolder(partial, folder, replaces)) return { status: 'written', folder, hash };
    if (findDataset(folder)?.hash === hash) return { status: 'present', folder, hash };
    throw differs(folder);
  } catch (error) {
    throw describeWriteError(error, folder);
  } finally {
    await removeFolder(partial);
  }
}

/** The origin and hash of the data set at `folder`; undefined where there is none or it can't be read. */
export function findDataset(folder: string): { origin: string | null; hash: string } | undefined {
  try {
    const { description, hash } = readDescription(folder);
    return { origin: description.origin, hash };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Whether the arrays of a data set have the sizes that its description asks for. */
function isWhole(folder: string): boolean {
  try {
    openDataset(folder).close();
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** Before anything is read: what another version wrote, or what is damaged, would be in the way of the result. */
function refuseUnreadable(folder: string): void {
  if (!existsSync(join(folder, DESCRIPTION_FILE))) return;
  try {
    readDescription(folder);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError('data', error.message, {
      hint: 'Choose another folder, or allow it to be replaced (--overwrite).',
      cause: error,
    });
  }
}

function differs(folder: string): UserError {
  return new UserError('data', `${folder} already holds a different data set`, {
    hint: 'Choose another folder, or allow it to be replaced (--overwrite).',
  });
}

async function writeFiles(partial: string, source: DatasetSource, options: WriteOptions): Promise<string> {
  await mkdir(partial, { recursive: true });
  const writers = {} as Record<ArrayFile, ArrayWriter>;
  const recordings: RecordingEntry[] = [];
  try {
    for (const file of ARRAY_FILES) writers[file] = await openWriter(join(partial, file));
    const ids = new Set<string>();
    let frames = 0;
    for await (const recording of source.recordings) {
      checkRecording(recording, source.header);
      if (ids.has(recording.id))
        throw new UserError('data', `${recording.source.file}: recording ${recording.id} was there before`, {
          hint: 'Every recording of a data set needs its own id.',
        });
      ids.add(recording.id);
      recordings.push(await writeRecording(writers, recording, source.header.tracks));
      frames += recording.frames;
      options.onProgress?.({
        id: recording.id,
        file: recording.source.file,
        recordings: recordings.length,
        frames,
      });
    }
    if (recordings.length === 0) throw new UserError('data', `${source.header.name} has no recordings`);
    const files = {} as Description['files'];
    for (const file of ARRAY_FILES) files[file] = await writers[file].finish();
    const description: Description = {
      format: 'whisker-dataset',
      version: DATASET_VERSION,
      origin: options.origin ?? null,
      header: structuredClone(source.header) as Description['header'],
      recordings: recordings as Description['recordings'],
      files,
    };
    return await writeDescription(partial, description);
  } finally {
    for (const file of ARRAY_FILES) await writers[file]?.close();
  }
}

async function writeRecording(
  writers: Record<ArrayFile, ArrayWriter>,
  recording: Recording & { readonly source: RecordingEntry['source'] },
  tracks: DatasetSource['header']['tracks'],
): Promise<RecordingEntry> {
  const { id, subset, frames, framesPerSecond, pose, scores, labels } = recording;
  await writers['pose.f32'].append(pose);
  if (scores) await writers['scores.f32'].append(scores);
  const annotated = tracks.map((track) => track.name).filter((name) => labels.has(name));
  for (const name of annotated) await writers['labels.i16'].append(labels.get(name) as Int16Array);
  return {
    id,
    subset,
    frames,
    framesPerSecond,
    hasScores: scores !== undefined,
    tracks: annotated,
    poseHash: createHash('sha256').update(bytesOf(pose)).digest('hex'),
    source: { file: recording.source.file, sha256: recording.source.sha256 },
  };
}

async function writeDescription(partial: string, description: Description): Promise<string> {
  const bytes = Buffer.from(`${JSON.stringify(description, null, 1)}\n`);
  const writer = await openWriter(join(partial, DESCRIPTION_FILE));
  try {
    await writer.append(bytes);
    return (await writer.finish()).sha256;
  } finally {
    await writer.close();
  }
}

interface ArrayWriter {
  append(values: ArrayBufferView): Promise<void>;
  /** Flushes to the disk; size and hash of what was appended. */
  finish(): Promise<{ sizeBytes: number; sha256: string }>;
  close(): Promise<void>;
}

async function openWriter(path: string): Promise<ArrayWriter> {
  const handle: FileHandle = await open(path, 'wx');
  const hash = createHash('sha256');
  let sizeBytes = 0;
  return {
    async append(values) {
      const bytes = bytesOf(values);
      for (let done = 0; done < bytes.length; )
        done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
      hash.update(bytes);
      sizeBytes += bytes.length;
    },
    async finish() {
      await handle.sync();
      return { sizeBytes, sha256: hash.digest('hex') };
    },
    close: () => handle.close(),
  };
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
