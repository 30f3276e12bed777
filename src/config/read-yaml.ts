import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Problem } from './problem.js';
import {
  FORBIDDEN_KEYS,
  type MapEntry,
  type Origin,
  type Path,
  type Scalar,
  type SettingNode,
} from './tree.js';

const MAX_NODES = 10_000;
const MAX_DEPTH = 50;
const MAX_CHARACTERS = 1_000_000;

export interface YamlReading {
  /** Undefined where the text is empty or could not be read at all. */
  readonly root: SettingNode | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Reads YAML 1.2 (core schema: `no` is text, `1e-3` is a number) into a tree with positions. Aliases are expanded;
 * more than 10,000 values in all, tags that are unknown, doubled keys and keys that reach a prototype are problems.
 */
export function readYaml(text: string, originAt: (line: number, column: number) => Origin): YamlReading {
  if (text.length > MAX_CHARACTERS)
    return unreadable('size', 'is longer than 1,000,000 characters', originAt);
  const lines = new LineCounter();
  let document: Document;
  try {
    document = parseDocument(text, {
      version: '1.2',
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
  } catch (error) {
    if (error instanceof RangeError) return unreadable('size', 'is nested too deeply', originAt);
    throw error;
  }
  const placeAt = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset);
    return originAt(Math.max(1, line), Math.max(1, col));
  };
  const syntax = [...document.errors, ...document.warnings].map(
    (error): Problem => ({
      code: 'syntax',
      origin: placeAt(error.pos[0]),
      path: [],
      expected: `is not valid YAML: ${firstLine(error.message)}`,
    }),
  );
  if (syntax.length > 0) return { root: undefined, problems: syntax };
  return new TreeBuilder(document, placeAt).build();
}

function unreadable(
  code: Problem['code'],
  expected: string,
  originAt: (line: number, column: number) => Origin,
): YamlReading {
  return { root: undefined, problems: [{ code, origin: originAt(1, 1), path: [], expected }] };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0];
}

/** Thrown within this file only, to leave the recursion at the first sign of a bomb. */
class TooBig extends Error {}

class TreeBuilder {
  readonly #document: Document;
  readonly #placeAt: (offset: number) => Origin;
  readonly #problems: Problem[] = [];
  readonly #openAnchors = new Set<Node>();
  #count = 0;

  constructor(document: Document, placeAt: (offset: number) => Origin) {
    this.#document = document;
    this.#placeAt = placeAt;
  }

  build(): YamlReading {
    const contents = this.#document.contents;
    if (contents === null) return { root: undefined, problems: [] };
    try {
      return { root: this.#convert(contents as Node, [], this.#placeAt(0)), problems: this.#problems };
    } catch (error) {
      if (!(error instanceof TooBig)) throw error;
      const problem: Problem = { code: 'size', origin: this.#placeAt(0), path: [], expected: error.message };
      return { root: undefined, problems: [problem] };
    }
  }

  #convert(node: Node | null, path: Path, parent: Origin): SettingNode {
    if (++this.#count > MAX_NODES)
      throw new TooBig('holds more than 10,000 values once its aliases are expanded');
    if (path.length > MAX_DEPTH) throw new TooBig(`is nested more than ${MAX_DEPTH} levels deep`);
    if (node === null) return { type: 'scalar', origin: parent, value: null };
    const origin = node.range ? this.#placeAt(node.range[0]) : parent;
    if (isAlias(node)) return this.#convertAlias(node, path, origin);
    if (isSeq(node)) {
      const items = node.items.map((item, index) =>
        this.#convert(item as Node | null, [...path, index], origin),
      );
      return { type: 'list', origin, items };
    }
    if (isMap(node)) return { type: 'map', origin, entries: this.#convertEntries(node.items, path, origin) };
    return { type: 'scalar', origin, value: isScalar(node) ? (node.value as Scalar) : null };
  }

  #convertAlias(alias: Node & { resolve(document: Document): Node | undefined }, path: Path, origin: Origin) {
    const target = alias.resolve(this.#document);
    if (target === undefined || this.#openAnchors.has(target)) {
      const expected =
        target === undefined ? 'is an alias without its anchor' : 'is an alias that contains itself';
      this.#problems.push({ code: 'syntax', origin, path, expected });
      return { type: 'scalar', origin, value: null } as const;
    }
    this.#openAnchors.add(target);
    const converted = this.#convert(target, path, origin);
    this.#openAnchors.delete(target);
    return converted;
  }

  #convertEntries(pairs: readonly { key: unknown; value: unknown }[], path: Path, parent: Origin) {
    const entries = new Map<string, MapEntry>();
    for (const pair of pairs) {
      const keyNode = pair.key as Node;
      const place = keyNode?.range ? this.#placeAt(keyNode.range[0]) : parent;
      if (!isScalar(keyNode) || keyNode.value === null) {
        this.#problems.push({
          code: 'syntax',
          origin: place,
          path,
          expected: 'has a key that is not a word',
        });
        continue;
      }
      const key = String(keyNode.value);
      const keyPath = [...path, key];
      const first = entries.get(key);
      if (FORBIDDEN_KEYS.has(key)) {
        this.#problems.push({
          code: 'forbidden',
          origin: place,
          path: keyPath,
          expected: 'is not allowed as a key',
        });
      } else if (first !== undefined) {
        const where = first.key.from === 'file' ? ` (first at ${first.key.line}:${first.key.column})` : '';
        const expected = `is given twice${where}`;
        this.#problems.push({ code: 'duplicate', origin: place, path: keyPath, expected });
      } else {
        entries.set(key, { key: place, node: this.#convert(pair.value as Node | null, keyPath, place) });
      }
    }
    return entries;
  }
}
