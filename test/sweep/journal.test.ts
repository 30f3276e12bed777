import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendJournal, type JournalEntry, readJournal, stateOf } from '../../src/sweep/journal.js';

const entry = (task: string, state: JournalEntry['state']): JournalEntry => ({
  time: '2026-01-01T00:00:00.000Z',
  task,
  state,
  host: 'here',
  pid: 7,
});

describe('the journal of a sweep', () => {
  it('keeps the last state of each task, past lines that a crash left broken', () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    expect(readJournal(folder).size).toBe(0);
    appendJournal(folder, entry('a', 'running'));
    appendFileSync(join(folder, 'journal.jsonl'), '{"task":"a","sta');
    appendJournal(folder, entry('b', 'running'));
    appendJournal(folder, entry('a', 'done'));
    expect([...readJournal(folder)].map(([task, { state }]) => [task, state])).toEqual([
      ['a', 'done'],
      ['b', 'running'],
    ]);
  });

  it('tells a running task from one whose process is gone', () => {
    expect(stateOf(undefined, () => true)).toBe('pending');
    expect(stateOf(entry('a', 'running'), () => true)).toBe('running');
    expect(stateOf(entry('a', 'running'), () => false)).toBe('interrupted');
    expect(stateOf(entry('a', 'done'), () => false)).toBe('done');
  });
});
