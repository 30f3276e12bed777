import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { loadFinetuneSettings } from '../../src/pipeline/apply-heads-choose.js';
import { makeReport, type ReportJob } from '../../src/pipeline/report.js';
import { chooseShown } from '../../src/pipeline/report-poses.js';
import { formatSuggestions, type SuggestSummary, suggestStretches } from '../../src/pipeline/suggest.js';
import type { ReportData } from '../../src/report/report-data.js';
import { applyTo, createContext, writeFinetunedRun } from './finetuned-run.js';
import { writeTinyDataset } from './tiny-data.js';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
const data = join(folder, 'data');
const run = join(folder, 'heads');

beforeAll(async () => {
  await writeTinyDataset(data);
  await writeFinetunedRun(folder, data, 'heads', [
    'protocol={type: calms21, tasks: [1]}',
    'rows=[kinematics, raw-pose]',
    'labels=[{by: recordings, recordings: 1}, null]',
  ]);
});

function suggest(out: string, more: { count?: number; withLabelled?: boolean; subset?: string | null } = {}) {
  return suggestStretches(
    {
      ...{ ...applyTo(run), datasetFolder: data, outFolder: join(folder, out) },
      ...{ count: 4, seconds: 2, subset: null, withLabelled: false, ...more },
    },
    createContext(),
  ) as Promise<SuggestSummary>;
}

async function report(
  more: Partial<ReportJob> = {},
): Promise<{ data: ReportData; notes: readonly string[] }> {
  const out = join(folder, 'report.html');
  const finetunings = [{ folder: run, settings: loadFinetuneSettings(run, {}) }];
  const job = {
    title: null,
    version: 'test',
    out,
    finetunings,
    pretrainings: [],
    sweeps: [],
    suggestions: null,
  };
  const summary = await makeReport({ ...job, recordings: 20, ...more }, createContext());
  const html = readFileSync(out, 'utf8');
  expect(html).not.toContain(folder); // no paths of this machine
  const [, json] = /id="report-data">(.*?)<\/script>/s.exec(html) as RegExpExecArray;
  return { data: JSON.parse(json) as ReportData, notes: summary?.notes ?? [] };
}

