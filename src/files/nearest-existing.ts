import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What is there already of a path: itself, or the nearest of those above it. */
export function nearestExisting(path: string): string {
  let existing = resolve(path);
  while (!existsSync(existing)) existing = dirname(existing);
  return existing;
}
