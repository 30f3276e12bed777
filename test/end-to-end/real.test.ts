import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadKind } from '../../src/config/kinds.js';
import { asImportOptions } from '../../src/config/schema/import.js';
import { parseNpy } from '../../src/data/formats/npy.js';
import { importDataset } from '../../src/data/import-dataset.js';
import { embedDataset } from '../../src/pipeline/embed.js';
import { predictDataset } from '../../src/pipeline/predict.js';
import { applyTo, createContext, writeFinetunedRun } from '../pipeline/finetuned-run.js';
import { writePretrainedRun } from '../pipeline/pretrained-run.js';
import { writeTinyDataset } from '../pipeline/tiny-data.js';

const real = process.env.WHISKER_REAL_DATA ?? '../shared/data';
const isMissing = !existsSync(real);
if (isMissing) console.log(`skipped: WHISKER_REAL_DATA (${real}) is not there`);

/** One of the forty videos for each fold. */
const VIDEOS = [1, 2, 3, 4, 5];

describe.skipIf(isMissing)('real recordings', { timeout: 300_000 }, () => {
  it('the rat videos: an encoder that never saw the scored fold, heads, TRIAL above the missing pattern', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rats-'));
    const data = join(folder, 'data');
    const { settings } = loadKind('import', {
      file: 'configs/rats-import.yaml',
      overrides: [
        `source.files=${JSON.stringify(VIDEOS.map((video) => `${real}/rats/pose/${video}DLC*.csv.gz`))}`,
        `source.annotations.0.files=${JSON.stringify(VIDEOS.map((video) => `${real}/rats/annotations/${video}_annot.txt`))}`,
        `out="${data}"`,
      ],
      environment: { WHISKER_REAL_DATA: real },
    });
    const imported = await importDataset(asImportOptions(settings), data, {
      baseFolder: '.',
      overwrite: false,
    });
    expect(imported.status).toBe('written');

    const runs: string[] = [];
    for (let fold = 0; fold < 5; fold++) {
      const run = await writePretrainedRun(folder, data, `fold${fold}`, [
        `data.holdOut.modulo={divisor: 5, remainders: [${fold}]}`,
        'window={windowFrames: 60, patchFrames: 5, patch: mean}',
        'training.duration={steps: 3}',
      ]);
      runs.push(run.folder);
    }
    const { results, table } = await writeFinetunedRun(folder, data, 'heads', [
      `run=${JSON.stringify(runs)}`,
      'protocol={type: rats, parts: [folds]}',
      'rows=[encoder, kinematics]',
      'kinematics.roles=symmetric',
      'shiftedLabels=[kinematics]',
      'features.pooling={statistics: histogram, scalesSeconds: [2, 15]}',
      'features.layers=[-1]',
      'head.everyFrames=60',
      'head.strengths=[0.3]',
    ]);
    const trial = Object.fromEntries(results.map(({ features, metrics }) => [features, metrics.map]));
    // A third is chance; under .54 only which points are missing was learned. Shifted labels keep what videos differ in.
    expect(trial.kinematics).toBeGreaterThan(0.54);
    expect(trial['kinematics (labels shifted)']).toBeLessThan(trial.kinematics - 0.05);
    expect(trial.encoder).toBeGreaterThan(1 / 3);
    expect(results.every(({ transductive }) => !transductive)).toBe(true);
    expect(table.columns.map(({ title }) => title)).toEqual(['rats/folds TRIAL']);
  });

  it('one sequence of CalMS21: import, features of every frame, prediction', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mouse083-'));
    const tiny = join(folder, 'tiny');
    await writeTinyDataset(tiny);
    const data = join(folder, 'data');
    const source = {
      format: 'calms21' as const,
      name: 'mouse083',
      files: [`${real}/calms21/calms21_task1_test_mouse083_only.json`],
      contents: [],
    };
    await importDataset(source, data, { baseFolder: '.', overwrite: false });

    const run = await writePretrainedRun(folder, tiny, 'encoder', []);
    const job = {
      runFolder: run.folder,
      checkpoint: 'last' as const,
      datasetFolder: data,
      outFolder: join(folder, 'features'),
    };
    const embedded = await embedDataset(
      { ...job, format: 'npy', device: 'cpu', layers: [-1], stride: 0.5, batchWindows: 16, components: null },
      createContext(),
    );
    expect(embedded).toMatchObject({ recordings: 1, frames: 4881, width: 16, seenRecordings: [] });
    const index = JSON.parse(readFileSync(join(job.outFolder, 'index.json'), 'utf8'));
    const file = join(job.outFolder, index.recordings[0].file);
    expect(parseNpy(readFileSync(file), file).shape).toEqual([4881, 16]);

    const heads = await writeFinetunedRun(folder, tiny, 'heads', [
      'rows=[raw-pose]',
      'protocol={type: own, tracks: [task1], folds: 2, unscored: [other]}',
    ]);
    const predicted = await predictDataset(
      {
        ...applyTo(heads.folder),
        datasetFolder: data,
        outFolder: join(folder, 'predictions'),
        formats: ['frames-csv'],
        smoothSeconds: 0,
        minimalBoutSeconds: 0,
      },
      createContext(),
    );
    expect(predicted.frames).toBe(4881);
  });
});
