import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { checkTree } from './check.js';
import { fillDefaults } from './fill-defaults.js';
import { type DeepReadonly, freezeDeep } from './freeze.js';
import { mergeNodes } from './merge.js';
import { applyOverride, isProblem, type Override, parseOverride } from './overrides.js';
import { formatValue, type Problem, SettingsError } from './problem.js';
import { readYaml } from './read-yaml.js';
import { type Environment, resolveReferences } from './references.js';
import {
  formatPath,
  leavesOf,
  type MapNode,
  nodeAt,
  type Origin,
  plainOf,
  type SettingNode,
} from './tree.js';

/** What settings are loaded from. */
export interface SettingsSource {
  /** The settings file; null takes the defaults and the overrides only. */
  readonly file: string | null;
  /** `key=value` texts in the order they were given; later ones win. */
  readonly overrides: readonly string[];
  /** Files below `file`, as if it named them first in its `extends`. */
  readonly extends?: readonly string[];
  /** Where `${WHISKER_NAME}` is looked up, usually `process.env`. */
  readonly environment: Environment;
}

/** Settings that passed every check, with where they come from. */
export interface LoadedSettings<Settings> {
  /** Checked, complete, deeply frozen plain data. */
  readonly settings: DeepReadonly<Settings>;
  /** The same with `${WHISKER_NAME}` unexpanded: the only form that is written to disk. */
  readonly unexpanded: unknown;
  /** Where each value comes from, by dotted path, in the schema's order. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The files that were read, lowest first, with their text as it was. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly overrides: readonly string[];
}

/**
 * Reads, merges, fills, overrides, resolves and checks settings, in this order:
 * files of `extends` (each below the file that names it), the file, the schema's defaults below all, overrides on top,
 * then `${...}`, then the schema.
 * @throws SettingsError with every problem at once
 */
export function loadSettings<Schema extends z.ZodType>(
  schema: Schema,
  source: SettingsSource,
): LoadedSettings<z.output<Schema>> {
  const reader = new FileReader(schema);
  const written = readFiles(reader, source);
  const problems = [...reader.problems];
  const unreadable = problems.filter(
    (problem) => problem.code !== 'duplicate' && problem.code !== 'forbidden',
  );
  if (unreadable.length > 0) throw new SettingsError(problems);

  let root = fillDefaults(schema, written) ?? written;
  for (const text of source.overrides) {
    const override = parseOverride(text);
    const changed = isProblem(override) ? override : applyOverride(schema, root, override);
    if (isProblem(changed)) problems.push(changed);
    else root = changed;
  }
  // An override may have made another choice, with defaults of its own.
  if (source.overrides.length > 0) root = fillDefaults(schema, root) ?? root;
  const references = resolveReferences(root, source.environment);
  problems.push(...references.problems);
  const checked = checkTree(schema, references.root);
  if ('problems' in checked) {
    const known = new Set(problems.map((problem) => formatPath(problem.path)));
    problems.push(...checked.problems.filter((problem) => !known.has(formatPath(problem.path))));
  }
  if (problems.length > 0 || !('settings' in checked)) throw new SettingsError(problems);
  return {
    settings: freezeDeep(checked.settings),
    unexpanded: freezeDeep(plainOf(references.root, 'unexpanded')),
    origins: new Map([...leavesOf(references.root)].map((leaf) => [formatPath(leaf.path), leaf.node.origin])),
    files: reader.files,
    overrides: [...source.overrides],
  };
}

/**
 * The merged value of a top-level key, read without a schema: how a command that takes any kind of settings finds
 * out which one it has. The value is undefined where it isn't said.
 * @throws SettingsError when the files can't be read
 */
export function peekSetting(
  source: SettingsSource,
  key: string,
): { readonly value: unknown; readonly origin: Origin } {
  const reader = new FileReader(undefined);
  const root = readFiles(reader, source);
  if (reader.problems.length > 0) throw new SettingsError(reader.problems);
  const said = source.overrides
    .map(parseOverride)
    .filter((override): override is Override => !isProblem(override))
    .findLast((override) => formatPath(override.path) === key);
  const node = said?.node ?? nodeAt(root, [key]);
  return { value: node === undefined ? undefined : plainOf(node), origin: node?.origin ?? root.origin };
}

function readFiles(reader: FileReader, source: SettingsSource): SettingNode {
  const top: Origin = { from: 'override', text: '' };
  let root: SettingNode | undefined;
  for (const file of source.extends ?? []) root = reader.merge(root, reader.read(file, top, []));
  if (source.file !== null) root = reader.merge(root, reader.read(source.file, top, []));
  return root ?? { type: 'map', origin: { from: 'default' }, entries: new Map() };
}

/** Reads files with those that they extend. */
class FileReader {
  readonly problems: Problem[] = [];
  readonly files: { path: string; text: string }[] = [];
  readonly #schema: z.core.$ZodType | undefined;

