import { describe, expect, it } from 'vitest';
import type { TaskResult } from '../../src/evaluation/protocols/run-task.js';
import { seededRandom } from '../../src/random.js';
import {
  renderSweepCsv,
  renderSweepLatex,
  renderSweepMarkdown,
  renderSweepText,
} from '../../src/report/sweep-table.js';
import { figureOf, listColumns, resampleFigures } from '../../src/sweep/figures.js';
import { buildSweepTable, type FinishedJob } from '../../src/sweep/table.js';

/** Two classes, the second one scored; recordings of ten frames each, `hits` of whose five positives are found. */
function makeResult(hits: readonly number[], map: number, group = 'task1', task = group): TaskResult {
  const found = hits.reduce((sum, count) => sum + count, 0);
  // No false alarm: precision 1, recall found / (5 n), F1 = 2 r / (1 + r).
  const recall = found / (5 * hits.length);
  const f1 = (2 * recall) / (1 + recall);
  return {
    ...{ task, group, features: 'encoder', method: 'logistic regression', seed: 1, few: null },
    ...{ transductive: false, seconds: 1 },
    fits: [{ split: 'b', strengths: [0.1], unit: 'recording', trainedFrames: 10 }],
    metrics: { f1, map },
    classes: [{ name: 'bite', f1, averagePrecision: map }],
    evidence: {
      recordings: hits.map((_, index) => `r${index}`),
      classCount: 2,
      confusion: hits.map((count) => [5, 0, 5 - count, count]),
      rankings: [
        {
          target: 1,
          positives: hits.map((count) => [count, 5 - count]),
          negatives: hits.map(() => [0, 5]),
        },
      ],
    },
  } as unknown as TaskResult;
}

const f1 = { group: 'task1', metric: 'f1', className: null } as const;
const map = { group: 'task1', metric: 'map', className: null } as const;

describe('figures of a job', () => {
  it('are those of a group, its tasks counting alike, and those of its classes', () => {
    const results = [makeResult([5], 0.9, 'task3', 'sniff'), makeResult([5], 0.5, 'task3', 'groom')];
    expect(listColumns(results).map(({ metric, className }) => [metric, className])).toEqual([
      ['f1', null],
      ['map', null],
      ['f1', 'bite'],
      ['map', 'bite'],
    ]);
    expect(figureOf(results, { group: 'task3', metric: 'map', className: null })).toBeCloseTo(0.7, 12);
    expect(figureOf(results, { group: 'task3', metric: 'map', className: 'bite' })).toBeCloseTo(0.7, 12);
    expect(figureOf(results, map)).toBeNull();
    expect(figureOf(results, { group: 'task3', metric: 'map', className: 'flee' })).toBeNull();
  });

  it('are resampled with one weight for a recording in all jobs, whatever their order', () => {
    const one = { seed: 1, results: [makeResult([5, 0], 0.5)] };
    const two = { seed: 2, results: [makeResult([0, 5], 0.5)] };
    const draw = (jobs: Parameters<typeof resampleFigures>[0]) =>
      resampleFigures(jobs, [f1], 20, seededRandom(1, 'x'));
    const { samples, seedWeights } = draw([one, two, one]);
    expect(samples[2][0]).toEqual(samples[0][0]);
    for (let index = 0; index < 20; index++) {
      // Recalls w0 / (w0 + w1) and w1 / (w0 + w1) add up to 1; F1 = 2 r / (1 + r), so r = F1 / (2 - F1).
      const recalls = [0, 1].map((job) => samples[job][0][index] / (2 - samples[job][0][index]));
      expect(recalls[0] + recalls[1]).toBeCloseTo(1, 12);
    }
    expect(new Set(samples[0][0]).size).toBe(20);
    const turned = draw([two, one]);
    expect(turned.samples.map(([own]) => own)).toEqual([samples[1][0], samples[0][0]]);
    expect(turned.seedWeights.get(2)).toEqual(seedWeights.get(2));
  });
});

const job = (
  variant: string,
  seed: number,
  results: TaskResult[] | null,
  error: string | null = null,
): FinishedJob => ({
  variants: [variant],
  seed,
  state: error === null ? (results === null ? 'pending' : 'done') : 'failed',
  error,
  results,
});
const planOf = (names: readonly string[], seeds: readonly number[]) => ({
  name: 's',
  seeds,
  variants: names.map((name) => ({ name, differences: [] })),
});
const options = { draws: 200, level: 0.95 };

