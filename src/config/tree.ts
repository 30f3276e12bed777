/**
 * Settings before they are checked: a tree that remembers where every key and value was written. Trees are never
 * changed; functions return new ones.
 */

/** Where a value comes from: the schema's default, a place in a file (1-based), or an override as it was typed. */
export type Origin =
  | { readonly from: 'default' }
  | { readonly from: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly from: 'override'; readonly text: string };

export const DEFAULT: Origin = { from: 'default' };

export type Scalar = string | number | boolean | null;

export interface ScalarNode {
  readonly type: 'scalar';
  readonly origin: Origin;
  readonly value: Scalar;
  /** The text with its `${WHISKER_...}` where the environment had a part in the value: only this is ever written to disk. */
  readonly unexpanded?: string;
}

export interface ListNode {
  readonly type: 'list';
  readonly origin: Origin;
  readonly items: readonly SettingNode[];
}

export interface MapNode {
  readonly type: 'map';
  readonly origin: Origin;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  /** Where the key stands; the node knows where its value stands. */
  readonly key: Origin;
  readonly node: SettingNode;
}

export type SettingNode = ScalarNode | ListNode | MapNode;

/** Keys and list indices from the root down. */
export type Path = readonly (string | number)[];

/** Never allowed as keys: in plain objects they reach the prototype. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** `objectives.0.weight` */
export function formatPath(path: Path): string {
  return path.join('.');
}

/** The node at `path`, or undefined. */
export function nodeAt(root: SettingNode | undefined, path: Path): SettingNode | undefined {
  let node = root;
  for (const part of path) {
    if (node?.type === 'map') node = node.entries.get(String(part))?.node;
    else if (node?.type === 'list') node = node.items[Number(part)];
    else return undefined;
  }
  return node;
}

/** A tree of plain data, every value with the same origin. */
export function treeOf(value: unknown, origin: Origin): SettingNode {
  if (Array.isArray(value)) return { type: 'list', origin, items: value.map((item) => treeOf(item, origin)) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([key, child]) => [key, { key: origin, node: treeOf(child, origin) }] as const);
    return { type: 'map', origin, entries: new Map(entries) };
  }
  return { type: 'scalar', origin, value: value as Scalar };
}

/** Plain data of a tree; `unexpanded` keeps `${WHISKER_...}` where the environment had a part in a value. */
export function plainOf(node: SettingNode, form: 'expanded' | 'unexpanded' = 'expanded'): unknown {
  if (node.type === 'scalar') return form === 'unexpanded' ? (node.unexpanded ?? node.value) : node.value;
  if (node.type === 'list') return node.items.map((item) => plainOf(item, form));
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainOf(entry.node, form)]));
}

/** Every scalar, empty list and empty map with its path, in order. */
export function* leavesOf(
  node: SettingNode,
  path: Path = [],
): Generator<{ readonly path: Path; readonly node: SettingNode }> {
  if (node.type === 'list' && node.items.length > 0) {
    for (const [index, item] of node.items.entries()) yield* leavesOf(item, [...path, index]);
  } else if (node.type === 'map' && node.entries.size > 0) {
    for (const [key, entry] of node.entries) yield* leavesOf(entry.node, [...path, key]);
  } else {
    yield { path, node };
  }
}
