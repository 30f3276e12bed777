import { appendFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobState } from '../../src/events/event.js';
import { type Note, openJournal, readJournal } from '../../src/sweep/journal.js';

const note = (state: JobState, more: Partial<Note> = {}): Note => ({
  state,
  worker: { host: 'here', pid: 7, birth: 'b' },
  ...more,
});
const clock = (time: string) => () => `2026-01-01T${time}Z`;
const states = (folder: string) => [...readJournal(folder)].map(([task, { state }]) => `${task} ${state}`);

describe('the journal of a sweep', () => {
  it('keeps the last state of each task, past lines that a crash has torn', () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    expect(readJournal(folder).size).toBe(0);
    const journal = openJournal(folder, 'one', clock('00:00:00'));
    journal.change('a', note('running'));
    appendFileSync(join(folder, 'journal', 'one.jsonl'), '{"task":"a","state":"done","change":9,"wor');
    journal.change('b', note('running'));
    appendFileSync(join(folder, 'journal', 'one.jsonl'), '\n\u0000\u0000\n[3]\nnull\n{"task":"a"}\n');
    expect(states(folder)).toEqual(['a running', 'b running']);
    journal.change('a', note('failed', { error: 'no' }));
    expect(readJournal(folder).get('a')).toMatchObject({ state: 'failed', change: 2, error: 'no' });
  });

  it('orders the entries of several machines by changes, not by their clocks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    const ahead = openJournal(folder, 'ahead', clock('09:00:00'));
    const behind = openJournal(folder, 'behind', clock('01:00:00'));
    ahead.change('a', note('running'));
    ahead.beat('a', note('running'));
    behind.change('a', note('failed'));
    expect(states(folder)).toEqual(['a failed']);
    ahead.change('a', note('pending'));
    behind.change('a', note('running'));
    behind.beat('a', note('running', { progress: { share: 0.5, metric: null, etaSeconds: 1 } }));
    expect(readJournal(folder).get('a')).toMatchObject({
      state: 'running',
      change: 4,
      progress: { share: 0.5 },
    });
    expect(readdirSync(join(folder, 'journal'))).toEqual(['ahead.jsonl', 'behind.jsonl']);
  });

  it('leaves a task done whatever is written after', () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    const journal = openJournal(folder, 'one', clock('00:00:00'));
    journal.change('a', note('done', { seconds: 3 }));
    openJournal(folder, 'two', clock('00:00:01')).change('a', note('running'));
    expect(readJournal(folder).get('a')).toMatchObject({ state: 'done', seconds: 3 });
  });
});
