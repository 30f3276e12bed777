import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../errors.js';

const naturalOrder = new Intl.Collator('en', { numeric: true });

/**
 * The files that paths and globs (`*`, `**`, `?`) name, each once, in natural order (2 before 10). A folder stands
 * for all files in it, at any depth. Throws a UserError for a pattern that names nothing.
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
  const expression = globToExpression(relative(root, path));
  return listFiles(root).filter((file) => expression.test(relative(root, file)));
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? 'file' : stats?.isDirectory() ? 'folder' : undefined;
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => kindOf(path) === 'file');
}

function globToExpression(glob: string): RegExp {
  const parts = glob.split(sep).map((part) => {
    if (part === '**') return '(?:[^/]+/)*';
    const escaped = part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    return `${escaped.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}/`;
  });
  return new RegExp(`^${parts.join('').replace(/\/$/, '')}$`);
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
