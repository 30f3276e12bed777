#!/usr/bin/env node
/**
 * Breaks one line at a time and counts how many breaks a test notices.
 *   node scripts/mutate.mjs [--count 40] [--seed 1] [--skip 0] [--rooms model,training,checkpoint,evaluation] [--minutes 4]
 * Works on a copy of the committed tree in the system's temporary folder (node_modules is linked); nothing here is touched.
 * Each break runs the tests that import the broken file, and stops at the first that fails. Prints every survivor with its
 * line; ends with 1 where there is one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

function isNoticed(copy, { file }) {
  const { status, error } = spawnSync(
    process.execPath,
    [
      join(PROJECT, 'node_modules/vitest/vitest.mjs'),
      ...['related', '--run', '--bail', '1', '--config', 'test/vitest.config.ts', '--reporter', 'dot', file],
    ],
    { cwd: copy, encoding: 'utf8', timeout: Number(values.minutes) * 60_000, killSignal: 'SIGKILL' },
  );
  return status !== 0 || error !== undefined;
}

const copy = mkdtempSync(join(tmpdir(), 'whisker-mutate-'));
try {
  execFileSync('sh', ['-c', `git archive HEAD | tar -x -C '${copy}'`], { cwd: PROJECT });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  const breaks = drawBreaks(Number(values.skip), Number(values.count));
  const survivors = [];
  for (const [number, found] of breaks.entries()) {
    const path = join(copy, found.file);
    const whole = readFileSync(path, 'utf8');
    const lines = whole.split('\n');
    lines[found.index] = found.broken;
    writeFileSync(path, lines.join('\n'));
    const noticed = isNoticed(copy, found);
    writeFileSync(path, whole);
    const where = `${found.file}:${found.index + 1}`;
    console.error(`${number + 1}/${breaks.length} ${noticed ? 'noticed ' : 'SURVIVED'} ${where}`);
    if (!noticed) survivors.push(`${where}\n  - ${found.text.trim()}\n  + ${found.broken.trim()}`);
  }
  console.log(
    `${breaks.length - survivors.length} of ${breaks.length} breaks were noticed (seed ${values.seed})`,
  );
  for (const survivor of survivors) console.log(survivor);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
