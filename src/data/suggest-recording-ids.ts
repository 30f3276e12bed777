import { basename } from 'node:path';
import { recordingIdOf } from './import-files.js';

/** Patterns for `recordingId` (null: the file name up to its first dot), and how they pair the files. */
export interface RecordingIdSuggestion {
  readonly poses: string | null;
  readonly labels: string | null;
  /** Recordings with a label file, in the order of the pose files. */
  readonly paired: readonly string[];
  readonly posesAlone: readonly string[];
  readonly labelsAlone: readonly string[];
}

/** What DeepLabCut puts behind the name of a video. */
const DEEPLABCUT = '^(.+?)DLC';

/**
 * Finds which part of the file names names the recording: of a few patterns (up to `DLC`, up to the first dot, without
 * the ending that all names share), the two that pair most pose files with a label file.
 * @param poses paths
 * @param labels paths; without any, the first pattern that tells the pose files apart is taken
 */
export function suggestRecordingIds(
  poses: readonly string[],
  labels: readonly string[],
): RecordingIdSuggestion {
  const pairings = waysToName(poses).flatMap((pose) =>
    waysToName(labels).map((label) => {
      const paired = pose.ids.filter((id) => label.ids.includes(id));
      return {
        poses: pose.pattern,
        labels: label.pattern,
        paired,
        posesAlone: pose.ids.filter((id) => !paired.includes(id)),
        labelsAlone: label.ids.filter((id) => !paired.includes(id)),
      };
    }),
  );
  return pairings.reduce((best, next) => (next.paired.length > best.paired.length ? next : best));
}

/** Patterns that tell the files apart, with the ids that they give; the simplest one where none does. */
function waysToName(files: readonly string[]) {
  const ways = [DEEPLABCUT, null, commonEnding(files)].flatMap((pattern) => {
    const ids = idsOf(files, pattern);
    return ids === undefined ? [] : [{ pattern, ids }];
  });
  return ways.length > 0 ? ways : [{ pattern: null, ids: files.map((file) => recordingIdOf(file, null)) }];
}

/** The ids that a pattern gives; undefined where it doesn't fit each name, or two files would get the same. */
function idsOf(files: readonly string[], pattern: string | null): readonly string[] | undefined {
  const fits = files.every((file) => pattern === null || new RegExp(pattern).test(basename(file)));
  if (!fits) return undefined;
  const ids = files.map((file) => recordingIdOf(file, pattern));
  return new Set(ids).size === ids.length ? ids : undefined;
}

/** A pattern that takes the shared ending away, from a sign that is no letter or digit on: `_annot.txt`. */
function commonEnding(files: readonly string[]): string {
  const [first = '', ...others] = files.map((file) => basename(file));
  let start = first.length;
  while (start > 1 && others.every((name) => name.endsWith(first.slice(start - 1)))) start--;
  const ending = /[^A-Za-z0-9].*$/.exec(first.slice(start))?.[0] ?? '';
  return `^(.+)${ending.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
}
