import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadKind } from '../../src/config/kinds.js';
import { asImportOptions } from '../../src/config/schema/import.js';
import { importDataset } from '../../src/data/import-dataset.js';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { writeCalms21Json } from '../../src/data/simulate/write-calms21-json.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { renderText } from '../../src/report/table.js';
import { writeFinetunedRun } from '../pipeline/finetuned-run.js';
import { writePretrainedRun } from '../pipeline/pretrained-run.js';

/** Small, but every recording shows every class of tasks 1 and 2. */
const SIZES = {
  ...CALMS21_SIZES.tiny,
  task1: { train: { recordings: 4, frames: 4800 }, test: { recordings: 2, frames: 2400 } },
  task2: CALMS21_SIZES.tiny.task2.map(() => ({
    train: { recordings: 3, frames: 2400 },
    test: { recordings: 2, frames: 1200 },
  })),
};

describe('from JSON files to the table of results', { timeout: 300_000 }, () => {
  it('imports, pretrains, fits heads and their controls, and takes up where it stopped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'end-to-end-'));
    const json = join(folder, 'json');
    const data = join(folder, 'data');
    await writeCalms21Json(json, { seed: 3, sizes: SIZES, indent: 0 }, () => {});

    const { settings } = loadKind('import', {
      file: 'configs/quickstart-import.yaml',
      overrides: [`source.files=["${json}"]`, `out="${data}"`],
      environment: {},
    });
    const imported = await importDataset(asImportOptions(settings), data, {
      baseFolder: '.',
      overwrite: false,
    });
    expect(imported.status).toBe('written');
    const dataset = openDataset(data);
    expect(dataset.recordings.filter(({ subset }) => subset === 'task1/train')).toHaveLength(4);
    dataset.close();

    const run = await writePretrainedRun(folder, data, 'encoder', ['data.subsets=[unlabelled]']);
    const overrides = [
      `run="${run.folder}"`,
      'protocol={type: calms21, tasks: [1, 2]}',
      'rows=[encoder, raw-pose]',
      'shiftedLabels=[raw-pose]',
    ];
    const { results, table } = await writeFinetunedRun(folder, data, 'heads', overrides);

    const groups = ['task1', 'task2 zero-shot', 'task2'];
    for (const features of ['encoder', 'raw-pose', 'raw-pose (labels shifted)']) {
      const own = results.filter((result) => result.features === features);
      expect(own.map(({ group }) => group)).toEqual([
        'task1',
        ...Array(5).fill('task2 zero-shot'),
        ...Array(5).fill('task2'),
      ]);
      expect(own.every(({ transductive }) => !transductive)).toBe(true);
    }
    expect(table.columns.map(({ title }) => title)).toEqual(
      groups.flatMap((group) => [`${group} F1`, `${group} MAP`]),
    );
    expect(table.differences.some(({ row, control }) => row === 'encoder' && control === 'raw-pose')).toBe(
      true,
    );
    expect(renderText(table)).toContain('chance');

    const written = readFileSync(join(folder, 'heads', 'results.json'), 'utf8');
    const again = await writeFinetunedRun(folder, data, 'heads', overrides, { resume: true });
    expect(again.results).toHaveLength(results.length);
    expect(readFileSync(join(folder, 'heads', 'results.json'), 'utf8')).toBe(written);
  });
});
