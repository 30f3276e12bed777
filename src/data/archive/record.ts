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
