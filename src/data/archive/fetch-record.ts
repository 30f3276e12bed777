import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { type FetchedFile, type FetchOptions, fetchFile, isComplete } from './fetch-file.js';
import { listRecord } from './record.js';

export interface RecordRequest {
  /** The record's list of files, see `CALMS21_RECORD_URL`. */
  readonly recordUrl: string;
  /** The wanted files; an MD5 that is known beforehand has to be the record's. */
  readonly files: readonly { readonly name: string; readonly md5?: string }[];
  /** Where they are put. */
  readonly folder: string;
}

/** Downloads files of a published record, one after another, and checks them. See `fetchFile`. */
export async function fetchRecord(
  { recordUrl, files, folder }: RecordRequest,
  options: FetchOptions,
): Promise<FetchedFile[]> {
  const published = await listRecord(recordUrl, options);
  const wanted = files.map(({ name, md5 }) => {
    const file = published.find((candidate) => candidate.name === name);
    if (!file)
      throw new UserError(
        'data',
        `${recordUrl} has no file ${name}; it has ${published.map((f) => f.name).join(', ')}`,
      );
    if (md5 !== undefined && md5 !== file.md5)
      throw new UserError('data', `${name} of ${recordUrl} has the checksum ${file.md5}, expected ${md5}`, {
        hint: 'The record was changed since this program was written.',
      });
    return file;
  });
  const fetched: FetchedFile[] = [];
  for (const file of wanted) fetched.push(await fetchFile(file, folder, options));
  return fetched;
}

/**
 * Finds files that somebody downloaded before in a folder (`--from`), and checks those whose MD5 is known. They stay
 * where they are. Throws a UserError that names what is missing or damaged.
 */
export async function findFetched(
  folder: string,
  files: readonly { readonly name: string; readonly md5?: string; readonly sizeBytes?: number }[],
): Promise<{ present: FetchedFile[]; missing: string[] }> {
  const present: FetchedFile[] = [];
  const missing: string[] = [];
  for (const { name, md5, sizeBytes } of files) {
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) {
      missing.push(name);
      continue;
    }
    if (md5 !== undefined) await isComplete(path, { md5, sizeBytes: sizeBytes ?? stats.size });
    present.push({ path, status: 'present' });
  }
  if (present.length === 0)
    throw new UserError('data', `${folder} holds none of ${files.map(({ name }) => name).join(', ')}`);
  return { present, missing };
}
