import { mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { countConfusion, predictClasses } from '../../src/evaluation/metrics/confusion.js';
import type { TaskResult } from '../../src/evaluation/protocols/run-task.js';
import { loadPredictions } from '../../src/pipeline/kept-predictions.js';
import { writeFinetunedRun } from './finetuned-run.js';
import { writeTinyDataset } from './tiny-data.js';

const folder = mkdtempSync(join(tmpdir(), 'kept-predictions-'));
const data = join(folder, 'data');
const run = join(folder, 'run');
let results: readonly TaskResult[];

beforeAll(async () => {
  await writeTinyDataset(data);
  const more = [
    'protocol={type: own, tracks: [task1], folds: 2}',
    'rows=[raw-pose]',
    'shiftedLabels=[raw-pose]',
  ];
  results = (await writeFinetunedRun(folder, data, 'run', more)).results;
});

it.runIf(process.platform === 'linux')('lets go of the data set', () => {
  const open = readdirSync('/proc/self/fd').flatMap((file) => {
    try {
      return [readlinkSync(`/proc/self/fd/${file}`)];
    } catch {
      return []; // the one by which the list was read
    }
  });
  expect(open.filter((path) => path.startsWith(data))).toEqual([]);
});

it('keeps what was scored: the confusion of every recording comes out again', () => {
  const kept = loadPredictions(run, 'task1', 'raw-pose', 0);
  if (kept === null) throw new Error('nothing was kept');
  const dataset = openDataset(data);
  const [{ evidence }] = results;
  expect(kept.dataset).toBe(dataset.hash);
  expect(kept.recordings.map(({ id }) => id)).toEqual(evidence.recordings);
  const vocabulary = dataset.header.tracks.find(({ name }) => name === kept.track)?.vocabulary ?? [];
  kept.recordings.forEach(({ id, frames }, index) => {
    const number = dataset.recordings.findIndex((entry) => entry.id === id);
    const labels = dataset.readLabels(number, kept.track, 0, frames);
    const own = labels.map((label) => kept.classes.indexOf(vocabulary[label]));
    const predicted = predictClasses(kept.probabilities[index], kept.classes.length);
    const { counts } = countConfusion(own, predicted, kept.classes.length);
    expect([...counts]).toEqual(evidence.confusion[index]);
  });
  dataset.close();
});

it('says null where nothing was kept: rows on shifted labels, runs of before', () => {
  expect(loadPredictions(run, 'task1', 'raw-pose (labels shifted)', 0)).toBeNull();
  expect(readdirSync(join(run, 'predictions'))).toHaveLength(1);
});

it('refuses a file that was cut', () => {
  const [name] = readdirSync(join(run, 'predictions'));
  const path = join(run, 'predictions', name);
  writeFileSync(path, gzipSync(gunzipSync(readFileSync(path)).subarray(0, -2)));
  expect(() => loadPredictions(run, 'task1', 'raw-pose', 0)).toThrow(/damaged: expected \d+ bytes/);
});
