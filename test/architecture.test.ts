import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

interface RoomRules {
  /** Rooms whose code it may use. */
  readonly uses: readonly string[];
  /** Rooms of which it may know the types only. */
  readonly knows?: readonly string[];
  /** npm packages; Node's own modules are `node:`. */
  readonly packages: readonly string[];
}

/** The rooms in the order of the data's way: which may import which, and which package belongs to which. */
const ROOMS: Readonly<Record<string, RoomRules>> = {
  errors: { uses: [], packages: [] },
  random: { uses: [], packages: ['seedrandom'] },
  arrays: { uses: [], packages: [] },
  'canonical-json': { uses: [], packages: [] },
  processes: { uses: [], packages: ['node:'] },
  files: { uses: ['errors'], packages: ['node:'] },
  events: { uses: ['errors'], packages: ['node:'] },
  data: { uses: ['arrays', 'errors', 'files', 'processes', 'random'], packages: ['node:', 'yauzl', 'zod'] },
  engine: {
    uses: ['arrays', 'errors', 'processes'],
    packages: [
      'node:',
      'yauzl',
      'node-api-headers',
      '@tensorflow/tfjs',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-node-gpu',
    ],
  },
  model: { uses: ['arrays', 'errors', 'random'], packages: ['@tensorflow/tfjs'] },
  checkpoint: { uses: ['arrays', 'errors', 'files'], packages: ['node:', '@msgpack/msgpack'] },
  training: {
    uses: ['arrays', 'checkpoint', 'engine', 'errors', 'events', 'files', 'model', 'random'],
    packages: ['node:', '@tensorflow/tfjs'],
  },
  evaluation: {
    uses: ['arrays', 'canonical-json', 'data', 'engine', 'errors', 'events', 'files', 'random'],
    packages: ['node:', '@tensorflow/tfjs'],
  },
  bench: {
    uses: ['arrays', 'checkpoint', 'data', 'engine', 'errors', 'evaluation', 'model', 'random', 'training'],
    packages: ['node:', '@tensorflow/tfjs'],
  },
  report: {
    uses: ['errors', 'evaluation', 'events', 'files'],
    knows: ['sweep'],
    packages: ['node:', '@observablehq/plot', 'umap-js'],
  },
  sweep: { uses: ['errors', 'evaluation', 'events', 'processes', 'random'], packages: ['node:'] },
  config: {
    uses: ['canonical-json', 'errors'],
    knows: ['data', 'engine', 'evaluation', 'model', 'sweep', 'training'],
    packages: ['node:', 'yaml', 'zod'],
  },
  pipeline: {
    uses: [
      'arrays',
      'checkpoint',
      'config',
      'data',
      'engine',
      'errors',
      'evaluation',
      'events',
      'files',
      'model',
      'processes',
      'random',
      'report',
      'sweep',
      'training',
    ],
    packages: ['node:', '@tensorflow/tfjs'],
  },
  ui: { uses: ['events'], packages: ['ink', 'react'] },
  commands: {
    uses: [
      'arrays',
      'bench',
      'checkpoint',
      'config',
      'data',
      'engine',
      'errors',
      'evaluation',
      'events',
      'files',
      'pipeline',
      'report',
      'sweep',
      'ui',
    ],
    packages: ['node:', 'yargs'],
  },
  main: { uses: ['commands'], packages: ['node:'] },
  index: { uses: ['commands', 'config', 'data', 'engine', 'errors', 'events', 'pipeline'], packages: [] },
};

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

const STATEMENT = /^(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s+'([^']+)'/gms;
const BARE_OR_DYNAMIC = /^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm;

/** The imports of a source text. */
function importsOf(file: string, text: string): readonly Import[] {
  const statements = [...text.matchAll(STATEMENT)].map(([, type, specifier]) => ({
    file,
    specifier,
    isTypeOnly: type !== undefined,
  }));
  const others = [...text.matchAll(BARE_OR_DYNAMIC)].map(([, bare, dynamic]) => ({
    file,
    specifier: bare ?? dynamic,
    isTypeOnly: false,
  }));
  return [...statements, ...others];
}

/** `src/data/store/x.ts` is in room `data`, `src/random.ts` in room `random`. */
function roomOf(file: string): string {
  return file.split('/')[0].replace(/\.tsx?$/, '');
}

