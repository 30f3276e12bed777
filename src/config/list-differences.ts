import { formatValue } from './problem.js';
import { DEFAULT, formatPath, leavesOf, plainOf, treeOf } from './tree.js';

/** A setting that differs between two settings, as whole texts; `-` where one has no such setting. */
export interface Difference {
  readonly path: string;
  readonly one: string;
  readonly other: string;
}

/** What differs between two plain settings, value by value. */
export function listDifferences(one: unknown, other: unknown): readonly Difference[] {
  const [first, second] = [valuesByPath(one), valuesByPath(other)];
  return [...new Set([...first.keys(), ...second.keys()])]
    .map((path) => ({ path, one: first.get(path) ?? '-', other: second.get(path) ?? '-' }))
    .filter((difference) => difference.one !== difference.other);
}

function valuesByPath(settings: unknown): ReadonlyMap<string, string> {
  const leaves = [...leavesOf(treeOf(settings, DEFAULT))];
  return new Map(
    leaves.map(({ path, node }) => [formatPath(path), formatValue(plainOf(node), Number.POSITIVE_INFINITY)]),
  );
}
