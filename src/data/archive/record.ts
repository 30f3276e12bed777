import { z } from 'zod';
import { UserError } from '../../errors.js';
import { requestText, type TransferOptions } from './transfer.js';

/** A file of a published record. */
export interface ArchiveFile {
  readonly name: string;
  readonly url: string;
  readonly sizeBytes: number;
  /** In hex. */
  readonly md5: string;
}

/** CalMS21 (Sun et al. 2021), DOI 10.22002/D1.1991: the list of its files. */
export const CALMS21_RECORD_URL = 'https://data.caltech.edu/api/records/s0vdx-0k302/files';

/** The archives that hold poses and labels (the videos, 100 GB, are not needed), with the checksums of version 1.0. */
export const CALMS21_ARCHIVES: readonly { readonly name: string; readonly md5: string }[] = [
  { name: 'task1_classic_classification.zip', md5: '8a02654fddae28614ee24a6a082261b8' },
  { name: 'task2_annotation_styles.zip', md5: 'c97e87e13e77ffb80c073e05c05a4683' },
  { name: 'task3_new_behaviors.zip', md5: 'df59df02d069bab1cfc376cdc1a3925b' },
  { name: 'unlabeled_videos.zip', md5: '35ab3acdeb231a3fe1536e38ad223b2e' },
];

const listSchema = z.object({
  entries: z.array(
    z.object({
      key: z.string().regex(/^[^/\\]+$/),
      size: z.int().nonnegative(),
      checksum: z.string().regex(/^md5:[0-9a-f]{32}$/),
    }),
  ),
});

/**
 * Asks the archive (InvenioRDM's record API) which files a record has. `recordUrl` ends in `/files`. Throws a
 * UserError where it doesn't answer or answers something else.
 */
export async function listRecord(recordUrl: string, options: TransferOptions): Promise<ArchiveFile[]> {
  const result = listSchema.safeParse(parseJson(await requestText(recordUrl, options)));
  if (!result.success)
    throw new UserError('data', `${recordUrl} does not answer with a list of files`, {
      hint: 'Has the archive changed? Files that you have downloaded yourself can be given as a folder.',
    });
  return result.data.entries.map(({ key, size, checksum }) => ({
    name: key,
    url: `${recordUrl}/${encodeURIComponent(key)}/content`,
    sizeBytes: size,
    md5: checksum.slice(4),
  }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says what was expected
  }
}
