import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { findCheckpoint } from '../../src/checkpoint/run-folder.js';
import { loadKind } from '../../src/config/kinds.js';
import { type FinetuneSummary, runFinetuning } from '../../src/pipeline/finetune.js';
import { createContext, writeFinetunedRun } from './finetuned-run.js';
import { writePretrainedRun } from './pretrained-run.js';
import { writeTinyDataset } from './tiny-data.js';

const folder = mkdtempSync(join(tmpdir(), 'trained-rows-'));
const data = join(folder, 'data');
const SMALL = [
  'rows=[fine-tuned, conv-net]',
  `run="${join(folder, 'encoder')}"`,
  'protocol={type: calms21, tasks: [1]}',
  'fineTuned={epochs: 2, batchWindows: 8, checkpointSteps: 1}',
  'convNet={reachFrames: 10, channels: [4, 4], kernelSamples: 3, epochs: 1, everyFrames: 4, batchFrames: 16}',
  'convNet.newBehaviour={probeEpochs: 1, epochs: 1}',
];
let whole: FinetuneSummary;
let behaviours: FinetuneSummary;

beforeAll(async () => {
  await writeTinyDataset(data);
  await writePretrainedRun(folder, data, 'encoder', []);
  whole = await writeFinetunedRun(folder, data, 'whole', SMALL);
  const tasks = ['rows=[conv-net]', 'protocol.tasks=[1, 3]'];
  behaviours = await writeFinetunedRun(folder, data, 'behaviours', [...SMALL, ...tasks]);
});

/** The same run, asked to stop at the first checkpoint after the start. */
async function startAndStop(name: string): Promise<FinetuneSummary> {
  const loaded = loadKind('finetune', {
    file: null,
    overrides: [
      ...['kind=finetune', `name=${name}`, `data.folder="${data}"`, 'shiftedLabels=[]'],
      ...['features.pooling={statistics: moments, scalesSeconds: [0, 1]}', 'head.strengths=[1]'],
      ...['head.everyFrames=2', 'bootstrap.draws=100', 'engine={device: cpu, mode: graph}', ...SMALL],
    ],
    environment: {},
  });
  const stop = new AbortController();
  const context = {
    ...createContext(),
    signal: stop.signal,
    emit: ({ type }: { readonly type: string }) => {
      if (type === 'checkpoint') stop.abort();
    },
  };
  const given = { text: '', overrides: loaded.overrides, complete: loaded.unexpanded };
  const policy = { resume: false, overwrite: false, forceUnlock: false };
  return runFinetuning({ settings: loaded.settings, given, folder: join(folder, name), policy }, context);
}

const stateOf = (run: string, ...below: string[]) =>
  readCheckpoint(findCheckpoint(join(folder, run, 'trained', ...below), 'last') as string);

describe('rows that are trained', () => {
  it('are scored beside others, each task by its own training', () => {
    expect(whole.results.map(({ task, features }) => [task, features])).toEqual([
      ['task1', 'fine-tuned'],
      ['task1', 'conv-net'],
    ]);
    expect(behaviours.results).toHaveLength(8);
    expect(whole.results.every(({ metrics }) => metrics.map > 0 && metrics.map <= 1)).toBe(true);
    expect(whole.table.notes).toContain('fine-tuned: encoder and head trained together.');
    expect(whole.table.rows.map(({ name }) => name).slice(0, 2)).toEqual(['fine-tuned', 'conv-net']);
  });

  it('in task 3 start from the net of task 1', () => {
    const [probe, tune] = ['probe', 'tune'].map((phase) =>
      stateOf('behaviours', 'conv-net_seed_0', 'task3_groom', phase),
    );
    const start = stateOf('behaviours', 'conv-net_seed_0', 'task1', 'train').tensors;
    // A probe moves the last layer alone, and no running statistics.
    expect(probe.tensors['net/conv0/kernel'].data).toEqual(start['net/conv0/kernel'].data);
    expect(probe.tensors['average/net/conv0/norm/mean'].data).toEqual(
      start['average/net/conv0/norm/mean'].data,
    );
    expect(probe.tensors['head/kernel'].shape).toEqual([start['head/kernel'].shape[0], 2]);
    expect(tune.tensors['net/conv0/kernel'].data).not.toEqual(start['net/conv0/kernel'].data);
  });

  it('stop, save and go on to the same bits', async () => {
    const stopped = await startAndStop('stopped');
    expect([stopped.ending, stopped.results.length]).toEqual(['stopped', 0]);
    const saved = stateOf('stopped', 'fine-tuned_seed_0', 'task1').header.step;
    const end = stateOf('whole', 'fine-tuned_seed_0', 'task1');
    expect(saved).toBeGreaterThan(0);
    expect(saved).toBeLessThan(end.header.step);
    const resumed = await writeFinetunedRun(folder, data, 'stopped', SMALL, { resume: true });
    expect(stateOf('stopped', 'fine-tuned_seed_0', 'task1').tensors).toEqual(end.tensors);
    expect(resumed.results.map(({ metrics }) => metrics)).toEqual(
      whole.results.map(({ metrics }) => metrics),
    );
  });

  it('keep no heads that predict could read', () => {
    expect(readdirSync(join(folder, 'whole'))).not.toContain('heads');
  });
});

describe('several amounts of labels', () => {
  it('make a learning curve, each row beside controls of the same amount', async () => {
    const { curve, table, results } = await writeFinetunedRun(folder, data, 'curve', [
      'rows=[kinematics, raw-pose]',
      'protocol={type: own, tracks: [task1], folds: 3, unscored: [other]}',
      'labels=[{by: recordings, recordings: 1}, null]',
      'seeds=[0, 1]',
    ]);
    expect(results).toHaveLength(2 * 2 + 2); // all labels need one seed only
    expect(curve?.amounts).toEqual(['1 recording', 'all labels']);
    const line = curve?.lines.find(({ row, metric }) => row === 'kinematics' && metric === 'map');
    expect(line?.points.map((point) => point?.perSeed.length)).toEqual([2, 1]);
    const values = line?.points[0]?.perSeed.map(({ value }) => value) ?? [];
    expect(line?.points[0]?.mean).toBeCloseTo((values[0] + values[1]) / 2, 12);
    expect(line?.points[0]?.deviation).toBeCloseTo(Math.abs(values[0] - values[1]) / Math.SQRT2, 12);
    const [few, all] = line?.points.map((point) => point?.trainedFrames ?? 0) ?? [];
    expect(few).toBeLessThan(all);
    const pairs = table.differences.map(({ row, control }) =>
      [row, control].map((name) => name.split(', ')[1]),
    );
    expect(pairs.length).toBeGreaterThan(0);
    expect(pairs.every(([row, control]) => row === control)).toBe(true);
    rmSync(folder, { recursive: true, force: true });
  });
});
