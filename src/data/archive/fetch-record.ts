import { existsSync, readdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { nearestExisting } from '../../files/nearest-existing.js';
import { type FetchedFile, type FetchOptions, fetchFile, isComplete, sizeOf } from './fetch-file.js';
import { type ArchiveFile, listRecord } from './record.js';
import type { TransferOptions } from './transfer.js';

/** A file of a record by its name, or by a pattern that one name fits. */
export interface WantedFile {
  readonly name: string | RegExp;
  /** Where it is known beforehand, in hex: the file has to have it. */
  readonly md5?: string;
}

export interface RecordRequest {
  /** The record's list of files, see `CALMS21_RECORD_URL`. */
  readonly recordUrl: string;
  readonly files: readonly WantedFile[];
  /** Where they are put. */
  readonly folder: string;
}

/** What fetching would do. */
export interface FetchPlan {
  readonly folder: string;
  readonly files: readonly PlannedFile[];
  readonly bytesMissing: number;
}

export interface PlannedFile extends ArchiveFile {
  /** It is in the folder and its checksum is right. */
  readonly isPresent: boolean;
  readonly bytesMissing: number;
}

/**
 * Asks for a record's list of files and looks at what is in the folder already. Throws a UserError where the record
 * lacks a file or was changed, and for damaged files in the folder.
 */
export async function planFetch(
  { recordUrl, files, folder }: RecordRequest,
  options: TransferOptions & Pick<FetchOptions, 'onCheck'>,
): Promise<FetchPlan> {
  const published = await listRecord(recordUrl, options);
  const planned: PlannedFile[] = [];
  for (const { name, md5 } of files) {
    const file = published.find((candidate) => fits(candidate.name, name));
    if (!file)
      throw new UserError(
        'data',
        `${recordUrl} has no file ${name}; it has ${published.map((f) => f.name).join(', ')}`,
      );
    if (md5 !== undefined && md5 !== file.md5)
      throw new UserError(
        'data',
        `${file.name} of ${recordUrl} has the checksum ${file.md5}, expected ${md5}`,
        {
          hint: 'The record was changed since this program was written.',
        },
      );
    const path = join(folder, file.name);
    const partialBytes = (await sizeOf(`${path}.partial`)) ?? 0;
    const isPresent = await isComplete(path, file, options.onCheck);
    const bytesMissing = isPresent ? 0 : Math.max(0, file.sizeBytes - partialBytes);
    planned.push({ ...file, isPresent, bytesMissing });
  }
  return { folder, files: planned, bytesMissing: planned.reduce((sum, file) => sum + file.bytesMissing, 0) };
}

/** Downloads what a plan lacks, one file after another, and checks it. See `fetchFile`. */
export async function fetchPlanned(
  { folder, files }: FetchPlan,
  options: FetchOptions,
): Promise<FetchedFile[]> {
  const fetched: FetchedFile[] = [];
  for (const file of files) {
    const path = join(folder, file.name);
    fetched.push(file.isPresent ? { path, status: 'present' } : await fetchFile(file, folder, options));
  }
  return fetched;
}

/** Throws a UserError where the disk of `folder`, which need not exist yet, has less than `bytes` free. */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(nearestExisting(folder));
  if (bavail * bsize < bytes)
    throw new UserError(
      'data',
      `${folder} needs ${gigabytes(bytes)} GB, ${gigabytes(bavail * bsize)} GB are free`,
      {
        hint: 'Make room, or choose a folder on another disk (--folder).',
      },
    );
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

/**
 * Finds files that somebody downloaded before in a folder (`--from`), and checks those whose MD5 is known. They stay
 * where they are. Throws a UserError that names what is damaged, and where none of them is there.
 */
export async function findFetched(
  folder: string,
  files: readonly WantedFile[],
  onCheck?: FetchOptions['onCheck'],
): Promise<{ present: FetchedFile[]; missing: string[] }> {
  const present: FetchedFile[] = [];
  const missing: string[] = [];
  const names = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
  for (const { name, md5 } of files) {
    const found = names.find((candidate) => fits(candidate, name));
    if (found === undefined) {
      missing.push(String(name));
      continue;
    }
    const path = join(folder, found);
    if (md5 !== undefined)
      await isComplete(path, { name: found, md5, sizeBytes: statSync(path).size }, onCheck);
    present.push({ path, status: 'present' });
  }
  if (present.length === 0)
    throw new UserError('data', `${folder} holds none of ${files.map(({ name }) => name).join(', ')}`);
  return { present, missing };
}

function fits(name: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? name === wanted : wanted.test(name);
}
