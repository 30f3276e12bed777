import { isCollection, isScalar, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { choiceKeyOf, DURATION_UNITS, isDuration, valueAt } from './merge.js';
import type { Problem } from './problem.js';
import { readYaml } from './read-yaml.js';
import { childSchema, coreFor } from './schema-walk.js';
import {
  FORBIDDEN_KEYS,
  formatPath,
  type MapNode,
  type Origin,
  type Path,
  type SettingNode,
} from './tree.js';

export interface Override {
  readonly path: Path;
  readonly node: SettingNode;
}

/**
 * Reads `key=value`. The text splits at the first `=`; the key is a dotted path whose whole numbers are list
 * indices; the value is a YAML scalar or a flow list or map: `0.1`, `true`, `null`, `"a: b"`, `[1, 2]`, `{steps: 10}`.
 * An empty value is the empty text. Comments, anchors, tags and block structures are refused: quote such a text.
 */
export function parseOverride(text: string): Override | Problem {
  const origin: Origin = { from: 'override', text };
  const split = text.indexOf('=');
  const complain = (expected: string, path: Path = []): Problem => ({
    code: 'override',
    origin,
    path,
    expected,
  });
  if (split <= 0) return complain('is not of the form key=value');
  const path = text.slice(0, split).split('.');
  if (path.some((part) => part.trim() !== part || part === ''))
    return complain('has a key with an empty or spaced part');
  const forbidden = path.find((part) => FORBIDDEN_KEYS.has(part));
  if (forbidden !== undefined)
    return { code: 'forbidden', origin, path, expected: 'is not allowed as a key' };

  const source = text.slice(split + 1).trim();
  if (source === '') return { path, node: { type: 'scalar', origin, value: '' } };
  const { root, problems } = readYaml(source, () => origin);
  const first = problems[0];
  if (first !== undefined) return { ...first, path };
  if (root === undefined || !isPlainFlow(source))
    return complain('is ambiguous: put the value in quotes', path);
  return { path, node: root };
}

/** Whether YAML takes all of `source` as one flow value: nothing dropped as a comment, no anchors, tags or blocks. */
function isPlainFlow(source: string): boolean {
  const document = parseDocument(source, { version: '1.2', logLevel: 'silent' });
  const { contents } = document;
  if (contents === null || document.comment || document.commentBefore) return false;
  if (isScalar(contents) && contents.type === 'PLAIN' && contents.source !== source) return false;
  let isPlain = true;
  visit(document, (_, node) => {
    const marks = (node ?? {}) as { anchor?: string; comment?: string; commentBefore?: string };
    const isBlock = isCollection(node) ? node.flow !== true : isBlockScalar(node);
    if (marks.anchor || marks.comment || marks.commentBefore || isBlock) isPlain = false;
  });
  return isPlain && !source.startsWith('!') && !source.startsWith('---');
}

function isBlockScalar(node: unknown): boolean {
  return isScalar(node) && (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL');
}

/** The tree with the override's value at its path, or what is wrong with the path. */
export function applyOverride(
  schema: z.core.$ZodType | undefined,
  root: SettingNode,
  override: Override,
): SettingNode | Problem {
  return setAt(schema, root, override, 0);
}

/** Tells a problem from a tree. */
export function isProblem(value: SettingNode | Override | Problem): value is Problem {
  return 'expected' in value;
}

function setAt(
  schema: z.core.$ZodType | undefined,
  node: SettingNode | undefined,
  override: Override,
  depth: number,
): SettingNode | Problem {
  if (depth === override.path.length) return override.node;
  const key = String(override.path[depth]);
  const origin = override.node.origin;
  if (node?.type === 'list') return setInList(schema, node, override, depth);
  if (node?.type === 'scalar' && node.value !== null) {
    const expected = `can't be set: ${formatPath(override.path.slice(0, depth))} is a single value, not a section`;
    return { code: 'override', origin, path: override.path, expected };
  }
  const section: MapNode = node?.type === 'map' ? node : { type: 'map', origin, entries: new Map() };
  const child = setAt(childOf(schema, section, key), section.entries.get(key)?.node, override, depth + 1);
  if (isProblem(child)) return child;
  const isOtherChoice =
    key === choiceKeyOf(schema) && child.type === 'scalar' && child.value !== valueAt(section, key);
  const kept = [...section.entries].filter(([other, entry]) => {
    if (isDuration(section) && DURATION_UNITS.has(key)) return other === key;
    // Another choice: what only the schema said about the old one goes; what a person said stays, and is checked.
    return !(isOtherChoice && entry.node.origin.from === 'default');
  });
  const entries = new Map(kept).set(key, { key: section.entries.get(key)?.key ?? origin, node: child });
  return { type: 'map', origin: section.origin, entries };
}

function childOf(
  schema: z.core.$ZodType | undefined,
  node: SettingNode,
  key: string,
): z.core.$ZodType | undefined {
  return schema === undefined ? undefined : childSchema(coreFor(schema, node), key);
}

function setInList(
  schema: z.core.$ZodType | undefined,
  list: Extract<SettingNode, { type: 'list' }>,
  override: Override,
  depth: number,
): SettingNode | Problem {
  const key = String(override.path[depth]);
  const index = /^\d+$/.test(key) ? Number(key) : -1;
  if (index < 0 || index >= list.items.length) {
    const name = formatPath(override.path.slice(0, depth));
    const count = list.items.length;
    const range = count === 0 ? 'is an empty list' : `is a list with entries 0 to ${count - 1}`;
    const expected = `can't be set: ${name} ${range}`;
    return { code: 'override', origin: override.node.origin, path: override.path, expected };
  }
  const child = setAt(childOf(schema, list, key), list.items[index], override, depth + 1);
  if (isProblem(child)) return child;
  return { ...list, items: list.items.with(index, child) };
}
