import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadHeads } from '../../src/pipeline/head-files.js';

/** A run with the heads of one split; a binary head of two features has three coefficients. */
function writeHeads(coefficients: readonly (number | null)[], splits: unknown = undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'heads-'));
  const standardiser = { mean: { float64: [0, 0] }, scale: { float64: [1, 1] } };
  const values = { float64: coefficients };
  const head = {
    ...{ kind: 'binary', classNames: ['other', 'a'], strength: 1 },
    ...{ standardiser, coefficients: { columns: 1, width: 2, values } },
  };
  const stored = {
    ...{ format: 'whisker-heads', version: 3, whole: null },
    splits: splits ?? [{ split: 'test', parts: [{ fitted: null, head }] }],
  };
  mkdirSync(join(folder, 'heads'));
  writeFileSync(join(folder, 'heads', 'a_encoder_seed_1.json'), JSON.stringify(stored));
  return folder;
}
const load = (folder: string) => loadHeads(folder, 'a', 'encoder', 1);

it('heads come back as they were written', () => {
  const [{ parts }] = load(writeHeads([0.1, 0.2, 0.3])).splits;
  expect(parts[0].head.coefficients.values).toEqual(Float64Array.of(0.1, 0.2, 0.3));
});

it.each([
  ['a coefficient is gone', writeHeads([0.1, 0.2])],
  ['one is no number', writeHeads([0.1, null, Number.NaN])],
  ['the splits are something else', writeHeads([], 'none')],
])('heads of which %s are refused by the name of their file', (_, folder) => {
  expect(() => load(folder)).toThrow(/a_encoder_seed_1\.json is damaged/);
});
