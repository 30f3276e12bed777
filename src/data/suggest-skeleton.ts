import type { SkeletonSettings } from './import-settings.js';

const LEFT_RIGHT = [
  [/(^|[^a-z])left/i, 'left', 'right'],
  [/(^|[^a-z])l(?=[^a-z]|$)/i, 'l', 'r'],
  [/left$/i, 'left', 'right'],
  [/(?<=[a-z])L$/, 'L', 'R'],
] as const;

const FRONT = /nose|snout|head|ear|eye|neck|beak|top/i;
const BACK = /hip|tail[\s_-]?base|base[\s_-]?tail|rump|^tail$|abdomen/i;
/** Tips and middles of tails bend: no part of the heading. */
const FLEXIBLE = /tip|mid|end|paw|foot|wing|leg/i;

/**
 * A guess at a skeleton from the names of keypoints, to be offered and corrected by a person, never used unseen:
 * pairs that differ in left and right only, a front (head) and a back (hips and base of the tail). What isn't found
 * is left empty.
 */
export function suggestSkeleton(keypoints: readonly string[]): Omit<SkeletonSettings, 'rename'> {
  const mirrorPairs: [string, string][] = [];
  for (const name of keypoints) {
    const other = findMirror(name, keypoints);
    if (other !== undefined && !mirrorPairs.some((pair) => pair.includes(other)))
      mirrorPairs.push([name, other]);
  }
  const back = keypoints.filter((name) => BACK.test(name) && !FLEXIBLE.test(name));
  const front = keypoints.filter((name) => FRONT.test(name) && !FLEXIBLE.test(name) && !back.includes(name));
  return { keypoints, edges: [], mirrorPairs, front, back };
}

function findMirror(name: string, keypoints: readonly string[]): string | undefined {
  for (const [expression, left, right] of LEFT_RIGHT) {
    const match = expression.exec(name);
    if (!match) continue;
    const at = match.index + match[0].toLowerCase().indexOf(left.toLowerCase());
    const mirrored = name.slice(0, at) + right + name.slice(at + left.length);
    const found = keypoints.find((candidate) => candidate.toLowerCase() === mirrored.toLowerCase());
    if (found !== undefined && found !== name) return found;
  }
  return undefined;
}
