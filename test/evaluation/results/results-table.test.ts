import { describe, expect, it } from 'vitest';
import { CALMS21_PUBLISHED } from '../../../src/evaluation/protocols/calms21-published.js';
import { measureTask } from '../../../src/evaluation/protocols/measure.js';
import type { TaskResult } from '../../../src/evaluation/protocols/run-task.js';
import type { Task } from '../../../src/evaluation/protocols/task.js';
import { buildResultsTable } from '../../../src/evaluation/results/results-table.js';
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

function makeResult(features: string, seed: number, skill: number): TaskResult {
  const random = seededRandom(seed, features);
  const scored = Array.from({ length: 6 }, (_, recording) => {
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
    fits: [{ split: 'b', strengths: [0.1], unit: 'recording', trainedFrames: 10, bouts: null }],
    seconds: 1,
    ...measureTask(task, scored),
  };
}

const results = [1, 2].flatMap((seed) => [makeResult('encoder', seed, 3), makeResult('raw|pose', seed, 1)]);
const table = buildResultsTable(results, {
  columns: [
    { group: 'task1', metric: 'map', title: 'task 1 MAP' },
    { group: 'task3', metric: 'map', title: 'task 3 MAP' },
  ],
  controls: ['raw|pose'],
  published: CALMS21_PUBLISHED,
  resamples: 200,
  level: 0.95,
  seed: 1,
});

describe('a table of results', () => {
  it('has measured rows, chance and published rows, each marked', () => {
    expect(table.rows.map(({ status }) => status)).toEqual([
      ...['measured', 'measured', 'chance', 'published', 'published', 'unverified'],
    ]);
    expect(table.rows[0]).toMatchObject({ name: 'encoder', seeds: 2, flags: ['transductive'] });
    expect(table.rows[2].cells[0]?.value).toBeCloseTo(0.25, 1);
    expect(table.rows[3].cells.map((cell) => cell?.value)).toEqual([0.856, 0.317]);
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

  it('calls no row the best on few seeds', () => {
    expect(table.notes.join()).toContain('2 seeds: too few');
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
    expect(lines).toHaveLength(1 + 2 + 1 + 6 + 1);
    expect(lines.find((line) => line.includes('winner'))).toContain('"challenge winner (CPC, 32-fold');
  });

  it('plain text aligns its columns', () => {
    const lines = renderText(table).split('\n');
    const at = lines[0].indexOf('task 1 MAP') + 'task 1 MAP'.length;
    expect(lines[1].slice(at - 1, at)).toBe(']');
    expect(lines[1].slice(at, at + 2).trim()).toBe('');
  });
});
