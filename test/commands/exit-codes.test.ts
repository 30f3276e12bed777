import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyDataset } from '../pipeline/tiny-data.js';
import { buildDist, runWhisker } from './dist.js';

let folder: string;
beforeAll(async () => {
  buildDist();
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-exit-'));
  await writeTinyDataset(path.join(folder, 'data'));
  const settings = [
    'kind: pretrain',
    'name: run',
    'data: { folder: data }',
    'window: { windowFrames: 32, patchFrames: 4 }',
    'encoder: { type: transformer, width: 16, layers: 1, heads: 2, feedForward: 16 }',
    'probe: null',
    'training: { duration: { steps: 1000000 }, batchWindows: 8, workers: 0 }',
    'engine: { mode: graph }',
  ];
  writeFileSync(path.join(folder, 'run.yaml'), `${settings.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

// 1 and 5, and every kind of error: output.test.ts.
test.each([
  [0, ['config', 'check', 'run.yaml']],
  [2, ['pretrain', 'run.yaml', 'sede=1']],
  [3, ['data', 'inspect', 'nowhere']],
  [4, ['pretrain', 'run.yaml', 'name=huge', 'training.batchWindows=100000000', '--plain']],
])('%i: %j', (status, args) => {
  expect(runWhisker(args, { cwd: folder }).status).toBe(status);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a run in order with %i', async (signal, status) => {
  const args = ['pretrain', 'run.yaml', `name=${signal}`, '--plain'];
  const child = spawn(process.execPath, [path.join(buildDist(), 'main.js'), ...args], {
    ...{ cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    env: { PATH: process.env.PATH ?? '' },
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let told = '';
  let isAsked = false;
  child.stderr?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    if (isAsked || !told.includes('\ntrain: ')) return;
    isAsked = true;
    child.kill(signal);
  });
  expect(await ended).toBe(status);
  expect(told).toContain('checkpoint at step');
  expect(told).toContain('--resume');
});
