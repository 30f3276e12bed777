import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';
import { type Journal, openJournal } from '../sweep/journal.js';
import { type SweepPlan, updatePlan } from '../sweep/plan.js';
import { readRunJson, writeRunJson } from './run-folder.js';

const PLAN = 'plan.json';
const FILE = 'sweep.yaml';

/** Where the sweep of a name lies. */
export function sweepFolder(name: string): string {
  return join('checkpoints', name);
}

/** Where the run of a task lies. */
export function runFolder(folder: string, task: string): string {
  return join(folder, 'runs', task);
}

/** Whether a folder is that of a sweep. */
export function isSweep(folder: string): boolean {
  return existsSync(join(folder, PLAN));
}

/** The plan of a sweep. @throws UserError (`usage`) when the folder is none */
export function readPlan(folder: string): SweepPlan {
  const plan = existsSync(folder) ? (readRunJson(folder, PLAN) as SweepPlan | undefined) : undefined;
  if (plan === undefined) {
    throw new UserError('usage', `${folder} is not the folder of a sweep: ${PLAN} is missing`, {
      hint: 'Name the folder that `whisker sweep run` has made: checkpoints/NAME',
    });
  }
  if (plan.format === 1) return plan;
  throw new UserError(
    'usage',
    `${join(folder, PLAN)} is of format ${plan.format}, this program reads format 1`,
    {
      hint: 'Go on with the version of Whisker that wrote it',
    },
  );
}

/** What a changed file has done to a sweep that was there before. */
export interface PlanChange {
  readonly plan: SweepPlan;
  /** Jobs that are new, and that are asked for no more; both 0 for a new sweep. */
  readonly added: number;
  readonly dropped: number;
}

/**
 * Writes the plan and the text of the sweep's file. A sweep that is there already keeps what it has: jobs are added, or
 * dropped from the table.
 * @throws UserError (`usage`) when the folder is something else
 */
export function keepPlan(folder: string, planned: SweepPlan, text: string): PlanChange {
  if (existsSync(join(folder, 'settings.json'))) {
    throw new UserError('usage', `${folder} is the folder of a run, not of a sweep`, {
      hint: 'Give the sweep another name: name=...',
    });
  }
  makeFolder(folder);
  const before = existsSync(join(folder, PLAN)) ? readPlan(folder) : undefined;
  const plan = before === undefined ? planned : updatePlan(before, planned);
  const ids = (jobs: SweepPlan['jobs']) => new Set(jobs.map(({ id }) => id));
  const [old, now] = [ids(before?.jobs ?? planned.jobs), ids(plan.jobs)];
  writeRunJson(folder, PLAN, plan);
  writeWhole(join(folder, FILE), [Buffer.from(text)]);
  return {
    plan,
    added: [...now].filter((id) => !old.has(id)).length,
    dropped: [...old].filter((id) => !now.has(id)).length,
  };
}

/** The journal of a sweep for this process to write in. */
export function openSweepJournal(folder: string): Journal {
  const start = Date.now().toString(36);
  return openJournal(folder, `${hostname()}-${process.pid}-${start}`, () => new Date().toISOString());
}
