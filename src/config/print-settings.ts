import { Document, type Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Origin } from './tree.js';

/** Where a value comes from, for people: `default`, `base.yaml:3:5`, `override seed=2`. */
export function formatOrigin(origin: Origin): string {
  if (origin.from === 'default') return 'default';
  if (origin.from === 'override') return `override ${origin.text}`;
  return `${origin.file}:${origin.line}:${origin.column}`;
}

/** Settings as YAML, every value with its origin as a comment behind it. */
export function printSettings(settings: unknown, origins: ReadonlyMap<string, Origin>): string {
  const document = new Document(null, { version: '1.2' });
  document.contents = annotated(settings, [], origins) as typeof document.contents;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function annotated(value: unknown, path: readonly string[], origins: ReadonlyMap<string, Origin>): Node {
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    list.items = value.map((item, index) => annotated(item, [...path, String(index)], origins));
    // Single values stand on one line, with the origin of the first.
    if (value.every((item) => typeof item !== 'object' || item === null)) {
      const comment = (list.items[0] as Node | undefined)?.comment ?? commentAt(path, origins);
      for (const item of list.items) (item as Node).comment = null;
      list.flow = true;
      list.comment = comment;
    }
    return list;
  }
  if (typeof value === 'object' && value !== null) {
    const map = new YAMLMap();
    for (const [key, child] of Object.entries(value)) map.set(key, annotated(child, [...path, key], origins));
    if (map.items.length === 0) map.comment = commentAt(path, origins);
    return map;
  }
  const scalar = new Scalar(value);
  scalar.comment = commentAt(path, origins);
  return scalar;
}

function commentAt(path: readonly string[], origins: ReadonlyMap<string, Origin>): string | null {
  const origin = origins.get(path.join('.'));
  return origin === undefined ? null : ` ${formatOrigin(origin).replaceAll('\n', ' ')}`;
}
