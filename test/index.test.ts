import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embed, pretrain, type RunEvent, readDataset, UserError } from '../src/index.js';
import { buildDist } from './commands/dist.js';
import { writeTinyDataset } from './pipeline/tiny-data.js';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-library-'));
  await writeTinyDataset(path.join(folder, 'data'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const stage = () => ({
  overrides: [
    'kind=pretrain',
    'name=mine',
    `data.folder="${path.join(folder, 'data')}"`,
    'window={windowFrames: 32, patchFrames: 4}',
    'encoder={type: transformer, width: 16, layers: 1, heads: 2, feedForward: 16}',
    'training.duration={steps: 3}',
    'training.batchWindows=8',
    'training.warmupSteps=2',
    'training.workers=0',
    'probe=null',
    'engine={device: cpu, mode: graph}',
  ],
  folder: path.join(folder, 'mine'),
});

test('pretrains, embeds and reads as the commands do', async () => {
  const events: RunEvent[] = [];
  const { folder: run, step } = await pretrain({ ...stage(), onEvent: (event) => events.push(event) });
  expect({ run, step }).toEqual({ run: path.join(folder, 'mine'), step: 3 });
  expect(events.filter(({ type }) => type === 'started' || type === 'finished')).toHaveLength(2);

  const out = path.join(folder, 'features');
  const data = path.join(folder, 'data');
  const { width, frames } = await embed({ run, data, out, device: 'cpu' });
  expect(width).toBe(16);

  const dataset = readDataset(data);
  expect(frames).toBe(dataset.recordings.reduce((sum, recording) => sum + recording.frames, 0));
  const [first] = dataset.recordings;
  // npy version 1: a header of 128 bytes, then float32 [frame, feature].
  expect(readFileSync(path.join(out, `${first.id}.npy`)).byteLength).toBe(128 + first.frames * width * 4);
  dataset.close();
});

test('a folder that is there is refused; an aborted signal ends a run that has saved', async () => {
  const again = pretrain(stage());
  await expect(again).rejects.toThrow(UserError);
  await expect(again).rejects.toThrow('is there already');
  const { ending, step } = await pretrain({
    ...stage(),
    existing: 'overwrite',
    signal: AbortSignal.abort(),
  });
  expect(ending).toBe('stopped');
  expect(existsSync(path.join(folder, 'mine', 'steps'))).toBe(true);
  expect(step).toBeLessThan(3);
});

test('importing the package starts nothing and loads no native code', () => {
  const entry = pathToFileURL(path.join(buildDist(), 'index.js')).href;
  const script = `
    const names = Object.keys(await import(${JSON.stringify(entry)})).sort();
    const native = process.report.getReport().sharedObjects.filter((file) => /tensorflow|tfjs/.test(file));
    console.log(JSON.stringify({ names, native }));
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  // It ends by itself: nothing was left running.
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    names: ['UserError', 'embed', 'finetune', 'pretrain', 'readDataset'],
    native: [],
  });
});
