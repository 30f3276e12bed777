import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readHeadsFigure } from '../../src/pipeline/sweep-results.js';

it('takes the first row of a run, and of a learning curve the last amount of labels', () => {
  const run = mkdtempSync(join(tmpdir(), 'heads-'));
  const result = (features: string, few: unknown, map: number) => ({
    ...{ task: 'task1', features, few, metrics: { map } },
  });
  const results = [
    result('encoder', { recordings: 1 }, 0.2),
    result('raw-pose', { recordings: 1 }, 0.1),
    result('encoder', null, 0.8),
    result('raw-pose', null, 0.6),
  ];
  writeFileSync(join(run, 'results.json'), JSON.stringify(results));
  expect(readHeadsFigure(run)).toEqual({ name: 'task1 MAP', value: 0.8 });
});
