import { join } from 'node:path';
import type { TaskResult } from '../evaluation/protocols/run-task.js';
import { amountOf } from '../evaluation/results/learning-curve.js';
import { writeWhole } from '../files/write-whole.js';
import { renderSweepCsv, renderSweepLatex, renderSweepMarkdown } from '../report/sweep-table.js';
import { isAtWork } from '../sweep/alive.js';
import { listJobs } from '../sweep/job-states.js';
import { readJournal, type TaskProgress } from '../sweep/journal.js';
import type { SweepPlan, Task } from '../sweep/plan.js';
import { buildSweepTable, type FinishedJob, type SweepTable } from '../sweep/table.js';
import { readRunJson } from './run-folder.js';
import { readPlan, runFolder } from './sweep-folder.js';

/** The table of all jobs of a sweep that are done so far. */
export function readSweepTable(folder: string): SweepTable {
  const plan = readPlan(folder);
  return buildSweepTable(plan, readFinishedJobs(folder, plan), plan.options.bootstrap);
}

/** The same, written into its folder in every format, too. */
export function keepSweepTable(folder: string): SweepTable {
  const table = readSweepTable(folder);
  const files = {
    'table.json': `${JSON.stringify(table, null, 2)}\n`,
    'table.md': renderSweepMarkdown(table),
    'table.csv': renderSweepCsv(table),
    'table.tex': renderSweepLatex(table),
  };
  for (const [name, text] of Object.entries(files)) writeWhole(join(folder, name), [Buffer.from(text)]);
  return table;
}

/** A sweep's jobs with the folders of their runs, for whoever draws their curves. */
export interface SweepRuns {
  readonly variants: readonly string[];
  readonly seed: number;
  readonly state: string;
  readonly pretrain: readonly string[];
  readonly heads: string | null;
}

/** Every job of a sweep: how it stands, and the folders of its runs. */
export function listRuns(folder: string): SweepRuns[] {
  const plan = readPlan(folder);
  return listJobs(plan, readJournal(folder), (entry) => isAtWork(entry, Date.now())).map(({ job, state }) => {
    const of = (stage: Task['stage']) =>
      job.tasks.filter((id) => id.startsWith(`${stage}-`)).map((id) => runFolder(folder, id));
    return {
      variants: job.variants,
      seed: job.seed,
      state,
      pretrain: of('pretrain'),
      heads: of('heads')[0] ?? null,
    };
  });
}

function readFinishedJobs(folder: string, plan: SweepPlan): FinishedJob[] {
  const tasks = new Map(plan.tasks.map((task) => [task.id, task]));
  const statuses = listJobs(plan, readJournal(folder), (entry) => isAtWork(entry, Date.now()));
  return statuses.map(({ job, state, error }) => {
    const last = tasks.get(job.id) as Task;
    const isMeasured = state === 'done' && last.stage === 'heads';
    return {
      variants: job.variants,
      seed: job.seed,
      state,
      error: error?.split('\n')[0] ?? null,
      results: isMeasured ? readFirstRow(runFolder(folder, job.id)) : null,
    };
  });
}

/** All tasks of the row that was measured first, with its last amount of labels; null where there are no results. */
function readFirstRow(run: string): TaskResult[] | null {
  const results = readRunJson(run, 'results.json') as readonly TaskResult[] | undefined;
  if (results === undefined || results.length === 0) return null;
  const row = results.filter(({ features }) => features === results[0].features);
  const amount = amountOf(row[row.length - 1]);
  return row.filter((result) => amountOf(result) === amount);
}

/** The figure that stands for a run of heads where there is room for one: MAP of its first row and task. */
export function readHeadsFigure(run: string): TaskProgress['metric'] {
  const first = readFirstRow(run)?.[0];
  return first === undefined ? null : { name: `${first.task} MAP`, value: first.metrics.map };
}
