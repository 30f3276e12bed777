import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadKind } from '../../src/config/kinds.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { UserError } from '../../src/errors.js';
import { estimateNeeds, measureLimits, refuseWhatCannotFit } from '../../src/pipeline/fit-limits.js';
import { planTraining } from '../../src/pipeline/training-plan.js';
import { writeTinyDataset } from './tiny-data.js';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-limits-'));
  await writeTinyDataset(path.join(folder, 'store'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function needsOf(overrides: readonly string[], totalSteps: number | null = 1000) {
  const { settings } = loadKind('pretrain', {
    file: 'configs/quickstart.yaml',
    overrides: [`data.folder="${folder}/store"`, 'data.subsets=null', ...overrides],
    environment: {},
  });
  const dataset = openDataset(settings.data.folder);
  const plan = planTraining(settings, dataset, () => {});
  dataset.close();
  return { settings, needs: estimateNeeds(settings, plan, totalSteps) };
}

const GIGABYTE = 1e9;
const ROOMY = { memoryBytes: 8 * GIGABYTE, diskBytes: GIGABYTE };

function refusal(overrides: readonly string[], limits = ROOMY, isOnHost = true): UserError | undefined {
  const { settings, needs } = needsOf(overrides);
  try {
    refuseWhatCannotFit(settings, needs, limits, isOnHost);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  return undefined;
}

test('the quickstart fits; its need is near to what a run takes (0.8 GB)', () => {
  expect(refusal([])).toBeUndefined();
  expect(needsOf([]).needs.memoryBytes / GIGABYTE).toBeGreaterThan(0.6);
  expect(needsOf([]).needs.memoryBytes / GIGABYTE).toBeLessThan(1);
});

test('what can’t fit into memory is refused, with the settings to lower and their values', () => {
  const error = refusal(['training.batchWindows=20000', 'encoder.width=512']);
  expect(error).toMatchObject({ kind: 'device' });
  expect(error?.message).toMatch(/^The run needs about \d+\.\d GB of memory, and 8\.0 GB are free$/);
  expect(error?.hint).toContain(
    'training.batchWindows (20000), window.windowFrames (64) or encoder.width (512)',
  );
  expect(error?.hint).toContain('--ignore-limits');
});

test('on a GPU the memory of the machine says nothing', () => {
  expect(refusal(['training.batchWindows=20000'], ROOMY, false)).toBeUndefined();
});

test('checkpoints that can’t fit onto the disk are refused: those that stay, and one while it is written', () => {
  const { checkpointBytes } = needsOf([]).needs;
  const limits = { memoryBytes: 8 * GIGABYTE, diskBytes: 3 * checkpointBytes };
  expect(refusal(['checkpoint.everySteps=100'], limits)).toBeUndefined();
  const error = refusal(['checkpoint.everySteps=100', 'checkpoint.keepEverySteps=200'], limits);
  expect(error?.message).toContain('The checkpoints need');
  expect(error?.hint).toContain('raise checkpoint.keepEverySteps (200)');
});

test('checkpoints that stay: no more than are made, the spread ones, the best', () => {
  const count = (overrides: readonly string[], steps: number | null) => {
    const { needs } = needsOf(overrides, steps);
    return needs.diskBytes / needs.checkpointBytes;
  };
  // One at step 500 and one at the end; at step 1000 two; four are made, two stay.
  expect([count([], 600), count([], 400), count([], 2000)]).toEqual([2, 1, 2]);
  expect(count(['checkpoint.keepEverySteps=1000'], 2000)).toBe(4);
  expect(count(['probe.monitor={metric: spread}'], 2000)).toBe(3);
});

test('limits are measured where the folder will be, though it isn’t there yet', () => {
  const { memoryBytes, diskBytes } = measureLimits(path.join(folder, 'not', 'yet'));
  expect(memoryBytes).toBeGreaterThan(1e7);
  expect(diskBytes).toBeGreaterThan(1e6);
});

test('the room for checkpoints that a run has written already is room for it', () => {
  const run = path.join(folder, 'resumed');
  mkdirSync(path.join(run, 'steps'), { recursive: true });
  const before = measureLimits(run).diskBytes;
  const file = path.join(run, 'steps', 'step-000001.whisker');
  writeFileSync(file, '');
  truncateSync(file, 1e12); // takes no room
  expect(measureLimits(run).diskBytes - before).toBeGreaterThan(0.9e12);
});
