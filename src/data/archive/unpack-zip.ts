import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { openZip, type ZipArchive, type ZipEntry } from '../formats/zip-entries.js';
import { describeWriteError } from '../store/place-folder.js';

export interface UnpackProgress {
  readonly name: string;
  readonly bytes: number;
  readonly bytesTotal: number;
}

export interface UnpackedFile {
  readonly path: string;
  readonly status: 'unpacked' | 'present';
}

/** How many bytes of an archive are not unpacked in `folder` yet, judged by the sizes of what lies there. */
export async function countPackedBytes(archivePath: string, folder: string): Promise<number> {
  const archive = await openZip(archivePath);
  archive.close();
  let bytes = 0;
  for (const { name, sizeBytes } of archive.entries)
    if ((await sizeAt(join(folder, name))) !== sizeBytes) bytes += sizeBytes;
  return bytes;
}

/**
 * Unpacks a zip archive into `folder`, each file beside its name and renamed when size and CRC-32 are right; files that are
 * there already with both are left alone, so a second call takes up where the first one stopped. What `openZip` refuses
 * (paths out of the folder, links, names that collide) is refused before anything is written. Throws a UserError.
 */
export async function unpackZip(
  archivePath: string,
  folder: string,
  onProgress: (progress: UnpackProgress) => void = () => {},
): Promise<UnpackedFile[]> {
  const archive = await openZip(archivePath);
  const bytesTotal = archive.entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytes = 0;
  const unpacked: UnpackedFile[] = [];
  try {
    for (const entry of archive.entries) {
      const path = join(folder, entry.name);
      const isPresent = await holds(path, entry);
      if (isPresent) bytes += entry.sizeBytes;
      else
        await unpackEntry(archive, entry, path, (count) => {
          bytes += count;
          onProgress({ name: entry.name, bytes, bytesTotal });
        });
      unpacked.push({ path, status: isPresent ? 'present' : 'unpacked' });
    }
  } catch (error) {
    throw describeWriteError(error, folder);
  } finally {
    archive.close();
  }
  return unpacked;
}

async function unpackEntry(
  archive: ZipArchive,
  { name }: ZipEntry,
  path: string,
  onBytes: (count: number) => void,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  const handle = await open(partial, 'w');
  try {
    for await (const chunk of archive.read(name)) {
      await handle.appendFile(chunk);
      onBytes(chunk.length);
    }
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
  await handle.close();
  await rename(partial, path);
}

async function holds(path: string, { sizeBytes, checksum }: ZipEntry): Promise<boolean> {
  if ((await sizeAt(path)) !== sizeBytes) return false;
  let found = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) found = crc32(chunk, found);
  return found === checksum;
}

async function sizeAt(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}
