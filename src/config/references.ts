import { parseDocument } from 'yaml';
import { nearest } from './nearest.js';
import { formatValue, type Problem } from './problem.js';
import {
  formatPath,
  leavesOf,
  nodeAt,
  type Path,
  type Scalar,
  type ScalarNode,
  type SettingNode,
} from './tree.js';

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
const ENVIRONMENT_NAME = /^WHISKER_[A-Z0-9_]+$/;
const MAX_CHARACTERS = 10_000;

/** Variables by name; only those that begin with `WHISKER_` are ever read. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts values in the place of `${window.frames}` (another setting that is a single value) and `${WHISKER_NAME}` (the
 * environment; no other names). A text that is one reference takes the value with its type; `$${` is a plain `${`.
 */
export function resolveReferences(
  root: SettingNode,
  environment: Environment,
): { readonly root: SettingNode; readonly problems: readonly Problem[] } {
  const resolver = new Resolver(root, environment);
  return { root: resolver.resolve(root, []), problems: resolver.problems };
}

class Resolver {
  readonly problems: Problem[] = [];
  readonly #root: SettingNode;
  readonly #environment: Environment;
  /** Paths whose references are being resolved, to notice circles. */
  readonly #open: string[] = [];

  constructor(root: SettingNode, environment: Environment) {
    this.#root = root;
    this.#environment = environment;
  }

  resolve(node: SettingNode, path: Path): SettingNode {
    if (node.type === 'list') {
      return { ...node, items: node.items.map((item, index) => this.resolve(item, [...path, index])) };
    }
    if (node.type === 'map') {
      const entries = [...node.entries].map(
        ([key, entry]) => [key, { key: entry.key, node: this.resolve(entry.node, [...path, key]) }] as const,
      );
      return { ...node, entries: new Map(entries) };
    }
    return this.#expand(node, path);
  }

  #expand(node: ScalarNode, path: Path): ScalarNode {
    if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
    const key = formatPath(path);
    if (this.#open.includes(key)) {
      const circle = [...this.#open.slice(this.#open.indexOf(key)), key].join(' -> ');
      return this.#complain(node, path, `refers to itself: ${circle}`);
    }
    this.#open.push(key);
    const expanded = this.#expandText(node, node.value, path);
    this.#open.pop();
    return expanded;
  }

  #expandText(node: ScalarNode, text: string, path: Path): ScalarNode {
    let usesEnvironment = false;
    const parts: Scalar[] = [];
    let end = 0;
    for (const match of text.matchAll(REFERENCE)) {
      if (match.index > end) parts.push(text.slice(end, match.index));
      end = match.index + match[0].length;
      if (match[0] === '$${') parts.push('${');
      else {
        const found = this.#lookUp(node, match[0], match[1] ?? '', path);
        if (found === undefined) return node;
        usesEnvironment ||= found.unexpanded !== undefined;
        parts.push(found.value);
      }
    }
    if (end < text.length) parts.push(text.slice(end));
    const isWhole = parts.length === 1 && !text.startsWith('$${');
    const value = isWhole ? parts[0] : parts.map(String).join('');
    if (typeof value === 'string' && value.length > MAX_CHARACTERS) {
      return this.#complain(node, path, 'is longer than 10,000 characters once its references are filled in');
    }
    return usesEnvironment ? { ...node, value, unexpanded: text } : { ...node, value };
  }

  #lookUp(node: ScalarNode, written: string, name: string, path: Path): ScalarNode | undefined {
    if (!written.endsWith('}')) {
      this.#complain(
        node,
        path,
        'has an opened reference without its }; double the $ for the characters themselves',
      );
      return undefined;
    }
    if (ENVIRONMENT_NAME.test(name)) return this.#lookUpEnvironment(node, name, path);
    const targetPath = name.split('.');
    const target = nodeAt(this.#root, targetPath);
    if (target?.type === 'scalar') {
      const problemsBefore = this.problems.length;
      const resolved = this.#expand(target, targetPath);
      return this.problems.length > problemsBefore ? undefined : resolved;
    }
    if (target !== undefined) {
      this.#complain(
        node,
        path,
        `refers to ${name}, which is a section or list; only single values can be named`,
      );
      return undefined;
    }
    const names = [...leavesOf(this.#root)].map((leaf) => formatPath(leaf.path));
    const expected = `refers to ${formatValue(name)}, which is neither a setting nor a name starting with WHISKER_`;
    this.#complain(node, path, expected, nearest(name, names));
    return undefined;
  }

  #lookUpEnvironment(node: ScalarNode, name: string, path: Path): ScalarNode | undefined {
    const text = this.#environment[name];
    if (text === undefined) {
      this.#complain(node, path, `needs ${name} in the environment, where it is not set`);
      return undefined;
    }
    return { ...node, value: scalarOf(text), unexpanded: `\${${name}}` };
  }

  #complain(node: ScalarNode, path: Path, expected: string, suggestion?: string): ScalarNode {
    const problem: Problem = { code: 'reference', origin: node.origin, path, expected };
    this.problems.push(suggestion === undefined ? problem : { ...problem, suggestion });
    return node;
  }
}

/** The value that YAML takes a plain word for: `4` is a number, `true` a boolean, anything longer is text. */
function scalarOf(text: string): Scalar {
  if (!/^(true|false|null|[-+]?[\d.][\d.eE+-]*)$/.test(text)) return text;
  const value: unknown = parseDocument(text, { version: '1.2' }).toJS();
  return typeof value === 'object' ? (value === null ? null : text) : (value as Scalar);
}
