// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in settings are written so
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { loadSettings, peekSetting } from '../../src/config/load-settings.js';
import { SettingsError } from '../../src/config/problem.js';

const schema = z.strictObject({
  kind: z.literal('toy'),
  name: z.string().min(1),
  seed: z.int().min(0).default(0),
  window: z
    .strictObject({ frames: z.int().min(2).default(64), strideFrames: z.int().min(1).default(8) })
    .prefault({}),
  encoder: z
    .discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('transformer'),
        width: z.int().default(128),
        heads: z.int().default(4),
      }),
      z.strictObject({
        type: z.literal('temporalConv'),
        width: z.int().default(128),
        taps: z.int().default(5),
      }),
    ])
    .prefault({ type: 'transformer' }),
  duration: z
    .strictObject({
      steps: z.int().optional(),
      epochs: z.number().optional(),
      minutes: z.number().optional(),
    })
    .refine((value) => Object.keys(value).length === 1, 'must have exactly one of steps, epochs, minutes')
    .prefault({ steps: 100 }),
  objectives: z
    .array(z.strictObject({ kind: z.enum(['masked', 'contrastive']), weight: z.number().gt(0).default(1) }))
    .prefault([{ kind: 'masked' }]),
  rate: z.number().gt(0).lt(1).default(0.1),
  probe: z
    .strictObject({ everySteps: z.int().default(50) })
    .nullable()
    .default(null),
  token: z.string().default(''),
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

function load(text: string, overrides: string[] = [], environment: Record<string, string> = {}) {
  return loadSettings(schema, { file: write('run.yaml', text), overrides, environment });
}

