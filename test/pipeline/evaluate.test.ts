import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadKind } from '../../src/config/kinds.js';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { simulatedCalms21Source } from '../../src/data/simulate/simulate-calms21.js';
import { writeDataset } from '../../src/data/store/write-dataset.js';
import { calibrationError } from '../../src/evaluation/metrics/calibration.js';
import type { TaskResult } from '../../src/evaluation/protocols/run-task.js';
import { type EvaluateJob, type EvaluateSummary, evaluateDataset } from '../../src/pipeline/evaluate.js';
import { runPretraining } from '../../src/pipeline/pretrain.js';
import { applyTo, createContext, writeFinetunedRun } from './finetuned-run.js';
import { writeTinyDataset } from './tiny-data.js';
import { writeUntrainedRun } from './untrained-run.js';

const folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
const data = join(folder, 'data');
const ALL = { track: null, rename: {}, subset: null };
let official: readonly TaskResult[];
let folds: readonly TaskResult[];

beforeAll(async () => {
  await writeTinyDataset(data);
  const rows = 'rows=[kinematics]';
  const run = (name: string, protocol: string) => writeFinetunedRun(folder, data, name, [protocol, rows]);
  official = (await run('official', 'protocol={type: calms21, tasks: [1]}')).results;
  folds = (await run('folds', 'protocol={type: own, tracks: [task1], folds: 3, unscored: [other]}')).results;
});

async function evaluate(run: string, more: Partial<EvaluateJob> = {}): Promise<EvaluateSummary> {
  const options = { ...applyTo(join(folder, run)), datasetFolder: data, labels: ALL, withTrained: false };
  const summary = await evaluateDataset({ ...options, ...more }, createContext());
  return summary as EvaluateSummary;
}