describe('suggestStretches', () => {
  it('names unlabelled stretches once, as long as was asked for, the same each time', async () => {
    const { list, candidates } = await suggest('first');
    const dataset = openDataset(data);
    expect(list.length).toBe(Math.min(4, candidates));
    for (const { id, start, stop, framesPerSecond, uncertainty } of list) {
      const { subset, frames } = dataset.recordings.find((recording) => recording.id === id) ?? {};
      expect(subset).not.toMatch(/^task1/);
      expect(stop).toBeLessThanOrEqual(frames as number);
      expect((stop - start) / framesPerSecond).toBeGreaterThan(1);
      expect((stop - start) / framesPerSecond).toBeLessThan(3);
      expect(uncertainty).toBeGreaterThanOrEqual(0);
      expect(uncertainty).toBeLessThanOrEqual(1);
    }
    dataset.close();
    expect(new Set(list.map(({ id, start }) => `${id} ${start}`)).size).toBe(list.length);
    expect((await suggest('second')).list).toEqual(list);
    const csv = readFileSync(join(folder, 'first', 'suggestions.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(csv).toHaveLength(1 + list.length);
  });

  it('looks over labelled frames only where asked, and says what to do where none is left', async () => {
    await expect(suggest('none', { subset: 'task1/train' })).rejects.toMatchObject({
      hint: expect.stringContaining('--with-labelled'),
    });
    const { list } = await suggest('labelled', { subset: 'task1/train', withLabelled: true });
    expect(list.length).toBeGreaterThan(0);
    await expect(suggest('lost', { subset: 'nowhere' })).rejects.toThrow(/has no subset nowhere/);
  });

  it('writes names that no spreadsheet runs', () => {
    const stretch = { start: 0, stop: 30, framesPerSecond: 30, uncertainty: 0.5 };
    const csv = formatSuggestions([{ ...stretch, id: '=HYPERLINK("x")', predicted: '@mount 100 %' }]);
    expect(csv.split('\n')[1]).toBe(`1,"'=HYPERLINK(""x"")",0,30,0:00.0,0:01.0,1.00,0.500,'@mount 100 %`);
  });
});

describe('makeReport', () => {
  it('holds tables, curves, ethograms, a map of scored frames, and the poses of every suggestion', async () => {
    await suggest('shown', { count: 3 });
    const { data: page } = await report({ suggestions: join(folder, 'shown') });
    const [heads] = page.heads;
    expect(heads.table.rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['kinematics, 1 recording', 'raw-pose, all labels', 'chance']),
    );
    expect(page.learningCurves.map(({ features }) => features)).toEqual(
      expect.arrayContaining(['kinematics', 'raw-pose']),
    );
    const [task] = heads.tasks;
    expect(task.truth.length).toBeGreaterThan(0);
    for (const { predictions } of task.rows) expect(predictions).toHaveLength(task.truth.length);
    expect(heads.map).toMatchObject({ task: 'task1', features: 'kinematics' });
    expect(page.suggestions?.list).toHaveLength(3);
    for (const { recording } of page.suggestions?.list ?? []) expect(recording).not.toBeNull();
    expect(heads.facts.map(({ title }) => title)).toContain('Settings');
  });

  it('plays no suggestion by the poses of a data set with the same names', async () => {
    const other = join(folder, 'other');
    const summary = await suggest('other', { count: 3 });
    const dataset = { ...summary.dataset, hash: 'another' };
    const shown = openDataset(data).recordings.find(({ subset }) => subset === 'task1/test');
    const list = summary.list.map((own) => ({ ...own, id: shown?.id }));
    writeFileSync(join(other, 'suggestions.json'), JSON.stringify({ ...summary, dataset, list }));
    const { data: page } = await report({ suggestions: other });
    expect(page.poses?.recordings.map(({ id }) => id)).toContain(list[0].id);
    for (const { recording } of page.suggestions?.list ?? []) expect(recording).toBeNull();
  });

  it('draws rows that keep no heads by their predictions', async () => {
    renameSync(join(run, 'heads'), join(run, 'heads-away'));
    try {
      const { data: page } = await report();
      const [task] = page.heads[0].tasks;
      expect(task).toMatchObject({ name: 'task1', scoredClasses: ['attack', 'investigation', 'mount'] });
      expect(task.truth.length).toBeGreaterThan(0);
      for (const { predictions } of task.rows) expect(predictions).toHaveLength(task.truth.length);
      expect(page.heads[0].map).toBeNull();
    } finally {
      renameSync(join(run, 'heads-away'), join(run, 'heads'));
    }
  });

  it('makes the folder of its file, and refuses a folder in the place of one', async () => {
    const out = join(folder, 'new', 'page.html');
    const job = { finetunings: [], pretrainings: [], sweeps: [], suggestions: null, recordings: 0 };
    await makeReport({ ...job, title: 'a', version: 'test', out }, createContext());
    expect(readFileSync(out, 'utf8')).toContain('<title>a</title>');
    const refused = makeReport({ ...job, title: 'a', version: 'test', out: folder }, createContext());
    await expect(refused).rejects.toThrow(`${folder} is a folder`);
  });

  it('says what it leaves out', async () => {
    const { data: page, notes } = await report({ recordings: 0 });
    expect(page.heads[0].tasks[0].truth).toEqual([]);
    expect(page.heads[0].map).toBeNull();
    expect(notes.join()).toBe('');
    renameSync(data, `${data}-away`);
    try {
      const without = await report();
      expect(without.data.poses).toBeNull();
      expect(without.notes).toEqual(['The data set data is not at hand; no pictures of single recordings.']);
      expect(without.data.heads[0].table.rows.length).toBeGreaterThan(0);
    } finally {
      renameSync(`${data}-away`, data);
    }
  });

  it('refuses a folder without suggestions, and damaged predictions', async () => {
    await expect(report({ suggestions: folder })).rejects.toThrow(/holds no suggestions.json/);
    const file = join(run, 'predictions', 'task1_kinematics_seed_0.gz');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length >> 1));
    await expect(report()).rejects.toThrow(/is damaged/);
    writeFileSync(file, whole);
  });
});

describe('chooseShown', () => {
  const tasks = [
    [0, 1, 2, 3, 4, 5, 6, 7],
    [10, 11],
    [20, 21, 22, 23],
  ];

  it('shows half of the first task, spread over it, then the others in turn', () => {
    const chosen = chooseShown(tasks, 8);
    expect(chosen.slice(0, 4)).toEqual([0, 4, 2, 6]);
    expect(chosen.filter((number) => number >= 10)).toHaveLength(4);
    expect(chooseShown(tasks, 1)).toEqual([0]);
    expect(chooseShown(tasks, 0)).toEqual([]);
  });

  it('shows all where there is room, each once', () => {
    expect(chooseShown([...tasks, tasks[0]], 50).sort((a, b) => a - b)).toEqual(tasks.flat());
    expect(chooseShown([], 5)).toEqual([]);
  });
});
