import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCheckpoint } from '../../src/checkpoint/run-folder.js';
import { readEventLog } from '../../src/events/event-log.js';
import { readPlan, runFolder } from '../../src/pipeline/sweep-folder.js';
import type { ReportData } from '../../src/report/report-data.js';
import { buildDist, runWhisker } from '../commands/dist.js';
import { listUndocumented } from '../events/documented-events.js';
import { writeTinyDataset } from '../pipeline/tiny-data.js';
import { prepareSweep, TINY_SWEEP, tablesOf } from '../sweep/tiny-sweep.js';

/** One job; its encoder takes long enough to be killed on its way. */
const SWEEP = {
  ...TINY_SWEEP,
  common: { 'pretrain.training.duration': { steps: 1000 }, 'pretrain.checkpoint.everySteps': 50 },
  variants: { one: {} },
  grid: {},
  seeds: [1],
};

let root: string;
beforeAll(async () => {
  buildDist();
  root = mkdtempSync(path.join(tmpdir(), 'whisker-killed-sweep-'));
  await writeTinyDataset(path.join(root, 'data'));
});
afterAll(() => rmSync(root, { recursive: true }));

test('a sweep that is killed with its trainer goes on from the checkpoint to the table of one that was not', async () => {
  const calm = prepareSweep(root, 'calm', SWEEP);
  const undisturbed = runWhisker(['sweep', 'run', 'sweep.yaml'], { cwd: calm });
  expect(undisturbed.status, undisturbed.stderr).toBe(0);

  const killed = prepareSweep(root, 'killed', SWEEP);
  const folder = path.join(killed, 'checkpoints/tiny');
  const main = path.join(buildDist(), 'main.js');
  const sweep = spawn(process.execPath, [main, 'sweep', 'run', 'sweep.yaml'], {
    ...{ cwd: killed, detached: true, stdio: 'ignore' },
  });
  const ended = new Promise((resolve) => sweep.once('exit', (_, signal) => resolve(signal)));
  const encoder = () => runFolder(folder, readPlan(folder).tasks[0].id);
  const hasSaved = () => {
    try {
      return findCheckpoint(encoder(), 'last') !== null;
    } catch {
      return false; // the plan isn't there yet
    }
  };
  while (!hasSaved()) await sleep(10);
  process.kill(-(sweep.pid as number), 'SIGKILL');
  expect(await ended).toBe('SIGKILL');
  const status = () =>
    JSON.parse(runWhisker(['sweep', 'status', 'checkpoints/tiny', '--json'], { cwd: killed }).stdout).counts;
  expect(status()).toMatchObject({ interrupted: 1, done: 0 });

  const resumed = runWhisker(['sweep', 'resume', 'checkpoints/tiny'], { cwd: killed });
  expect(resumed.status, resumed.stderr).toBe(0);
  expect(status()).toMatchObject({ done: 1 });
  expect(tablesOf(killed)).toEqual(tablesOf(calm));
  const events = readPlan(folder).tasks.flatMap(({ id }) =>
    readEventLog(path.join(runFolder(folder, id), 'events.jsonl')),
  );
  expect(events.flatMap(listUndocumented)).toEqual([]);

  const report = runWhisker(['report', 'checkpoints/tiny'], { cwd: killed });
  expect(report.status, report.stderr).toBe(0);
  const html = readFileSync(path.join(folder, 'report.html'), 'utf8');
  const text = /id="report-data">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  const [page] = (JSON.parse(text) as ReportData).sweeps;
  expect(page.tables[0][0].slice(0, 2)).toEqual(['variant', 'task1 F1']);
  expect(page.pretrainings.map(({ name }) => name)).toEqual(['one, seed 1, run 0']);
  expect(page.pretrainings[0].curves.map(({ name }) => name)).toContain('loss');
}, 240_000);
