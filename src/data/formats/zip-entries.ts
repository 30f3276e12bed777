import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { UserError } from '../../errors.js';

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** Unpacked. */
  readonly sizeBytes: number;
  /** Packed. */
  readonly packedBytes: number;
  /** CRC-32 of the unpacked bytes. */
  readonly checksum: number;
}

/** An open zip archive; files are unpacked as they are read, so of any size. */
export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /** The bytes of a file in pieces, its size and CRC-32 checked at the end. */
  read(name: string): AsyncGenerator<Uint8Array, void>;
  close(): void;
}

/**
 * Opens a zip archive. Throws a UserError where it is damaged, or holds what could be written to another place than it
 * says: paths that are absolute or lead out of a folder, links, a name twice (also in another case), a file that is a
 * folder too.
 */
export async function openZip(path: string): Promise<ZipArchive> {
  const entries = new Map<string, Entry>();
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { autoClose: false });
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      assertPlainFile(entry);
      if (entries.has(entry.fileName)) throw new Error(`${entry.fileName} is there twice`);
      entries.set(entry.fileName, entry);
    }
    assertDistinct([...entries.keys()]);
  } catch (cause) {
    zip?.close();
    throw damaged(path, cause);
  }
  const opened = zip;
  return {
    entries: [...entries].map(([name, entry]) => ({
      name,
      sizeBytes: entry.uncompressedSize,
      packedBytes: entry.compressedSize,
      checksum: entry.crc32,
    })),
    async *read(name) {
      const entry = entries.get(name);
      if (!entry)
        throw new UserError(
          'data',
          `${path} holds no ${name}: ${[...entries.keys()].slice(0, 20).join(', ')}`,
        );
      yield* readEntry(opened, entry, `${path}, ${name}`);
    },
    close: () => opened.close(),
  };
}

/** Beside what yauzl refuses itself (absolute names and `..`). */
function assertPlainFile({ fileName, externalFileAttributes, versionMadeBy }: Entry): void {
  const parts = fileName.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\p{Cc}\\:]/u.test(fileName))
    throw new Error(`${JSON.stringify(fileName.slice(0, 200))} is not a usable file name`);
  const isUnix = versionMadeBy >> 8 === 3;
  const type = (externalFileAttributes >>> 16) & 0o170000;
  if (isUnix && type !== 0 && type !== 0o100000) throw new Error(`${fileName} is a link or a device`);
}

/** File systems that ignore case would make one file of two. */
function assertDistinct(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const key = name.normalize('NFC').toLowerCase();
    const other = seen.get(key);
    if (other !== undefined) throw new Error(`${name} and ${other} would be one file`);
    seen.set(key, name);
  }
  for (const [key, name] of seen)
    for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1))
      if (seen.has(key.slice(0, end)))
        throw new Error(`${key.slice(0, end)} is a file and a folder of ${name}`);
}

async function* readEntry(zip: ZipFile, entry: Entry, where: string): AsyncGenerator<Uint8Array, void> {
  let checksum = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      checksum = crc32(chunk as Buffer, checksum);
      yield chunk as Buffer;
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw damaged(where, cause);
  }
  if (checksum !== entry.crc32) throw damaged(where, new Error('the checksum differs'));
}

function damaged(where: string, cause: unknown): UserError {
  return new UserError('data', `${where} cannot be unpacked: ${(cause as Error).message}`, {
    hint: 'Is it a zip archive, and complete? Compare its size and checksum with the source, or fetch it again.',
    cause,
  });
}

/**
 * The bytes of one file of an archive, unpacked as they are read. `onBytes` is told how many bytes of the archive
 * they took, about.
 */
export async function* readZipEntry(
  path: string,
  name: string,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array, void> {
  const archive = await openZip(path);
  try {
    const entry = archive.entries.find((candidate) => candidate.name === name);
    const packing = entry && entry.sizeBytes > 0 ? entry.packedBytes / entry.sizeBytes : 0;
    for await (const chunk of archive.read(name)) {
      onBytes(chunk.length * packing);
      yield chunk;
    }
  } finally {
    archive.close();
  }
}

/** Packs files into a zip archive without compression, as `numpy.savez` does. Each file below 4 GiB. */
export function packZip(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const encodedName = new TextEncoder().encode(name);
    // version 2.0, UTF-8 names, stored, 1980-01-01: the same arrays give the same bytes
    const common = [20, 0x800, 0, 0, 0x21];
    const sizes = [crc32(bytes), bytes.length, bytes.length];
    const local = littleEndian([[0x04034b50], common, sizes, [encodedName.length, 0]], [4, 2, 4, 2]);
    parts.push(local, encodedName, bytes);
    directory.push(
      littleEndian(
        [[0x02014b50], [20, ...common], sizes, [encodedName.length, 0, 0, 0, 0], [0, offset]],
        [4, 2, 4, 2, 4],
      ),
      encodedName,
    );
    offset += local.length + encodedName.length + bytes.length;
  }
  const directoryBytes = directory.reduce((sum, part) => sum + part.length, 0);
  const end = littleEndian(
    [[0x06054b50], [0, 0, files.length, files.length], [directoryBytes, offset], [0]],
    [4, 2, 4, 2],
  );
  return Buffer.concat([...parts, ...directory, end]);
}

/** Numbers of `widths[i]` bytes each for the numbers of `groups[i]`. */
function littleEndian(groups: readonly (readonly number[])[], widths: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const [index, group] of groups.entries())
    for (const value of group)
      for (let byte = 0; byte < widths[index]; byte++) bytes.push(Math.floor(value / 256 ** byte) % 256);
  return Uint8Array.from(bytes);
}
