import { expect, test } from 'vitest';
import { quoteForShell } from '../../src/commands/next-command.js';
import { createOutput, formatColumns } from '../../src/commands/output.js';
import { reportError } from '../../src/commands/report-error.js';
import { Interrupted, UserError } from '../../src/errors.js';

function record(options: Partial<{ json: boolean; plain: boolean; quiet: boolean }> = {}) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const streams = { stdout: stream('stdout'), stderr: stream('stderr') };
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
  expect(speak(record())).toEqual({ stdout: 'a is 1\n', stderr: 'working\n\nNext:\n  whisker doctor\n' });
});

test('--json: the result is one JSON document, and no advice', () => {
  expect(speak(record({ json: true }))).toEqual({ stdout: '{\n  "a": 1\n}\n', stderr: 'working\n' });
});

test('--quiet: results only', () => {
  expect(speak(record({ quiet: true }))).toEqual({ stdout: 'a is 1\n', stderr: '' });
});

test('control characters never get through', () => {
  const { output, written } = record();
  output.message('a\u001b[2J b\u0007\u202e');
  output.result({}, 'c\u001b]0;title\u0007d');
  output.next('whisker \u009b31mx');
  expect(written).toEqual({ stdout: 'cd\n', stderr: 'a b\n\nNext:\n  whisker x\n' });
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
  const report = reportError(new UserError(kind, 'x is 3', { hint: 'Make it 2.' }), { json: false });
  expect(report).toEqual({ exitCode, text: 'x is 3\n\nMake it 2.\n' });
});

test('an interruption ends with its signal’s code and says nothing', () => {
  expect(reportError(new Interrupted('SIGINT'), { json: false })).toEqual({ exitCode: 130, text: '' });
  expect(reportError(new Interrupted('SIGTERM'), { json: false })).toEqual({ exitCode: 143, text: '' });
});

test('a bug ends with 1 and shows its stack', () => {
  const { exitCode, text } = reportError(new TypeError('x is undefined'), { json: false });
  expect(exitCode).toBe(1);
  expect(text).toContain('TypeError: x is undefined\n    at ');
  expect(text).toContain('mistake in Whisker itself');
  expect(reportError('odd', { json: false })).toMatchObject({ exitCode: 1 });
});

test('with --json errors are data', () => {
  const { text } = reportError(new UserError('data', 'x', { hint: 'y' }), { json: true });
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
