import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../errors.js';

const naturalOrder = new Intl.Collator('en', { numeric: true });

/**
 * The files that paths and globs (`*`, `**`, `?`) name, each once, in natural order (2 before 10). A folder stands
 * for all files in it, at any depth. Names that begin with a dot are passed by unless they are written out. Throws a
 * UserError for a pattern that names nothing, and for a folder that may not be looked into.
 */
export function findFiles(patterns: readonly string[], baseFolder: string): string[] {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const matches = findMatches(resolve(baseFolder, pattern));
    if (matches.length === 0)
      throw new UserError('data', `${pattern} names no file (looked in ${resolve(baseFolder)})`, {
        hint: 'Paths are relative to the folder in which the command runs.',
      });
    for (const match of matches) found.add(match);
  }
  return [...found].sort(naturalOrder.compare);
}

function findMatches(path: string): string[] {
  const kind = kindOf(path);
  if (kind === 'file') return [path];
  if (kind === 'folder') return listFiles(path);
  if (!/[*?]/.test(path)) return [];
  let root = path;
  while (/[*?]/.test(root)) root = dirname(root);
  if (kindOf(root) !== 'folder') return [];
  return matchBelow(root, relative(root, path).split(sep));
}

/** Files that fit the parts of a pattern; no folder is looked into that can't hold one. */
function matchBelow(folder: string, [part, ...rest]: readonly string[]): string[] {
  if (part === '**') {
    if (rest.length === 0) return listFiles(folder);
    const folders = listEntries(folder).filter((entry) => entry.isDirectory() && !isHidden(entry.name));
    const deeper = folders.flatMap(({ name }) => matchBelow(join(folder, name), [part, ...rest]));
    return [...matchBelow(folder, rest), ...deeper];
  }
  const expression = globToExpression(part);
  const paths = listEntries(folder)
    .filter(({ name }) => expression.test(name) && (part.startsWith('.') || !isHidden(name)))
    .map(({ name }) => join(folder, name));
  if (rest.length === 0) return paths.filter((path) => kindOf(path) === 'file');
  return paths.filter((path) => kindOf(path) === 'folder').flatMap((path) => matchBelow(path, rest));
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const stats = orRefuse(path, () => statSync(path, { throwIfNoEntry: false }));
  return stats?.isFile() ? 'file' : stats?.isDirectory() ? 'folder' : undefined;
}

function listFiles(folder: string): string[] {
  return listEntries(folder)
    .filter(({ name }) => !isHidden(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(path);
      return kindOf(path) === 'file' ? [path] : [];
    });
}

function listEntries(folder: string): Dirent[] {
  return orRefuse(folder, () => readdirSync(folder, { withFileTypes: true }));
}

function orRefuse<Result>(path: string, look: () => Result): Result {
  try {
    return look();
  } catch (cause) {
    throw new UserError('data', `${path} can't be looked into: ${(cause as Error).message}`, { cause });
  }
}

/** What systems put beside files (`.DS_Store`, `._NAME` on foreign disks) is nobody's recording. */
export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** Of one part of a pattern. */
function globToExpression(part: string): RegExp {
  const escaped = part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

/** A regular expression of the settings; `setting` names it in the error. */
export function compilePattern(pattern: string, setting: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new UserError('settings', `${setting}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The recording that a file belongs to: the first group of `pattern` in its name, or the name up to its first dot.
 * Throws a UserError where the pattern does not fit.
 */
export function recordingIdOf(path: string, pattern: string | null): string {
  const name = basename(path);
  if (pattern === null) return name.replace(/(?!^)\..*$/, '');
  const match = compilePattern(pattern, 'recordingId').exec(name);
  const id = match?.[1] ?? match?.[0];
  if (!id)
    throw new UserError('settings', `recordingId: ${pattern} does not fit the file name ${name}`, {
      hint: 'Its first group has to be the recording, e.g. ^(\\d+)DLC for 10DLC_resnet.csv.gz.',
    });
  return id;
}

/** The path as messages and data sets show it: relative to the base folder where it lies below that. */
export function displayPath(path: string, baseFolder: string): string {
  const shown = relative(resolve(baseFolder), path);
  return shown === '' || shown.startsWith('..') || isAbsolute(shown) ? basename(path) : shown;
}