describe('the table of a sweep', () => {
  const jobs = [
    job('full', 1, [makeResult([5, 5], 0.8)]),
    job('- mask & noise', 1, [makeResult([1, 1], 0.3)]),
    job('full', 2, [makeResult([5, 5], 0.9)]),
    job('- mask & noise', 2, [makeResult([1, 1], 0.5)]),
    job('full', 3, [makeResult([5, 5], 1)]),
    job('- mask & noise', 3, null, 'out of\nmemory'),
    job('a|b', 1, null),
  ];
  const table = buildSweepTable(planOf(['full', '- mask & noise', 'a|b'], [1, 2, 3]), jobs, options);
  const place = table.columns.findIndex(({ metric, className }) => metric === 'map' && className === null);

  it('has means, deviations with n - 1, and differences over the seeds that both have', () => {
    const [full, less, none] = table.rows.map(({ cells }) => cells[place]);
    expect(full?.mean).toBeCloseTo(0.9, 12);
    expect(full?.deviation).toBeCloseTo(0.1, 12);
    expect(full?.difference).toBeNull();
    expect(less?.mean).toBeCloseTo(0.4, 12);
    expect(less?.deviation).toBeCloseTo(Math.SQRT2 / 10, 12);
    // (.3 - .8 + .5 - .9) / 2
    expect(less?.difference?.value).toBeCloseTo(-0.45, 12);
    expect(less?.difference?.seeds).toBe(2);
    expect(none).toBeNull();
    expect(table.missing).toEqual([
      { variant: '- mask & noise', seed: 3, state: 'failed', error: 'out of\nmemory' },
      { variant: 'a|b', seed: 1, state: 'pending', error: null },
    ]);
  });

  it('has no difference where a single recording was scored', () => {
    const single = [job('full', 1, [makeResult([5], 0.9)]), job('less', 1, [makeResult([1], 0.3)])];
    const { rows, notes } = buildSweepTable(planOf(['full', 'less'], [1]), single, options);
    expect(rows[1].cells[place]).toMatchObject({ mean: 0.3, difference: null });
    expect(notes).toContain('No differences: a single recording was scored.');
    expect(notes.join()).not.toContain('Differences are to');
    expect(table.notes.join()).toContain('Differences are to "full"');
  });

  it('is the same whatever order the jobs ran in', () => {
    const turned = buildSweepTable(
      planOf(['full', '- mask & noise', 'a|b'], [1, 2, 3]),
      [...jobs].reverse(),
      options,
    );
    expect(turned.rows).toEqual(table.rows);
  });

  it('calls a variant best from four whole seeds on, where it is above each other one', () => {
    const seeds = [1, 2, 3, 4];
    const best = (hits: number, count = 4) => {
      const good = seeds.map((seed) => job('good', seed, [makeResult([5, 5, 4], 0.9)]));
      const other = seeds
        .slice(0, count)
        .map((seed) => job('other', seed, [makeResult([hits, hits, hits - 1], 0.5)]));
      const { rows } = buildSweepTable(planOf(['other', 'good'], seeds), [...other, ...good], options);
      return rows.map(({ cells }) => cells[0]?.isBest);
    };
    expect(best(1)).toEqual([false, true]);
    expect(best(5)).toEqual([false, false]);
    expect(best(1, 3)).toEqual([false, false]);
  });

  it('names the seed of a figure where a job lacks the column', () => {
    const both = [makeResult([5, 5], 0.8), makeResult([5, 5], 0.7, 'task3')];
    const some = [job('full', 1, [both[0]]), job('full', 2, both)];
    const csv = renderSweepCsv(buildSweepTable(planOf(['full'], [1, 2]), some, options));
    expect(csv.split('\n').filter((line) => line.startsWith('seed,full,task3 MAP'))).toEqual([
      'seed,full,task3 MAP,2,0.7,,,,,,',
    ]);
  });

  it('is drawn for terminals, READMEs, spreadsheets and papers', () => {
    expect(renderSweepText(table)).toContain('.400 ± .141 (2 of 3)');
    expect(renderSweepText(table)).toContain('failed (out of');
    const markdown = renderSweepMarkdown(table).split('\n');
    expect(markdown[2]).toBe('| full | 1.000 ± .000 | .900 ± .100 | 3 of 3 |  |');
    expect(markdown[4]).toBe('| a\\|b | missing | missing | 0 of 3 |  |');
    const csv = renderSweepCsv(table);
    expect(csv).toContain('\nmean,full,task1 MAP,,0.9,');
    expect(csv).toContain('failed,\'- mask & noise,,3,,,,,,,"out of\nmemory"\n');
    const latex = renderSweepLatex(table);
    expect(latex).toContain(
      '- mask \\& noise & .333 $\\pm$ .000 (2 of 3) & .400 $\\pm$ .141 (2 of 3) & 2 of 3 &  \\\\\n',
    );
    const named = { ...table, rows: table.rows.map((row) => ({ ...row, variant: 'x={"a_b":1} \\ 5$' })) };
    expect(renderSweepLatex(named)).toContain('x=\\{"a\\_b":1\\} \\textbackslash{} 5\\$ & 1.000');
    expect(latex).toContain('% - mask & noise, seed 3: failed (out of memory)\n');
  });
});