function packageOf(specifier: string): string {
  if (isBuiltin(specifier)) return 'node:';
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** What is wrong with an import, or undefined. */
function complaintAbout({ file, specifier, isTypeOnly }: Import): string | undefined {
  const room = roomOf(file);
  const rules = ROOMS[room];
  if (rules === undefined) return `${file}: the room ${room} is not in the table`;
  if (!specifier.startsWith('.')) {
    const name = packageOf(specifier);
    return rules.packages.includes(name) ? undefined : `${file}: ${room} may not import the package ${name}`;
  }
  const target = roomOf(path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts'));
  if (target === room || rules.uses.includes(target)) return undefined;
  if (isTypeOnly && rules.knows?.includes(target)) return undefined;
  return `${file}: ${room} may not import ${target} (${specifier})`;
}

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => name.split(path.sep).join('/'));
const TEXTS = new Map(FILES.map((file) => [file, readFileSync(path.join(SRC, file), 'utf8')]));

test('every room imports only what the table allows', () => {
  const imports = [...TEXTS].flatMap(([file, text]) => importsOf(file, text));
  expect(imports.length).toBeGreaterThan(FILES.length);
  expect(imports.flatMap((found) => complaintAbout(found) ?? [])).toEqual([]);
});

describe('the test itself', () => {
  const complaints = (file: string, text: string) =>
    importsOf(file, text).flatMap((found) => complaintAbout(found) ?? []);

  test.each([
    ['data/store/x.ts', "import { dense } from '../../model/nn/dense.js';"],
    ['model/nn/x.ts', "import type { Recording } from '../../data/pose.js';"],
    ['evaluation/x.ts', "import {\n  step,\n} from '../training/training-step.js';"],
    ['ui/views/x.tsx', "import { UserError } from '../../errors.js';"],
    ['config/x.ts', "import { openDataset } from '../data/store/open-dataset.js';"],
    ['data/x.ts', "export { stringify } from 'yaml';"],
    ['commands/x.ts', "const ink = await import('ink');"],
    ['random.ts', "import { sizeOf } from './arrays.js';"],
    ['model/x.ts', "import { readFileSync } from 'node:fs';"],
    ['training/x.ts', "import 'react';"],
    ['attic/x.ts', "import { sizeOf } from '../arrays.js';"],
  ])('%s: %s is refused', (file, text) => {
    expect(complaints(file, text)).toHaveLength(1);
  });

  test.each([
    ['config/x.ts', "import type { ImportSettings } from '../data/import-settings.js';"],
    ['data/store/x.ts', "import { openSync } from 'node:fs';\nimport { UserError } from '../../errors.js';"],
    ['data/store/x.ts', "// import { x } from '../../model/x.js';\nconst text = `from 'yaml'`;"],
  ])('%s: %s is allowed', (file, text) => {
    expect(complaints(file, text)).toEqual([]);
  });
});

/** Lines of the source, comments left out, that match a pattern. */
function linesWith(pattern: RegExp, allowed: readonly string[]): readonly string[] {
  return [...TEXTS]
    .filter(([file]) => !allowed.includes(file))
    .flatMap(([file, text]) =>
      text
        .split('\n')
        .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line) && pattern.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
}

test('the exit code is set in main only; a trainer ends its own process', () => {
  const allowed = ['main.ts', 'commands/trainer/run-in-trainer.ts'];
  expect(linesWith(/process\.exit(Code)?\b/, allowed)).toEqual([]);
});

test('randomness is an argument: Math.random is called nowhere', () => {
  expect(linesWith(/Math\.random\(/, [])).toEqual([]);
});

test('rooms speak through results, events and errors, not through the console', () => {
  expect(linesWith(/\bconsole\.\w+\(/, [])).toEqual([]);
});

test('file names are kebab-case, and no folder is for whatever is left over', () => {
  const parts = FILES.flatMap((file) => file.replace(/\.tsx?$/, '').split('/'));
  expect(parts.filter((part) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part))).toEqual([]);
  expect(parts.filter((part) => /^(utils?|helpers?|common|misc|shared)$/.test(part))).toEqual([]);
});

test('every dependency of package.json belongs to a room', () => {
  const manifest = JSON.parse(readFileSync(path.join(SRC, '..', 'package.json'), 'utf8'));
  const owned = new Set(Object.values(ROOMS).flatMap((rules) => rules.packages));
  expect(Object.keys(manifest.dependencies).filter((name) => !owned.has(name))).toEqual([]);
});