describe('evaluateDataset', () => {
  it("gives a run's own figures on its own data", async () => {
    for (const [run, [result]] of Object.entries({ official, folds })) {
      const summary = await evaluate(run);
      expect(summary.metrics.map, run).toBeCloseTo(result.metrics.map, 9);
      expect(summary.metrics.f1, run).toBeCloseTo(result.metrics.f1, 9);
      expect(summary.classes).toEqual(result.classes);
      expect(new Set(summary.recordings)).toEqual(new Set(result.evidence.recordings));
      expect(summary.confusion.flat().reduce((sum, count) => sum + count)).toBe(summary.frames);
      expect(summary.trainedOn).toEqual([]);
      const errors = summary.classes.map(({ name }) => {
        const bins = summary.calibration[name];
        expect(bins.reduce((sum, { frames }) => sum + frames, 0)).toBe(summary.frames);
        return calibrationError(bins);
      });
      const mean = errors.reduce((sum, error) => sum + error) / errors.length;
      expect(mean).toBeCloseTo(summary.metrics.calibrationError, 12);
    }
  });

  it('leaves out what the heads were fitted on, unless asked, and says so', async () => {
    const { leftOut, recordings, intervals } = await evaluate('official');
    expect([leftOut.length, recordings.length]).toEqual([2, 1]);
    expect(intervals).toEqual({ map: null, f1: null }); // a single recording
    const everything = await evaluate('official', { withTrained: true });
    expect(everything.recordings).toHaveLength(3);
    expect(new Set(everything.trainedOn)).toEqual(new Set(leftOut));
    const { low, high } = everything.intervals.map ?? { low: 1, high: 0 };
    expect(low).toBeLessThanOrEqual(everything.metrics.map);
    expect(high).toBeGreaterThanOrEqual(everything.metrics.map);
    const trainingOnly = evaluate('official', { labels: { ...ALL, subset: 'task1/train' } });
    await expect(trainingOnly).rejects.toThrow('fitted on every recording with the track task1');
  });

  it('scores other words where they are mapped, and tells those that are not', async () => {
    const labels = { ...ALL, track: 'task3/groom', rename: { groom: 'mount' } };
    const mapped = await evaluate('official', { labels });
    expect(mapped.unknownClasses).toEqual({});
    expect(mapped.absentClasses).toEqual(['attack', 'investigation']);
    expect(mapped.classes[2].support).toBe(31); // grooming frames of the two recordings
    const partly = await evaluate('official', { labels: { ...labels, rename: {} } });
    expect(Object.keys(partly.unknownClasses)).toEqual(['groom']);
    expect(partly.frames + partly.unknownClasses.groom).toBe(mapped.frames);
    await expect(
      evaluate('official', { labels: { ...labels, rename: { mounting: 'mount' } } }),
    ).rejects.toThrow('--map: track task3/groom has no class mounting');
    await expect(evaluate('official', { labels: { ...labels, rename: { other: 'rest' } } })).rejects.toThrow(
      '--map: the task task1 has no class rest',
    );
    await expect(evaluate('official', { labels: { ...ALL, track: 'task9' } })).rejects.toThrow(
      'no track task9',
    );
  });

  it('scores data that the run has never seen', async () => {
    const fresh = join(folder, 'fresh');
    const source = simulatedCalms21Source({ seed: 2, sizes: CALMS21_SIZES.tiny, missingShare: 0.05 });
    await writeDataset(fresh, source, { overwrite: false, origin: 'fresh' });
    const { recordings, leftOut, trainedOn } = await evaluate('folds', { datasetFolder: fresh });
    expect([recordings.length, leftOut, trainedOn]).toEqual([3, [], []]);
  });

  it('rebuilds features of an encoder, and refuses one that has changed', async () => {
    await pretrain('encoder');
    const encoder = join(folder, 'encoder');
    const settings = ['protocol={type: calms21, tasks: [1]}', `run="${encoder}"`];
    const rows = 'rows=[random-encoder & kinematics, encoder]';
    const { results } = await writeFinetunedRun(folder, data, 'encoded', [...settings, rows]);
    for (const result of results) {
      const summary = await evaluate(
        'encoded',
        applyTo(join(folder, 'encoded'), { features: result.features }),
      );
      expect(summary.metrics.map, result.features).toBeCloseTo(result.metrics.map, 9);
      // The encoder learned from all poses; a random one from none.
      expect(summary.transductive).toEqual(result.transductive ? summary.recordings : []);
    }
    expect(results.map(({ transductive }) => transductive)).toEqual([false, true]);
    writeUntrainedRun(encoder);
    await expect(evaluate('encoded')).rejects.toThrow('the heads were fitted on the encoder');
    const resumed = writeFinetunedRun(folder, data, 'encoded', [...settings, rows], { resume: true });
    await expect(resumed).rejects.toThrow(/can't be resumed bit for bit:\n\n {2}encoders\.0\.0: "/);
  });

  it('takes the encoder of each seed where the run names it so', async () => {
    for (const seed of [1, 2]) await pretrain(`encoder-${seed}`, seed);
    const settings = ['protocol={type: calms21, tasks: [1]}', `run="${join(folder, 'encoder-{seed}')}"`];
    const more = ['seeds=[1, 2]', 'rows=[encoder, kinematics]'];
    const { results } = await writeFinetunedRun(folder, data, 'seeded', [...settings, ...more]);
    expect(results.map(({ features, seed }) => `${features} ${seed}`)).toEqual([
      'encoder 1',
      'kinematics 1',
      'encoder 2',
    ]);
    for (const result of [results[0], results[2]]) {
      const choice = { features: 'encoder', seed: result.seed };
      const summary = await evaluate('seeded', applyTo(join(folder, 'seeded'), choice));
      expect(summary.metrics.map).toBeCloseTo(result.metrics.map, 9);
    }
    expect(results[0].metrics.map).not.toBe(results[2].metrics.map);
  });
});

/** Two steps, in a folder of this name. */
async function pretrain(name: string, seed = 0): Promise<void> {
  const loaded = loadKind('pretrain', {
    file: null,
    overrides: [
      'kind=pretrain',
      `name=${name}`,
      `seed=${seed}`,
      `data.folder="${data}"`,
      'window={windowFrames: 16, patchFrames: 2}',
      'encoder={type: temporalConv, width: 8, dilations: [1]}',
      'objectives=[{type: contrastive, positives: {kind: neighbours, withinSeconds: 1}}]',
      'training.duration={steps: 2}',
      'training.batchWindows=8',
      'training.warmupSteps=1',
      'training.workers=0',
      'probe={everySteps: 4, windows: 16, track: task1}',
      'engine={device: cpu, mode: graph}',
    ],
    environment: {},
  });
  const job = {
    settings: loaded.settings,
    given: { text: '', overrides: loaded.overrides, complete: loaded.unexpanded },
    folder: join(folder, name),
    policy: { resume: false, overwrite: false, forceUnlock: false },
  };
  await runPretraining(job, createContext());
}
