import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { RunEventBody } from '../../src/events/event.js';
import { createSweepReporter } from '../../src/pipeline/sweep-report.js';
import { describeWorker } from '../../src/sweep/alive.js';
import { openJournal } from '../../src/sweep/journal.js';
import type { SweepPlan } from '../../src/sweep/plan.js';

const task = (id: string) => ({ id, stage: 'pretrain', settings: {}, after: [], isDropped: false }) as const;
const job = (id: string) => ({ id, variants: [id], seed: 1, tasks: [id] });
const ids = ['pretrain-a', 'pretrain-b', 'pretrain-c'];
const plan = { name: 's', jobs: ids.map(job), tasks: ids.map(task) } as unknown as SweepPlan;

it('tells the time that is left by what runs have told, and again when it has changed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweep-report-'));
  const events: RunEventBody[] = [];
  const etas = () => events.flatMap((event) => (event.type === 'sweep' ? [event.etaSeconds] : []));
  const journal = openJournal(folder, 'here', () => new Date().toISOString());
  const worker = describeWorker(process.pid);
  const reporter = createSweepReporter(folder, plan, 2, (event) => events.push(event));
  reporter.report(true);
  journal.change('pretrain-a', { state: 'done', worker, seconds: 100 });
  journal.change('pretrain-b', { state: 'running', worker });
  reporter.report(true);
  reporter.setProgress('pretrain-b', { share: 0.5, metric: null, etaSeconds: null });
  reporter.report(true);
  reporter.setProgress('pretrain-b', { share: 0.9, metric: null, etaSeconds: 8 });
  reporter.report(true);
  // Nothing is known; two of 100 s on two slots; 50 s and 100 s, one of which lasts 100 s; 8 s and 100 s.
  expect(etas()).toEqual([null, 100]);
  journal.change('pretrain-c', { state: 'running', worker });
  reporter.setProgress('pretrain-c', { share: 0.25, metric: null, etaSeconds: null });
  reporter.report(true);
  reporter.setProgress('pretrain-c', { share: 0.5, metric: null, etaSeconds: null });
  reporter.report(true);
  expect(etas()).toEqual([null, 100, 75, 50]);
});