function problemsOf(text: string, overrides: string[] = [], environment: Record<string, string> = {}) {
  try {
    load(text, overrides, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error('expected problems');
}

function tell(text: string, overrides: string[] = [], environment: Record<string, string> = {}): string {
  try {
    load(text, overrides, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
  throw new Error('expected problems');
}

const MINIMAL = 'kind: toy\nname: a\n';

test('defaults come from the schema only, and the result is frozen at every depth', () => {
  const { settings, origins } = load(MINIMAL);
  expect(settings).toEqual({
    kind: 'toy',
    name: 'a',
    seed: 0,
    window: { frames: 64, strideFrames: 8 },
    encoder: { type: 'transformer', width: 128, heads: 4 },
    duration: { steps: 100 },
    objectives: [{ kind: 'masked', weight: 1 }],
    rate: 0.1,
    probe: null,
    token: '',
  });
  expect(Object.isFrozen(settings)).toBe(true);
  expect(Object.isFrozen(settings.objectives[0])).toBe(true);
  expect(origins.get('name')).toMatchObject({ from: 'file', line: 2, column: 7 });
  expect(origins.get('objectives.0.weight')).toEqual({ from: 'default' });
});

test('every problem is told at once, in the order of the file, with place, key, expected and got', () => {
  const text = `kind: toy
name: a
window:
  frames: 1
  strideframes: 4
rate: 1.5
encoder: {type: tansformer}
seed: 0.5
objectives: [{weight: 1}, {kind: masked, weight: none}]
`;
  expect(tell(text, ['rate=2', 'probe.everySteps=often'])).toBe(`run.yaml has 6 problems

  4:11  window.frames         must be at least 2, got 1
  5:3   window.strideframes   is not a setting. Did you mean strideFrames?
  7:17  encoder.type          must be one of transformer, temporalConv, got "tansformer". Did you mean transformer?
  8:7   seed                  must be a whole number, got 0.5
  9:14  objectives.0.kind     is missing: one of masked, contrastive
  9:50  objectives.1.weight   must be a number, got "none"

The command line has 2 problems

  rate=2                  rate               must be below 1, got 2
  probe.everySteps=often  probe.everySteps   must be a whole number, got "often"`);
});

test('a missing setting is told at the section that lacks it', () => {
  expect(tell('kind: toy\n')).toBe('run.yaml has 1 problem\n\n  1:1  name   is missing: text');
  expect(tell('')).toContain('kind   is missing: toy');
});

test('syntax errors are told with their place and nothing else', () => {
  const problems = problemsOf('kind: toy\nname: [a\nseed: x\n');
  expect(problems.map((problem) => problem.code)).toEqual(problems.map(() => 'syntax'));
  expect(problems[0].origin).toMatchObject({ line: 3 });
});

test('a key given twice is told with both places', () => {
  expect(
    tell(`${MINIMAL}seed: 1\nwindow:\n  frames: 8\n  frames: 9\nseed: 2\n`),
  ).toBe(`run.yaml has 2 problems

  6:3  window.frames   is given twice (first at 5:3)
  7:1  seed            is given twice (first at 3:1)`);
});

test.each(['__proto__', 'constructor', 'prototype'])('%s is refused as a key everywhere', (key) => {
  expect(problemsOf(`${MINIMAL}${key}: {polluted: 1}\n`)[0]).toMatchObject({
    code: 'forbidden',
    path: [key],
  });
  expect(problemsOf(MINIMAL, [`window.${key}.polluted=1`])[0]).toMatchObject({ code: 'forbidden' });
  expect(problemsOf(MINIMAL, [`window={${key}: 1}`])[0]).toMatchObject({ code: 'forbidden' });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('alias bombs, endless aliases and deep nests are refused quickly', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level++)
    bomb.push(`a${level}: &a${level} [${Array(10).fill(`*a${level - 1}`)}]`);
  expect(problemsOf(bomb.join('\n'))[0]).toMatchObject({ code: 'size' });
  expect(problemsOf('kind: &k [*k]\nname: a\n')[0]).toMatchObject({ code: 'syntax' });
  expect(problemsOf(`name: ${'['.repeat(60)}${']'.repeat(60)}`)[0]).toMatchObject({ code: 'size' });
  expect(problemsOf(`name: ${'['.repeat(100_000)}`).length).toBeGreaterThan(0);
});

test('YAML 1.2: no and on are text, 1e-3 is a number, unknown tags fail', () => {
  expect(load('kind: toy\nname: no\nrate: 1e-3\n').settings).toMatchObject({ name: 'no', rate: 0.001 });
  expect(problemsOf('kind: toy\nname: !!js/function "x"\n')[0]).toMatchObject({ code: 'syntax' });
});

test('a partly written section keeps the kind of the default; another kind replaces it', () => {
  expect(load(`${MINIMAL}encoder: {heads: 8}\n`).settings.encoder).toEqual({
    type: 'transformer',
    width: 128,
    heads: 8,
  });
  expect(load(`${MINIMAL}encoder: {type: temporalConv}\n`).settings.encoder).toEqual({
    type: 'temporalConv',
    width: 128,
    taps: 5,
  });
});

test('an override of kind drops defaults of the old kind but never what a person wrote', () => {
  expect(load(MINIMAL, ['encoder.type=temporalConv', 'encoder.taps=3']).settings.encoder).toEqual({
    type: 'temporalConv',
    width: 128,
    taps: 3,
  });
  expect(tell(`${MINIMAL}encoder: {type: transformer, heads: 8}\n`, ['encoder.type=temporalConv'])).toBe(
    'run.yaml has 1 problem\n\n  3:30  encoder.heads   is not a setting',
  );
});

test('a duration has exactly one unit: a later one replaces an earlier one, two at once fail', () => {
  const text = `${MINIMAL}duration: {steps: 10}\n`;
  expect(load(text, ['duration.minutes=5']).settings.duration).toEqual({ minutes: 5 });
  expect(load(MINIMAL, ['duration.epochs=2']).settings.duration).toEqual({ epochs: 2 });
  expect(tell(`${MINIMAL}duration: {steps: 10, minutes: 3}\n`)).toContain('exactly one of');
});

test('extends: bases in order, relative to the file, sections merged, lists replaced', () => {
  write(
    'base.yaml',
    'name: base\nseed: 7\nwindow: {frames: 32}\nobjectives: [{kind: masked}, {kind: contrastive}]\n',
  );
  write('other.yaml', 'seed: 8\nencoder: {type: transformer, heads: 2}\nduration: {steps: 5}\n');
  const { settings, origins, files } = load(
    'extends: [base.yaml, other.yaml]\nkind: toy\nwindow: {strideFrames: 4}\nencoder: {type: temporalConv}\nobjectives: [{kind: contrastive}]\nduration: {minutes: 1}\n',
  );
  expect(settings).toMatchObject({
    name: 'base',
    seed: 8,
    window: { frames: 32, strideFrames: 4 },
    encoder: { type: 'temporalConv', width: 128, taps: 5 },
    objectives: [{ kind: 'contrastive', weight: 1 }],
    duration: { minutes: 1 },
  });
  expect(origins.get('window.frames')).toMatchObject({ file: path.join(folder, 'base.yaml'), line: 3 });
  expect(files.map((file) => path.basename(file.path))).toEqual(['base.yaml', 'other.yaml', 'run.yaml']);
});

test('extends: circles, absent files and problems inside a base are told', () => {
  write('b.yaml', 'extends: run.yaml\n');
  expect(tell('extends: b.yaml\n')).toContain('goes in a circle: run.yaml -> b.yaml -> run.yaml');
  expect(tell('extends: gone.yaml\n')).toContain('1:10  extends');
  expect(tell('extends: 3\n')).toContain('must be the path of a file');
  write('base.yaml', '\nrate: 7\n');
  expect(tell(`extends: base.yaml\n${MINIMAL}sead: 1\n`)).toBe(
    'base.yaml has 1 problem\n\n  2:7  rate   must be below 1, got 7\n\nrun.yaml has 1 problem\n\n  4:1  sead   is not a setting. Did you mean seed?',
  );
});

test('a file that is absent, a folder or not text is told', () => {
  const at = (file: string) => () => loadSettings(schema, { file, overrides: [], environment: {} });
  expect(at(path.join(folder, 'gone.yaml'))).toThrow('the file does not exist');
  expect(at(folder)).toThrow('is a folder');
  const binary = path.join(folder, 'binary.yaml');
  writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00, 0x80]));
  expect(at(binary)).toThrow('is not UTF-8 text');
});

test('references name other settings with their type, defaults and overrides included', () => {
  const text = `${MINIMAL}window: {frames: 20, strideFrames: "\${window.frames}"}\nseed: \${window.strideFrames}\ntoken: run-\${name}-\${rate}\n`;
  const { settings, unexpanded } = load(text, ['window.frames=40']);
  expect(settings).toMatchObject({ seed: 40, window: { strideFrames: 40 }, token: 'run-a-0.1' });
  expect(unexpanded).toMatchObject({ token: 'run-a-0.1' });
});

test('references: circles, sections, unknown and other environment names are told', () => {
  expect(tell(`${MINIMAL}seed: \${rate}\nrate: \${seed}\n`)).toContain(
    'refers to itself: seed -> rate -> seed',
  );
  expect(tell(`${MINIMAL}seed: \${window}\n`)).toContain('is a section or list');
  expect(tell(`${MINIMAL}seed: \${window.frame}\n`)).toContain('Did you mean window.frames?');
  expect(tell(`${MINIMAL}token: \${HOME}\n`, [], { HOME: '/root' })).toContain(
    'neither a setting nor a name starting with WHISKER_',
  );
  expect(tell(`${MINIMAL}token: \${WHISKER_GONE}\n`)).toContain('needs WHISKER_GONE in the environment');
  expect(tell(`${MINIMAL}token: "\${name"\n`)).toContain('without its }');
});

test('what comes from the environment is used but never kept or shown', () => {
  const environment = { WHISKER_TOKEN: 'secret-9', WHISKER_SEED: '41' };
  const text = `${MINIMAL}token: "Bearer \${WHISKER_TOKEN}"\nseed: \${WHISKER_SEED}\n`;
  const { settings, unexpanded } = load(text, [], environment);
  expect(settings).toMatchObject({ token: 'Bearer secret-9', seed: 41 });
  expect(JSON.stringify(unexpanded)).not.toContain('secret');
  expect(unexpanded).toMatchObject({ token: 'Bearer ${WHISKER_TOKEN}', seed: '${WHISKER_SEED}' });
  const copied = load(`kind: toy\nname: "\${token}"\ntoken: "\${WHISKER_TOKEN}"\n`, [], environment);
  expect(JSON.stringify(copied.unexpanded)).not.toContain('secret');
  expect(tell(`${MINIMAL}rate: \${WHISKER_TOKEN}\n`, [], environment)).not.toContain('secret');
});

test('a doubled dollar keeps the characters', () => {
  expect(load(`${MINIMAL}token: "a $\${b}"\n`).settings.token).toBe('a ${b}');
});

test('references that double a text again and again are stopped', () => {
  const wide = z.strictObject(
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`t${index}`, z.string()])),
  );
  const text = ['t0: xxxxxxxxxx'];
  for (let level = 1; level < 40; level++) text.push(`t${level}: "\${t${level - 1}}\${t${level - 1}}"`);
  const file = write('double.yaml', text.join('\n'));
  expect(() => loadSettings(wide, { file, overrides: [], environment: {} })).toThrow('longer than 10,000');
});

test('peekSetting reads one key without a schema', () => {
  const file = write('run.yaml', MINIMAL);
  expect(peekSetting({ file, overrides: [], environment: {} }, 'kind').value).toBe('toy');
  expect(peekSetting({ file, overrides: ['kind=other'], environment: {} }, 'kind').value).toBe('other');
  expect(peekSetting({ file: null, overrides: [], environment: {} }, 'kind').value).toBeUndefined();
});
