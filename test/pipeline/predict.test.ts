import fs, { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readBentoAnnotations } from '../../src/data/formats/bento-annotations.js';
import { readBorisEvents } from '../../src/data/formats/boris.js';
import { type AnnotationStream, paintBouts } from '../../src/data/formats/bouts.js';
import { OWN_BOUTS_CSV, readBoutsCsv } from '../../src/data/formats/bouts-csv.js';
import { OWN_FRAMES_CSV, readFramesCsv } from '../../src/data/formats/frames-csv.js';
import { parseNpy } from '../../src/data/formats/npy.js';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { simulatedCalms21Source } from '../../src/data/simulate/simulate-calms21.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { writeDataset } from '../../src/data/store/write-dataset.js';
import { labelFrames } from '../../src/evaluation/bouts/label-frames.js';
import { CALMS21_TASK1 } from '../../src/evaluation/protocols/calms21.js';
import { measureTask } from '../../src/evaluation/protocols/measure.js';
import type { TaskResult } from '../../src/evaluation/protocols/run-task.js';
import { openHeads } from '../../src/pipeline/apply-heads.js';
import { chooseHeads } from '../../src/pipeline/apply-heads-choose.js';
import { type PredictJob, predictDataset } from '../../src/pipeline/predict.js';
import { writePrediction } from '../../src/pipeline/predict-files.js';
import { applyTo, createContext, writeFinetunedRun } from './finetuned-run.js';
import { writeTinyDataset } from './tiny-data.js';

const folder = mkdtempSync(join(tmpdir(), 'predict-'));
const data = join(folder, 'data');
const RAW = { smoothSeconds: 0, minimalBoutSeconds: 0 };
const results: Record<string, readonly TaskResult[]> = {};

beforeAll(async () => {
  await writeTinyDataset(data);
  const run = async (name: string, ...overrides: readonly string[]) => {
    results[name] = (await writeFinetunedRun(folder, data, name, overrides)).results;
  };
  const rows = 'rows=[kinematics & raw-pose, kinematics+raw-pose]';
  await run('official', 'protocol={type: calms21, tasks: [1]}', rows, 'head.strengths=[0.3, 0.1]');
  const folds = 'protocol={type: own, tracks: [task1, task3/groom], folds: 2}';
  await run('folds', folds, 'rows=[raw-pose]');
});

function predict(run: string, out: string, more: Partial<PredictJob> = {}) {
  const outFolder = join(folder, out);
  const common = { datasetFolder: data, outFolder, formats: ['npy'] as const, ...RAW };
  return predictDataset({ ...applyTo(join(folder, run)), ...common, ...more }, createContext());
}

function readProbabilities(out: string, id: string): Float32Array {
  const path = join(folder, out, `${id}.npy`);
  return parseNpy(readFileSync(path), path).data as Float32Array;
}

/** The figures of predicted recordings, as the run itself measures them. */
function measure(out: string, ids: readonly string[]) {
  const dataset = openDataset(data);
  const classes = dataset.header.tracks.find(({ name }) => name === 'task1')?.vocabulary ?? [];
  const scored = ids.map((id) => {
    const recording = dataset.recordings.findIndex((entry) => entry.id === id);
    const { frames } = dataset.recordings[recording];
    const labels = dataset.readLabels(recording, 'task1', 0, frames);
    return {
      recording,
      id,
      labels: labels.map((label) => CALMS21_TASK1.classes.indexOf(classes[label])),
      probabilities: readProbabilities(out, id),
    };
  });
  dataset.close();
  return measureTask(CALMS21_TASK1, scored);
}

describe('openHeads', () => {
  it('describes every recording by what one and the same head sees, whichever predicts it', async () => {
    const dataset = openDataset(data);
    const recording = dataset.recordings.findIndex(({ tracks }) => tracks.includes('task1'));
    const described = [];
    for (const allFolds of [false, true]) {
      const job = { ...applyTo(join(folder, 'folds'), { task: 'task1' }), allFolds };
      const heads = await openHeads(job, dataset, () => {});
      described.push(heads.readInputs(recording, Uint32Array.of(0, 5, 9)));
      heads.dispose();
    }
    dataset.close();
    expect(described[0]).toEqual(described[1]);
  });
});

