import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent, RunEventBody } from '../../src/events/event.js';
import { openEventLog, readEventLog, truncateEventLog } from '../../src/events/event-log.js';

const at = (body: RunEventBody): RunEvent => ({ time: '2026-01-01T00:00:00.000Z', ...body });
const phase = (name: string) => at({ type: 'phase', name, detail: 'ä\n' });
const guard = (step: number, value: number) =>
  at({ type: 'guard', step, metrics: { spread: { value, healthy: [0.1, Number.POSITIVE_INFINITY] } } });

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-events-'));
  file = path.join(folder, 'events.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(...events: RunEvent[]): void {
  const log = openEventLog(file);
  for (const event of events) log.receive(event);
  log.close();
}

test('one line an event, appended; numbers that JSON lacks come back', () => {
  write(phase('one'), guard(1, Number.NaN));
  write(guard(2, Number.NEGATIVE_INFINITY));
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
  expect(readEventLog(file)).toEqual([
    phase('one'),
    guard(1, Number.NaN),
    guard(2, Number.NEGATIVE_INFINITY),
  ]);
});

test('a line that was cut off is left out', () => {
  write(phase('one'));
  appendFileSync(file, '{"time":"2026');
  expect(readEventLog(file)).toEqual([phase('one')]);
});

test('a line that was cut off goes before others are appended', () => {
  write(phase('one'));
  appendFileSync(file, `{"time":"${'2'.repeat(200_000)}`);
  write(phase('two'));
  expect(readEventLog(file)).toEqual([phase('one'), phase('two')]);
  writeFileSync(file, '{"time":"2026');
  write(phase('three'));
  expect(readEventLog(file)).toEqual([phase('three')]);
});

test.each([
  ['{"time":"20', 'Unterminated string'],
  ['null', 'it has no type'],
  ['', 'Unexpected end'],
])('a damaged line in the middle is named: %s', (line, why) => {
  write(guard(1, 0));
  appendFileSync(file, `${line}\n`);
  write(guard(2, 0));
  const problem = expect.objectContaining({
    kind: 'data',
    message: expect.stringContaining(`${file}:2 is not an event: ${why}`),
    hint: expect.stringContaining('Take this line out'),
  });
  expect(() => readEventLog(file)).toThrow(problem);
  expect(() => truncateEventLog(file, 9)).toThrow(problem);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
});

test('truncated to a step: everything from the first later event on goes, with a line that was cut off', () => {
  write(phase('one'), guard(1, 0), guard(2, 0), phase('two'), guard(3, 0), phase('three'), guard(2, 0));
  appendFileSync(file, '{"ti');
  truncateEventLog(file, 2);
  expect(readEventLog(file)).toEqual([phase('one'), guard(1, 0), guard(2, 0), phase('two')]);
  appendFileSync(file, '{"ti');
  truncateEventLog(file, 9);
  expect(readEventLog(file)).toHaveLength(4);
  expect(readFileSync(file, 'utf8').endsWith('\n')).toBe(true);
  truncateEventLog(file, 0);
  expect(readEventLog(file)).toEqual([phase('one')]);
});

test('lines across the pieces in which a long log is read', () => {
  const long = phase('é'.repeat(300_000));
  write(long, guard(1, 0), long, long, guard(5, 0), long);
  truncateEventLog(file, 4);
  expect(readEventLog(file)).toEqual([long, guard(1, 0), long, long]);
});

test('a log that does not exist is left so', () => {
  truncateEventLog(file, 3);
  expect(() => readFileSync(file)).toThrow('ENOENT');
});

test('a closed log takes nothing more and closing twice is allowed', () => {
  const log = openEventLog(file);
  log.close();
  log.close();
  log.receive(phase('late'));
  expect(readFileSync(file, 'utf8')).toBe('');
});
