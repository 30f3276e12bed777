import { describe, expect, it } from 'vitest';
import { publishedBeside } from '../../../src/evaluation/protocols/calms21-published.js';
import { type ClassMeasurement, measureTask } from '../../../src/evaluation/protocols/measure.js';
import type { TaskResult } from '../../../src/evaluation/protocols/run-task.js';
import type { Task } from '../../../src/evaluation/protocols/task.js';
import { buildResultsTable, type TableOptions } from '../../../src/evaluation/results/results-table.js';
import { seededRandom } from '../../../src/random.js';
import { renderCsv, renderMarkdown, renderText } from '../../../src/report/table.js';

const task: Task = {
  name: 'task1',
  group: 'task1',
  track: 'task1',
  kind: 'binary',
  classes: ['other', 'attack'],
  scoredClasses: ['attack'],
  split: { by: 'subset', train: 'a', test: 'b' },
  fitting: 'free',
  anchor: null,
};

function makeResult(features: string, seed: number, skill: number, recordings = 6): TaskResult {
  const random = seededRandom(seed, features);
  const scored = Array.from({ length: recordings }, (_, recording) => {
    const labels = Int16Array.from({ length: 200 }, (_, frame) => Number((frame >> 3) % 4 === recording % 4));
    const probabilities = new Float32Array(400);
    labels.forEach((label, frame) => {
      const positive = 1 / (1 + Math.exp(1 - skill * label - random.normal()));
      probabilities.set([1 - positive, positive], 2 * frame);
    });
    return { recording, id: `r${recording}`, labels, probabilities };
  });
  return {
    task: 'task1',
    group: 'task1',
    features,
    method: 'logistic regression',
    seed,
    few: null,
    transductive: features === 'encoder',
    fits: [{ split: 'b', shares: [1], strengths: [0.1], unit: 'recording', trainedFrames: 10, bouts: null }],
    seconds: 1,
    ...measureTask(task, scored),
  };
}

/** What CalMS21's own test files of task 1 hold. */
const task1Test = [12_630, 61_280, 31_850].map((support) => ({ support }) as ClassMeasurement);

const results = [1, 2].flatMap((seed) => [makeResult('encoder', seed, 3), makeResult('raw|pose', seed, 1)]);
const options: TableOptions = {
  columns: [
    { group: 'task1', metric: 'map', title: 'task 1 MAP' },
    { group: 'task3', metric: 'map', title: 'task 3 MAP' },
  ],
  controls: ['raw|pose'],
  published: publishedBeside([{ task: 'task1', group: 'task1', frames: 262_107, classes: task1Test }]),
  resamples: 200,
  level: 0.95,
  seed: 1,
};
const table = buildResultsTable(results, options);

describe('a table of results', () => {
  it('has measured rows, chance and published rows, each marked', () => {
    expect(table.rows.map(({ status }) => status)).toEqual([
      ...['measured', 'measured', 'chance', 'published', 'published', 'unverified'],
    ]);
    expect(table.rows[0]).toMatchObject({ name: 'encoder', seeds: 2, flags: ['transductive'] });
    expect(table.rows[2].cells[0]?.value).toBeCloseTo(0.25, 1);
    expect(table.rows[3].cells.map((cell) => cell?.value)).toEqual([0.856, undefined]);
  });

  it('shows published figures only beside those of the same frames', () => {
    const own = { task: 'task1', group: 'task1', frames: 262_107, classes: task1Test };
    expect(publishedBeside([own])).toMatchObject({
      rows: { length: 3 },
      note: expect.stringMatching(/^Published rows come/),
    });
    const approach = { task: 'task3/approach', group: 'task3', frames: 126_468 };
    const simulated = { ...approach, classes: [{ support: 3000 } as ClassMeasurement] };
    const { rows, note } = publishedBeside([own, simulated]);
    expect(new Set(rows.flatMap(({ figures }) => Object.keys(figures)))).toEqual(
      new Set(['task1/f1', 'task1/map']),
    );
    expect(note).toMatch(/not shown for task3: what is scored there is not CalMS21's test files/);
    expect(publishedBeside([{ ...own, frames: 262_106 }]).rows).toEqual([]);
  });

  it('gives the mean of the exact figures over seeds, inside its interval', () => {
    const [cell, absent] = table.rows[0].cells;
    const own = results.filter(({ features }) => features === 'encoder');
    expect(cell?.value).toBeCloseTo((own[0].metrics.map + own[1].metrics.map) / 2, 12);
    expect(cell?.interval?.low).toBeLessThan(cell?.value as number);
    expect(cell?.interval?.high).toBeGreaterThan(cell?.value as number);
    expect(absent).toBeNull();
  });

  it('holds every row against the controls', () => {
    expect(table.differences).toHaveLength(1);
    const [difference] = table.differences;
    expect(difference).toMatchObject({ row: 'encoder', control: 'raw|pose', column: 'task 1 MAP' });
    expect(difference.low).toBeGreaterThan(0);
    expect(difference.correctedP).toBeLessThan(0.05);
  });

  it('says nothing of intervals and differences where none were drawn', () => {
    const plain = buildResultsTable(results, { ...options, resamples: 0 });
    expect(plain.rows.map(({ cells }) => cells[0]?.value)).toEqual(
      table.rows.map(({ cells }) => cells[0]?.value),
    );
    expect(plain.rows.map(({ cells }) => cells[0]?.interval)).toEqual(Array(6).fill(null));
    expect(plain.differences).toEqual([]);
    expect(plain.notes.join()).not.toMatch(/[Ii]nterval|differences/);
    expect(renderText(plain)).not.toContain('NaN');
  });

  it('is not certain of a single recording, whose figures are the same in every draw', () => {
    const single = [makeResult('encoder', 1, 3, 1), makeResult('raw|pose', 1, 1, 1)];
    const { rows, differences, notes } = buildResultsTable(single, options);
    expect(rows[0].cells[0]).toEqual({ value: single[0].metrics.map, interval: null });
    expect(differences).toEqual([]);
    expect(notes.join()).toContain('differences of task 1 MAP: a single recording was scored');
  });

  it('calls no row the best on few seeds', () => {
    expect(table.notes.join()).toContain('2 seeds: too few');
    expect(table.notes[0]).toContain(
      '2 rows were compared: p is Holm-corrected over 1 difference in a column',
    );
  });
});

describe('renderers', () => {
  it('markdown escapes bars and prints every difference with its interval', () => {
    const text = renderMarkdown(table);
    expect(text).toContain('| features | task 1 MAP | task 3 MAP |  |');
    expect(text).toContain('raw\\|pose');
    expect(text).toMatch(/\| encoder \| raw\\\|pose \| task 1 MAP \| \+\.\d{3} \[\+\.\d{3}, \+\.\d{3}\] \|/);
    expect(text).toContain('unverified');
  });

  it('csv has a line per figure and quotes commas', () => {
    const lines = renderCsv(table).trimEnd().split('\n');
    expect(lines[0]).toBe('kind,features,against,column,value,low,high,p,seeds,remark');
    expect(lines).toHaveLength(1 + 2 + 1 + 3 + 1);
    expect(lines.find((line) => line.includes('winner'))).toContain('"challenge winner (CPC, 32-fold');
  });

  it('plain text aligns its columns', () => {
    const lines = renderText(table).split('\n');
    const at = lines[0].indexOf('task 1 MAP') + 'task 1 MAP'.length;
    expect(lines[1].slice(at - 1, at)).toBe(']');
    expect(lines[1].slice(at, at + 2).trim()).toBe('');
  });
});