describe('predictDataset', () => {
  it('says what to do where its folder may not be made', async () => {
    const { mkdirSync } = fs;
    const closed = () => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    };
    Object.assign(fs, { mkdirSync: closed });
    syncBuiltinESMExports();
    try {
      await expect(predict('official', 'closed')).rejects.toThrow('this user may not write there');
    } finally {
      Object.assign(fs, { mkdirSync });
      syncBuiltinESMExports();
    }
  });

  it('gives the probabilities that the run has scored, for both ways to combine features', async () => {
    for (const [index, features] of ['kinematics & raw-pose', 'kinematics+raw-pose'].entries()) {
      const job = applyTo(join(folder, 'official'), { features });
      const summary = await predict('official', `same-${index}`, job);
      const own = results.official.find((result) => result.features === features);
      const measured = measure(`same-${index}`, own?.evidence.recordings ?? []);
      expect(measured.metrics.map).toBeCloseTo(own?.metrics.map ?? Number.NaN, 9);
      expect(measured.evidence).toEqual(own?.evidence);
      const trained = summary.recordings.filter(({ isTrainedOn }) => isTrainedOn);
      expect(new Set(trained.map(({ subset }) => subset))).toEqual(new Set(['task1/train']));
      expect(trained).toHaveLength(2);
    }
  });

  it('predicts a recording by the fold that held it out, and new ones by the head of all recordings', async () => {
    const job = applyTo(join(folder, 'folds'), { task: 'task1' });
    const { recordings } = await predict('folds', 'folds-out', job);
    const labelled = recordings.filter(({ subset }) => subset.startsWith('task1/'));
    expect(labelled.map(({ splits }) => splits.length)).toEqual([1, 1, 1]);
    expect(new Set(labelled.flatMap(({ splits }) => splits)).size).toBe(2);
    expect(recordings.some(({ isTrainedOn }) => isTrainedOn)).toBe(false);
    const own = results.folds.find(({ task }) => task === 'task1');
    const measured = measure('folds-out', own?.evidence.recordings ?? []);
    expect(measured.evidence.confusion).toEqual(own?.evidence.confusion);
    const fresh = recordings.filter(({ subset }) => subset === 'unlabelled');
    expect(fresh[0].splits).toEqual(['all']);

    const all = await predict('folds', 'all-out', { ...job, allFolds: true });
    expect(all.recordings.filter(({ isTrainedOn }) => isTrainedOn)).toHaveLength(3);
    expect(readProbabilities('all-out', fresh[0].id)).toEqual(readProbabilities('folds-out', fresh[0].id));
    expect(readProbabilities('all-out', labelled[0].id)).not.toEqual(
      readProbabilities('folds-out', labelled[0].id),
    );
  });

  it('writes files that the readers of labels take', async () => {
    const formats = ['frames-csv', 'bouts-csv', 'bento', 'boris', 'npy'] as const;
    const bouts = { smoothSeconds: 0.2, minimalBoutSeconds: 0.5 };
    const { recordings, classes } = await predict('official', 'formats', { formats, ...bouts });
    const { id, files, frames, framesPerSecond } = recordings[0];
    expect(files).toEqual(
      [`.frames.csv`, '.bouts.csv', '.annot', '.boris.csv', '.npy'].map((end) => id + end),
    );
    const read = (index: number) => readFileSync(join(folder, 'formats', files[index]), 'utf8');
    const probabilities = readProbabilities('formats', id);
    const expected = labelFrames(probabilities, classes.length, framesPerSecond, bouts);
    const track = { name: 'task1', vocabulary: classes };
    const painting = { track, rename: {}, ignore: [], background: null, beyondEnd: 'refuse' } as const;
    const paint = ({ bouts }: AnnotationStream) => paintBouts(bouts, frames, painting, 'it').labels;

    const columns = readFramesCsv(read(0), 'it', OWN_FRAMES_CSV);
    expect(columns.map(({ name }) => name)).toEqual([
      'seconds',
      'label',
      ...classes.map((name) => `p_${name}`),
    ]);
    expect(paint(columns[1])).toEqual(expected);
    const written = new Float32Array(frames);
    for (const { name, start, stop } of columns[2].bouts) written.fill(Number(name), start, stop);
    expect(written).toEqual(probabilities.filter((_, index) => index % classes.length === 0));

    for (const streams of [
      readBoutsCsv(read(1), 'it', OWN_BOUTS_CSV, framesPerSecond),
      readBentoAnnotations(read(2), 'it'),
      readBorisEvents(read(3), 'it', { framesPerSecond, timeOffsetSeconds: 'file' }),
    ]) {
      expect(streams.map(({ name }) => name)).toEqual(['task1']);
      expect(paint(streams[0])).toEqual(expected);
    }
  });

  it('makes labels as was chosen in training, unless told otherwise; probabilities stay as they are', async () => {
    const formats = ['npy', 'frames-csv'] as const;
    const chosen = { smoothSeconds: null, minimalBoutSeconds: null };
    const { fits } = results.official[0];
    const { recordings } = await predict('official', 'chosen', { ...chosen, formats });
    expect(fits[0].bouts).not.toBeNull();
    expect(recordings[0].bouts).toEqual({
      smoothSeconds: fits[0].bouts?.smoothSeconds,
      minimalBoutSeconds: fits[0].bouts?.minimalBoutSeconds,
    });
    const mixed = await predict('official', 'mixed', { ...chosen, smoothSeconds: 3, formats });
    expect(mixed.recordings[0].bouts.smoothSeconds).toBe(3);
    expect(mixed.recordings[0].bouts.minimalBoutSeconds).toBe(fits[0].bouts?.minimalBoutSeconds);
    const { id } = recordings[0];
    await predict('official', 'raw', {});
    for (const out of ['chosen', 'mixed']) {
      expect(readProbabilities(out, id)).toEqual(readProbabilities('raw', id));
    }
  });

  it('refuses another skeleton with the names of both sides', async () => {
    const other = join(folder, 'other');
    const source = simulatedCalms21Source({ seed: 1, sizes: CALMS21_SIZES.tiny, missingShare: 0 });
    const { skeleton } = source.header;
    const keypoints = skeleton.keypoints.map((name) => (name === 'neck' ? 'necks' : name));
    const header = { ...source.header, skeleton: { ...skeleton, keypoints } };
    await writeDataset(other, { ...source, header }, { overwrite: false, origin: 'other' });
    const refused = predict('official', 'never', { datasetFolder: other });
    await expect(refused).rejects.toMatchObject({
      message: expect.stringMatching(/the head has nose, .*neck.*; the data set nose, .*necks/),
      hint: expect.stringContaining('.rename maps other names, e.g. { necks: neck }'),
    });
  });

  it('refuses the same animals in another order, and tells other names', async () => {
    const write = async (name: string, names: readonly string[]) => {
      const source = simulatedCalms21Source({ seed: 1, sizes: CALMS21_SIZES.tiny, missingShare: 0 });
      const animals = { ...source.header.animals, names };
      const given = { ...source, header: { ...source.header, animals } };
      await writeDataset(join(folder, name), given, { overwrite: false, origin: name });
      return { datasetFolder: join(folder, name) };
    };
    const swapped = await write('swapped', ['intruder', 'resident']);
    await expect(predict('official', 'never', swapped)).rejects.toThrow(
      /the heads know the animals resident, intruder; .*swapped has intruder, resident/,
    );
    const context = createContext();
    const job = {
      ...applyTo(join(folder, 'official')),
      ...RAW,
      formats: [],
      outFolder: join(folder, 'named'),
    };
    await predictDataset({ ...job, ...(await write('named', ['black', 'white'])) }, context);
    expect(context.events[0]).toMatchObject({ type: 'message', level: 'warning' });
  });

  it('stops between recordings, and says how far it came', async () => {
    const stop = new AbortController();
    const emit = ({ type }: { readonly type: string }) => type === 'progress' && stop.abort('SIGINT');
    const job = { ...applyTo(join(folder, 'official')), ...RAW, formats: ['npy'] as const };
    const summary = await predictDataset(
      { ...job, datasetFolder: data, outFolder: join(folder, 'stopped') },
      { ...createContext(), emit, signal: stop.signal },
    );
    expect([summary.ending, summary.recordings.length]).toEqual(['stopped', 1]);
    expect(JSON.parse(readFileSync(join(folder, 'stopped', 'predictions.json'), 'utf8'))).toEqual(summary);
  });

  it('lists what there is when the heads are not clear', async () => {
    await expect(predict('folds', 'never')).rejects.toMatchObject({
      kind: 'usage',
      hint: 'Add --task and one of task1, task3/groom',
    });
    const folds = join(folder, 'folds');
    const missing = predict('folds', 'never', applyTo(folds, { task: 'task4' }));
    await expect(missing).rejects.toMatchObject({ hint: 'It has task1, task3/groom' });
    const row = predict('official', 'never', applyTo(join(folder, 'official'), { features: 'raw-pose' }));
    await expect(row).rejects.toMatchObject({ hint: 'It has kinematics & raw-pose, kinematics+raw-pose' });
    const groom = await predict('folds', 'groom-out', applyTo(folds, { task: 'task3/groom' }));
    expect(groom.classes).toEqual(['other', 'groom']);
    expect(() => applyTo(data)).toThrow('is not the folder of a run');
  });

  it('says that baselines keep no heads, and passes over them where no row is named', () => {
    const mixed = join(folder, 'mixed');
    cpSync(join(folder, 'official'), mixed, { recursive: true });
    const baseline = { ...results.official[0], features: 'conv-net' };
    writeFileSync(join(mixed, 'results.json'), JSON.stringify([baseline, ...results.official]));
    const choice = { task: null, features: null, seed: null };
    const rows = ['conv-net', 'kinematics & raw-pose', 'kinematics+raw-pose'];
    expect(chooseHeads(mixed, rows, choice).features).toBe('kinematics & raw-pose');
    const refusal = (listed: readonly string[], features: string | null) => {
      try {
        return chooseHeads(mixed, listed, { ...choice, features });
      } catch (error) {
        return error;
      }
    };
    expect(refusal(rows, 'conv-net')).toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('keeps no heads of conv-net: such rows'),
      hint: 'Name a row with heads: kinematics & raw-pose, kinematics+raw-pose',
    });
    expect(refusal(['conv-net', 'fine-tuned'], null)).toMatchObject({
      kind: 'data',
      message: expect.stringContaining('keeps no heads of conv-net, fine-tuned: such rows'),
      hint: expect.stringContaining('Add a row on features'),
    });
  });
});

describe('writePrediction', () => {
  it('keeps spreadsheets from running names', () => {
    const prediction = {
      ...{ id: '=id', framesPerSecond: 30, track: '@track', classes: ['=cmd', 'a,b'] },
      probabilities: Float32Array.of(1, 0, 0.25, 0.75),
      labels: Int16Array.of(0, 1),
    };
    const files = writePrediction(folder, prediction, ['frames-csv', 'bouts-csv', 'boris']);
    const [frames, bouts, boris] = files.map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(frames).toBe(`frame,seconds,label,p_=cmd,"p_a,b"\n0,0,'=cmd,1,0\n1,0.033333,"a,b",0.25,0.75\n`);
    expect(bouts).toBe(`track,behaviour,start,stop\n'@track,'=cmd,0,1\n'@track,"a,b",1,2\n`);
    expect(boris).not.toMatch(/(^|,)[=+@-]/m);
  });
});
