#!/usr/bin/env node
/**
 * Breaks one line at a time and counts how many breaks a test notices.
 *   node scripts/mutate.mjs [--count 40] [--seed 1] [--skip 0] [--rooms model,training,checkpoint,evaluation] [--minutes 4] [--waves 5]
 * Works on a copy of the committed tree in the system's temporary folder (node_modules is linked); nothing here is touched.
 * Each break runs the tests that reach the broken file by imports, nearest first, up to the first that fails. Tests of the
 * built command are no part of it; fewer waves leave out those that are further away. Prints every survivor with its line; ends with 1 where there is one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import seedrandom from 'seedrandom';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** A break keeps the types: [what is looked for, what stands there then]. */
const BREAKS = [
  [/ \+ (?!=)/, ' - '],
  [/ - (?!=)/, ' + '],
  [/ \* (?!\*)/, ' / '],
  [/ \/ /, ' * '],
  [/ < /, ' <= '],
  [/ <= /, ' < '],
  [/ > /, ' >= '],
  [/ >= /, ' > '],
  [/ === /, ' !== '],
  [/ !== /, ' === '],
  [/ && /, ' || '],
  [/ \|\| /, ' && '],
  [/\+= /, '-= '],
  [/-= /, '+= '],
  [/Math\.max\(/, 'Math.min('],
  [/Math\.min\(/, 'Math.max('],
  [/tf\.add\(/, 'tf.sub('],
  [/tf\.sub\(/, 'tf.add('],
  [/tf\.mul\(/, 'tf.div('],
  [/tf\.div\(/, 'tf.mul('],
  [/\btrue\b/, 'false'],
  [/\bfalse\b/, 'true'],
  [/\?\? 0\b/, '?? 1'],
  [/= 0;/, '= 1;'],
  [/return -1/, 'return 1'],
  [/\.slice\(0, /, '.slice(1, '],
  [/\+ 1\b/, '+ 2'],
];
const NOT_CODE = /^\s*(\/\/|\/?\*|import |export type |type |interface |readonly |\|)/;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    skip: { type: 'string', default: '0' },
    rooms: { type: 'string', default: 'model,training,checkpoint,evaluation' },
    minutes: { type: 'string', default: '4' },
    waves: { type: 'string', default: '5' },
  },
});

/** Every line that can be broken, with each way to break it. */
function listBreaks() {
  const files = execFileSync('git', ['ls-files', ...values.rooms.split(',').map((room) => `src/${room}`)], {
    cwd: PROJECT,
    encoding: 'utf8',
  });
  return files
    .split('\n')
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(join(PROJECT, file), 'utf8')
        .split('\n')
        .flatMap((text, index) =>
          NOT_CODE.test(text)
            ? []
            : BREAKS.filter(([pattern]) => pattern.test(stripText(text))).map(([pattern, other]) => ({
                file,
                index,
                text,
                broken: text.replace(pattern, other),
              })),
        ),
    );
}

/** Quoted text and trailing comments are no code. */
function stripText(line) {
  return line.replace(/'[^']*'|`[^`]*`/g, "''").replace(/\/\/.*$/, '');
}

/** One break a line, in a seeded order; without the first `skip`, so that a long run can be made in parts. */
function drawBreaks(skip, count) {
  const random = seedrandom(values.seed);
  const lines = new Map();
  for (const found of listBreaks()) {
    const key = `${found.file}:${found.index}`;
    lines.set(key, [...(lines.get(key) ?? []), found]);
  }
  return [...lines.values()]
    .map((choices) => ({ order: random(), found: choices[Math.floor(random() * choices.length)] }))
    .sort((a, b) => a.order - b.order)
    .slice(skip, skip + count)
    .map(({ found }) => found);
}

/** The files of the copy that one imports, types left out. */
function importsOf(file) {
  const text = readFileSync(join(copy, file), 'utf8').replace(/^(import|export) type [^;]*;/gm, '');
  return [...text.matchAll(/(?:from|import|import\()\s*'(\.[^']+)'/g)]
    .map(([, name]) => posix.join(posix.dirname(file), name))
    .flatMap((name) => [name, name.replace(/\.js$/, '.ts'), name.replace(/\.js$/, '.tsx')])
    .filter((name) => /\.tsx?$/.test(name) && existsSync(join(copy, name)));
}

/** How many imports lie between each test and the source files that it reaches: test -> (file -> steps). */
function measureReach() {
  const imports = new Map();
  const lookUp = (file) => {
    if (!imports.has(file)) imports.set(file, importsOf(file));
    return imports.get(file);
  };
  const tests = execFileSync('git', ['ls-files', 'test'], { cwd: PROJECT, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.test\.tsx?$/.test(file) && !file.startsWith('test/long/'));
  return new Map(
    tests.map((test) => {
      const steps = new Map([[test, 0]]);
      for (const [file, step] of steps)
        for (const next of lookUp(file)) if (!steps.has(next)) steps.set(next, step + 1);
      return [test, steps];
    }),
  );
}

/** Tests that reach a file, nearest first: the one of its name, those of its folder, of its room, that import it, the rest. */
function wavesFor(file) {
  const waves = [[], [], [], [], []];
  const mirrored = file.replace(/^src/, 'test').replace(/\.ts$/, '');
  const near = [`${mirrored}.test.ts`, `${dirname(mirrored)}/`, `${mirrored.split('/', 2).join('/')}/`];
  for (const [test, steps] of reach) {
    if (!steps.has(file)) continue;
    const wave = near.findIndex((start) => test.startsWith(start));
    waves[wave >= 0 ? wave : steps.get(file) === 1 ? 3 : 4].push(test);
  }
  return waves.slice(0, Number(values.waves));
}

/** Runs tests up to the first that fails: the files that failed, or null where they hung. */
function failuresOf(tests) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const { error } = spawnSync(
    process.execPath,
    [
      join(PROJECT, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--bail', '1', '--config', 'test/vitest.config.ts'],
      ...['--reporter', 'json', '--outputFile', report, ...tests],
    ],
    { cwd: copy, timeout: Number(values.minutes) * 60_000, killSignal: 'SIGKILL', stdio: 'ignore' },
  );
  if (error !== undefined) return null;
  return JSON.parse(readFileSync(report, 'utf8'))
    .testResults.filter(({ status }) => status === 'failed')
    .map(({ name }) => relative(copy, name));
}

/** By whom a break is noticed: a test that fails with it and not without it, `a time limit`, or null. */
function whoNotices(found, unbroken) {
  const path = join(copy, found.file);
  const lines = unbroken.split('\n');
  lines[found.index] = found.broken;
  const broken = lines.join('\n');
  for (const wave of wavesFor(found.file)) {
    for (;;) {
      const tests = wave.filter((test) => sound.get(test) !== false);
      if (tests.length === 0) break;
      writeFileSync(path, broken);
      const failures = failuresOf(tests);
      writeFileSync(path, unbroken);
      if (failures === null) return 'a time limit';
      if (failures.length === 0) break;
      for (const test of failures) if (!sound.has(test)) sound.set(test, failuresOf([test])?.length === 0);
      const noticing = failures.find((test) => sound.get(test));
      if (noticing !== undefined) return noticing;
    }
  }
  return null;
}

const copy = mkdtempSync(join(tmpdir(), 'whisker-mutate-'));
/** Whether a test that has failed passes with nothing broken: some need more than a copy of the tree. */
const sound = new Map();
let reach;
try {
  execFileSync('sh', ['-c', `git archive HEAD | tar -x -C '${copy}'`], { cwd: PROJECT });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  reach = measureReach();
  const breaks = drawBreaks(Number(values.skip), Number(values.count));
  const survivors = [];
  for (const [number, found] of breaks.entries()) {
    const noticing = whoNotices(found, readFileSync(join(copy, found.file), 'utf8'));
    const where = `${found.file}:${found.index + 1}`;
    const state = noticing === null ? 'SURVIVED' : `noticed by ${noticing}`;
    console.error(`${number + 1}/${breaks.length} ${where} ${state}`);
    if (noticing === null) survivors.push(`${where}\n  - ${found.text.trim()}\n  + ${found.broken.trim()}`);
  }
  console.log(
    `${breaks.length - survivors.length} of ${breaks.length} breaks were noticed (seed ${values.seed})`,
  );
  for (const survivor of survivors) console.log(survivor);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