  constructor(schema: z.core.$ZodType | undefined) {
    this.#schema = schema;
  }

  /** Lays what a file says on what the files below it say. */
  merge(below: SettingNode | undefined, over: SettingNode | undefined): SettingNode | undefined {
    return over === undefined ? below : mergeNodes(this.#schema, below, over);
  }

  /** @param chain the files on the way here, to notice circles */
  read(file: string, origin: Origin, chain: readonly string[]): SettingNode | undefined {
    const identity = path.resolve(file);
    if (chain.includes(identity)) {
      const circle = [...chain.slice(chain.indexOf(identity)), identity].map((name) => path.basename(name));
      return this.#complain(origin, ['extends'], `goes in a circle: ${circle.join(' -> ')}`);
    }
    const text = this.#readText(file, origin, chain.length === 0 ? [] : ['extends']);
    if (text === undefined) return undefined;
    const { root, problems } = readYaml(text, (line, column) => ({ from: 'file', file, line, column }));
    this.problems.push(...problems);
    const start: Origin = { from: 'file', file, line: 1, column: 1 };
    if (root === undefined) return { type: 'map', origin: start, entries: new Map() };
    if (root.type !== 'map') return this.#complain(start, [], 'must be a list of "key: value" lines');
    const merged = this.#readExtended(root, file, [...chain, identity]);
    this.files.push({ path: file, text });
    const entries = new Map(root.entries);
    entries.delete('extends');
    return this.merge(merged, { ...root, origin: start, entries });
  }

  #readExtended(root: MapNode, file: string, chain: readonly string[]): SettingNode | undefined {
    const node = root.entries.get('extends')?.node;
    if (node === undefined) return undefined;
    let merged: SettingNode | undefined;
    for (const item of node.type === 'list' ? node.items : [node]) {
      if (item.type !== 'scalar' || typeof item.value !== 'string' || item.value === '') {
        this.#complain(item.origin, ['extends'], 'must be the path of a file, or a list of such paths');
        continue;
      }
      const extended = path.isAbsolute(item.value) ? item.value : path.join(path.dirname(file), item.value);
      merged = this.merge(merged, this.read(extended, item.origin, chain));
    }
    return merged;
  }

  #readText(file: string, origin: Origin, keyPath: readonly string[]): string | undefined {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const reason =
        code === 'ENOENT'
          ? 'does not exist'
          : code === 'EISDIR'
            ? 'is a folder, not a file'
            : code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
              ? 'is not UTF-8 text'
              : `can't be read (${code ?? String(error)})`;
      const place: Origin = keyPath.length > 0 ? origin : { from: 'file', file, line: 1, column: 1 };
      this.#complain(
        place,
        keyPath,
        keyPath.length > 0 ? `${formatValue(file)} ${reason}` : `the file ${reason}`,
      );
      return undefined;
    }
  }

  #complain(origin: Origin, keyPath: readonly string[], expected: string): undefined {
    this.problems.push({ code: 'extends', origin, path: keyPath, expected });
    return undefined;
  }
}
