// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in settings are written so
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadKind, SETTINGS_KINDS, SETTINGS_SCHEMAS, type SettingsKind } from '../../src/config/kinds.js';
import { inYaml, listSettings } from '../../src/config/list-settings.js';
import { isProblem, parseOverride } from '../../src/config/overrides.js';
import { SettingsError } from '../../src/config/problem.js';
import { starterSettings } from '../../src/config/starter-settings.js';
import { plainOf } from '../../src/config/tree.js';
import { type Random, seededRandom } from '../../src/random.js';

// Thousands of settings files each: seconds on a quiet machine, minutes on a busy one.
vi.setConfig({ testTimeout: 300_000 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-mutations-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The text without the comments behind settings: half the work. */
function withoutDescriptions(text: string): string {
  return text.replace(/ {2}# .*$/gm, '');
}

const STARTERS = new Map(SETTINGS_KINDS.map((kind) => [kind, withoutDescriptions(starterSettings(kind))]));
const PATHS = new Map(
  SETTINGS_KINDS.map((kind) => [kind, listSettings(SETTINGS_SCHEMAS[kind]).map((row) => row.path)]),
);

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.integer(items.length)];
}

const NASTY = [
  ...[
    'null',
    '~',
    '-1',
    '0',
    '1e400',
    '-.inf',
    '.nan',
    '0x10',
    '0o7',
    '1_000',
    '9007199254740993',
    'true',
    'no',
  ],
  ...[
    '""',
    "''",
    '"',
    "'",
    '[]',
    '{}',
    '[',
    '{',
    ']',
    '}',
    '[[[]]]',
    '{a: {b: {c: 1}}}',
    '*a',
    '&a x',
    '!!js x',
  ],
  ...[
    '|',
    '>',
    '# x',
    'a: b',
    '- a',
    '---',
    '...',
    '%',
    '@',
    '`',
    '${seed}',
    '${',
    '${a.b}',
    '${WHISKER_X}',
    '$${x}',
  ],
  ...[
    '__proto__',
    'constructor',
    '{__proto__: {x: 1}}',
    '\u0000',
    '\u001b[2J',
    '\ud800',
    'ä',
    '💥',
    '\t',
    ' ',
    '\r\n',
  ],
];

/** A text with a few random changes: lines and characters dropped, doubled, exchanged, values replaced. */
function mutate(random: Random, text: string): string {
  let lines = text.split('\n');
  for (let count = 1 + random.integer(3); count > 0; count--) {
    const at = random.integer(lines.length);
    const line = lines[at];
    const column = random.integer(line.length + 1);
    switch (random.integer(8)) {
      case 0:
        lines = lines.toSpliced(at, 1);
        if (lines.length === 0) lines = [''];
        break;
      case 1:
        lines = lines.toSpliced(at, 0, pick(random, lines));
        break;
      case 2:
        lines[at] = line.slice(0, column) + line.slice(column + 1);
        break;
      case 3:
        lines[at] = line.slice(0, column) + pick(random, NASTY) + line.slice(column);
        break;
      case 4:
        lines[at] = line.replace(/: .*$/, `: ${pick(random, NASTY)}`);
        break;
      case 5:
        lines[at] = `${' '.repeat(random.integer(6))}${line.trim()}`;
        break;
      case 6:
        lines[at] = line.replace(/\w+:/, `${pick(random, NASTY)}:`);
        break;
      default:
        lines[at] = line.replace(/# /, '');
    }
  }
  return lines.join('\n');
}

/** Loads it: true for settings, false for problems; whatever else happens fails the test. */
function loads(kind: SettingsKind, text: string, overrides: readonly string[]): boolean {
  const file = path.join(folder, 'mutated.yaml');
  writeFileSync(file, text);
  try {
    const { settings, unexpanded } = loadKind(kind, { file, overrides, environment: { WHISKER_X: '7' } });
    expect(Object.isFrozen(settings)).toBe(true);
    expect(Object.keys(unexpanded as object)).toEqual(Object.keys(settings));
    return true;
  } catch (error) {
    if (!(error instanceof SettingsError))
      throw new Error(`not a SettingsError for\n${text}\n${overrides}`, { cause: error });
    expect(error.problems.length).toBeGreaterThan(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not reach a terminal
    expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    return false;
  }
}

test('4,000 mutated files: settings, or problems in words', () => {
  const random = seededRandom(1, 'mutated files');
  let accepted = 0;
  for (let count = 0; count < 4000; count++) {
    const kind = SETTINGS_KINDS[count % SETTINGS_KINDS.length];
    if (loads(kind, mutate(random, STARTERS.get(kind) as string), [])) accepted++;
  }
  // The mutations are neither all harmless nor all fatal.
  expect(accepted).toBeGreaterThan(200);
  expect(accepted).toBeLessThan(3800);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test('1,000 random overrides: settings, or problems in words', () => {
  const random = seededRandom(1, 'overrides');
  for (let count = 0; count < 1000; count++) {
    const kind = SETTINGS_KINDS[count % SETTINGS_KINDS.length];
    const paths = PATHS.get(kind) as string[];
    const overrides = Array.from({ length: 1 + random.integer(3) }, () => {
      const value = random.uniform() < 0.5 ? pick(random, NASTY) : String(random.integer(5));
      return `${pick(random, paths).replaceAll('.N', `.${random.integer(3)}`)}=${value}`;
    });
    loads(kind, STARTERS.get(kind) as string, overrides);
  }
});

/** A random plain value: scalars of every kind, lists and maps. */
function randomValue(random: Random, depth: number): unknown {
  const kind = random.integer(depth > 0 ? 7 : 5);
  if (kind === 0) return null;
  if (kind === 1) return random.uniform() < 0.5;
  if (kind === 2) return random.integer(1000) - 500;
  if (kind === 3) return (random.uniform() - 0.5) * 10 ** (random.integer(40) - 20);
  if (kind === 4) return randomText(random);
  const children = Array.from({ length: random.integer(4) }, () => randomValue(random, depth - 1));
  if (kind === 5) return children;
  return Object.fromEntries(children.map((child, index) => [`key${index}`, child]));
}

function randomText(random: Random): string {
  const letters = [...'ab01 .,:;=#&*!|>\'"%@`{}[]-?\\/$~<_\t\n', 'ä', '💥', 'null', 'true', '1e5', '0x1'];
  return Array.from({ length: random.integer(8) }, () => pick(random, letters)).join('');
}

test('5,000 random values survive key=value', () => {
  const random = seededRandom(1, 'values');
  for (let count = 0; count < 5000; count++) {
    const value = randomValue(random, 3);
    const text = `a.b=${inYaml(value)}`;
    const override = parseOverride(text);
    if (isProblem(override)) throw new Error(`${JSON.stringify(text)}: ${override.expected}`);
    expect(plainOf(override.node), text).toEqual(value);
  }
});

test('5,000 random texts as overrides: an override, or a problem in words', () => {
  const random = seededRandom(1, 'texts');
  for (let count = 0; count < 5000; count++) {
    const text = `${randomText(random)}=${randomText(random)}${pick(random, NASTY)}`;
    expect(() => parseOverride(text), JSON.stringify(text)).not.toThrow();
  }
});
