import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One folder for all that the tests write, removed at the end: `os.tmpdir()` is asked in every process that they start,
 * and follows TMPDIR.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'whisker-tests-'));
  process.env.TMPDIR = folder;
  // a child may still be writing its last file
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
