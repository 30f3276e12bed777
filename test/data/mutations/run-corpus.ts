import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { writeDataset } from '../../../src/data/store/write-dataset.js';
import { seededRandom } from '../../../src/random.js';
import { exampleRecording, exampleSource } from '../store/example-source.js';
import { mutate, truncations } from './mutate.js';
import { type ReaderCase, readerCases } from './readers.js';

export interface CorpusCounts {
  readonly read: number;
  readonly refused: number;
}

/** Every reader of this machine: those of HDF5 need an optional package. */
export async function corpusReaders(): Promise<ReaderCase[]> {
  const isHdf5Installed = await import('h5wasm/node' as string).then(
    () => true,
    () => false,
  );
  const store = mkdtempSync(join(tmpdir(), 'corpus-store-'));
  const recordings = [exampleRecording('a', 3), exampleRecording('b', 2)];
  try {
    await writeDataset(join(store, 'set'), exampleSource(recordings), { overwrite: false });
    const readers = readerCases(join(store, 'set'));
    return readers.filter(({ fileName }) => isHdf5Installed || !fileName.endsWith('.h5'));
  } finally {
    rmSync(store, { recursive: true });
  }
}

/** By its name: the readers of HDF5 are compiled modules, whose class is another one. */
function isUserError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'UserError';
}

/** More than this is kept by nobody for files of a few kilobytes. */
const LARGEST_GROWTH_BYTES = 500e6;

/**
 * Gives a reader `count` damaged files, `truncationCount` of them cut at structural places. Each has to be refused with a
 * UserError or read: the file in another dress with the same result. Nothing may be left beside it, and the memory must
 * not grow. Throws with the name of the case.
 */
export async function runCorpus(
  { name, kind, fileName, base, read }: ReaderCase,
  count: number,
  truncationCount: number,
): Promise<CorpusCounts> {
  const random = seededRandom(8, 'corpus', name);
  const counts = { read: 0, refused: 0 };
  const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
  const path = join(folder, fileName);
  writeFileSync(path, base);
  const expected = await read(path);
  const memory = process.memoryUsage().rss;
  const cuts = [...truncations(base, kind, truncationCount)];
  for (let index = 0; index < count; index++) {
    const mutation = cuts[index] ?? mutate(base, kind, random);
    rmSync(path); // a new file each time: some file systems write out at once what replaces a file's content
    writeFileSync(path, mutation.bytes);
    const where = `${name}, case ${index}: ${mutation.name}`;
    try {
      const found = await read(path);
      if (mutation.isSame && !isDeepStrictEqual(found, expected)) throw new Error('another result');
      counts.read++;
    } catch (error) {
      if (!isUserError(error) || mutation.isSame) throw new Error(where, { cause: error });
      if (error.message.length > 5000)
        throw new Error(`${where}: a message of ${error.message.length} characters`);
      counts.refused++;
    }
    if (index % 100 === 0) expect(readdirSync(folder), where).toEqual([fileName]);
  }
  expect(readdirSync(folder)).toEqual([fileName]);
  writeFileSync(path, base);
  expect(await read(path), 'the good file, after all the bad ones').toEqual(expected);
  expect(process.memoryUsage().rss - memory).toBeLessThan(LARGEST_GROWTH_BYTES);
  rmSync(folder, { recursive: true });
  return counts;
}
