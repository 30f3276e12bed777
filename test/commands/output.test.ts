import { expect, test } from 'vitest';
import { calledAs, sayAsCalled } from '../../src/commands/called-as.js';
import { createOutput, formatColumns } from '../../src/commands/output.js';
import { reportError } from '../../src/commands/report-error.js';
import { quoteForShell } from '../../src/commands/shell-words.js';
import { Interrupted, UserError } from '../../src/errors.js';

function record(options: Partial<{ json: boolean; plain: boolean; quiet: boolean }> = {}) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const streams = { stdout: stream('stdout'), stderr: stream('stderr'), called: 'npx whisker' };
  const output = createOutput({ json: false, plain: false, quiet: false, ...options }, streams);
  return { output, written };
}

function speak({ output, written }: ReturnType<typeof record>) {
  output.message('working');
  output.result({ a: 1 }, 'a is 1');
  output.next('whisker doctor');
  return written;
}

test('results go to stdout, messages and advice to stderr', () => {
  expect(speak(record())).toEqual({ stdout: 'a is 1\n', stderr: 'working\n\nNext:\n  npx whisker doctor\n' });
});

test('--json: the result is one JSON document, and no advice', () => {
  expect(speak(record({ json: true }))).toEqual({
    stdout: '{\n  "a": 1\n}\n',
    stderr: 'working\n',
  });
});

test('--json: events are lines, and the result then is one too; without it they are nobody’s', () => {
  const event = { time: 't', type: 'message', level: 'info', text: 'a\u009bb' } as const;
  for (const json of [true, false]) {
    const { output, written } = record({ json });
    output.event(event);
    output.result({ a: Number.NaN }, 'done');
    expect(written.stdout).toBe(
      json
        ? '{"time":"t","type":"message","level":"info","text":"a\\u009bb"}\n{"type":"result","result":{"a":null}}\n'
        : 'done\n',
    );
  }
});

test('--quiet: results only', () => {
  expect(speak(record({ quiet: true }))).toEqual({ stdout: 'a is 1\n', stderr: '' });
});

test('control characters never get through', () => {
  const { output, written } = record();
  output.message('a\u001b[2J b\u0007\u202e');
  output.result({}, 'c\u001b]0;title\u0007d');
  output.next('whisker \u009b31mx');
  expect(written).toEqual({ stdout: 'cd\n', stderr: 'a b\n\nNext:\n  npx whisker x\n' });
});

test('columns line up', () => {
  expect(
    formatColumns([
      ['a', 'long', 'x'],
      ['bcd', 'y', ''],
    ]),
  ).toBe('a    long  x\nbcd  y');
  expect(formatColumns([])).toBe('');
});

test.each([
  ['usage', 2],
  ['settings', 2],
  ['data', 3],
  ['device', 4],
  ['sweep', 5],
  ['failure', 1],
] as const)('a UserError of kind %s ends with %i, without a stack, with its hint', (kind, exitCode) => {
  const report = reportError(new UserError(kind, 'x is 3', { hint: 'Make it 2.' }), {
    json: false,
    called: 'whisker',
  });
  expect(report).toEqual({ exitCode, text: 'x is 3\n\nMake it 2.\n' });
});

test('an interruption ends with its signal’s code and says nothing', () => {
  expect(reportError(new Interrupted('SIGINT'), { json: false, called: 'whisker' })).toEqual({
    exitCode: 130,
    text: '',
  });
  expect(reportError(new Interrupted('SIGTERM'), { json: false, called: 'whisker' })).toEqual({
    exitCode: 143,
    text: '',
  });
});

test('a bug ends with 1 and shows its stack', () => {
  const { exitCode, text } = reportError(new TypeError('x is undefined'), { json: false, called: 'whisker' });
  expect(exitCode).toBe(1);
  expect(text).toContain('TypeError: x is undefined\n    at ');
  expect(text).toContain('mistake in Whisker itself');
  expect(reportError('odd', { json: false, called: 'whisker' })).toMatchObject({ exitCode: 1 });
});

test('with --json errors are data', () => {
  const { text } = reportError(new UserError('data', 'x', { hint: 'y' }), { json: true, called: 'whisker' });
  expect(JSON.parse(text)).toEqual({ error: { kind: 'data', message: 'x', hint: 'y' } });
});

test('words are quoted as a shell needs it', () => {
  expect(['a/b.yaml', 'a b', "it's", 'seed=2', '$HOME', ''].map(quoteForShell)).toEqual([
    'a/b.yaml',
    "'a b'",
    "'it'\\''s'",
    'seed=2',
    "'$HOME'",
    "''",
  ]);
});

test('with --json, texts hold nothing that a terminal takes for a command', () => {
  const { output, written } = record({ json: true });
  output.result({ name: 'a\u009b31m\u001b[2J\u202e\u2028' }, '');
  expect(written.stdout).toBe('{\n  "name": "a\\u009b31m\\u001b[2J\\u202e\\u2028"\n}\n');
  expect(JSON.parse(written.stdout)).toEqual({ name: 'a\u009b31m\u001b[2J\u202e\u2028' });
});

test('a name with a line break stays in its row', () => {
  expect(formatColumns([['a\nb', 'c']])).toBe('a b  c');
});

test.each([
  [
    { script: '/usr/lib/x/.bin/whisker', folder: '/home/a', environment: { npm_command: 'exec' } },
    'npx whisker',
  ],
  [{ script: '/home/a/dist/main.js', folder: '/home/a', environment: {} }, 'npx whisker'],
  [{ script: '/usr/bin/whisker', folder: '/home/a', environment: { PATH: '/bin:/usr/bin' } }, 'whisker'],
  [{ script: '/home/a/x/.bin/whisker', folder: '/home/a', environment: { PATH: '/bin' } }, 'x/.bin/whisker'],
  [{ script: '/opt/w/dist/main.js', folder: '/home/a', environment: {} }, 'node /opt/w/dist/main.js'],
  [{ script: '/opt/my w/bin/whisker', folder: '/home/a', environment: {} }, "'/opt/my w/bin/whisker'"],
])('%j was called as %s', (call, called) => {
  expect(calledAs(call)).toBe(called);
});

test('advice says the program as it was called, and leaves file names and prose alone', () => {
  const text =
    'Run `whisker finetune` first: whisker engine install cpu. whisker/x whisker-1 a.whisker b npx whisker c';
  expect(sayAsCalled(text, 'npx whisker')).toBe(
    'Run `npx whisker finetune` first: npx whisker engine install cpu. whisker/x whisker-1 a.whisker b npx whisker c',
  );
});
