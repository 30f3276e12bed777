import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';
import { type Checkpoint, verifyCheckpoint, writeCheckpoint } from './checkpoint.js';

/**
 * The checkpoints of a run: `steps/step-000400.whisker`, and the files `last` and `best` that name one of them.
 */
const STEPS = 'steps';
const STEP_FILE = /^step-(\d{6,})\.whisker$/;

/** Which of a run's checkpoints stay. The last one and the best one always do. */
export interface KeepPolicy {
  /** So many of the newest. */
  readonly newest: number;
  /** Those at multiples of this, too; null: none. */
  readonly everySteps: number | null;
}

/** Where the checkpoint of a step lies. */
export function stepPath(runFolder: string, step: number): string {
  return join(runFolder, stepName(step));
}

/**
 * Writes a checkpoint into a run folder, points `last` (and `best`) at it, and removes those that needn't be kept:
 * only after the new one has been read back and found good, so that there is never less than one good one.
 * @returns its path
 */
export function saveStep(
  runFolder: string,
  checkpoint: Checkpoint,
  isBest: boolean,
  keep: KeepPolicy,
): string {
  const { step } = checkpoint.header;
  makeFolder(join(runFolder, STEPS));
  const path = stepPath(runFolder, step);
  writeCheckpoint(path, checkpoint);
  verifyCheckpoint(path);
  if (isBest) pointAt(runFolder, 'best', step);
  pointAt(runFolder, 'last', step);
  removeSurplus(runFolder, keep);
  return path;
}

/**
 * The path of a run's last or best checkpoint; null where the run has none yet.
 * @throws UserError when the pointer names a file that isn't there
 */
export function findCheckpoint(runFolder: string, which: 'last' | 'best'): string | null {
  const step = pointedStep(runFolder, which);
  if (step === null) return null;
  const path = stepPath(runFolder, step);
  if (existsSync(path)) return path;
  const others = listSteps(runFolder);
  throw new UserError('data', `${join(runFolder, which)} names ${stepName(step)}, which is not there`, {
    hint: others.length > 0 ? `there are the steps ${others.join(', ')}` : 'the run holds no checkpoint',
  });
}

/** The steps that have a checkpoint, in order. */
export function listSteps(runFolder: string): readonly number[] {
  const folder = join(runFolder, STEPS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((file) => {
      const match = STEP_FILE.exec(file);
      return match === null ? [] : [Number(match[1])];
    })
    .sort((a, b) => a - b);
}

/** The steps that a policy keeps out of those that are there. */
export function stepsToKeep(
  steps: readonly number[],
  pinned: readonly (number | null)[],
  keep: KeepPolicy,
): readonly number[] {
  const newest = new Set(steps.slice(-Math.max(1, keep.newest)));
  return steps.filter(
    (step) =>
      newest.has(step) ||
      pinned.includes(step) ||
      (keep.everySteps !== null && step > 0 && step % keep.everySteps === 0),
  );
}

function removeSurplus(runFolder: string, keep: KeepPolicy): void {
  const steps = listSteps(runFolder);
  const pinned = [pointedStep(runFolder, 'last'), pointedStep(runFolder, 'best')];
  const kept = new Set(stepsToKeep(steps, pinned, keep));
  for (const step of steps) if (!kept.has(step)) rmSync(stepPath(runFolder, step));
}

function stepName(step: number): string {
  return join(STEPS, `step-${String(step).padStart(6, '0')}.whisker`);
}

function pointAt(runFolder: string, which: 'last' | 'best', step: number): void {
  writeWhole(join(runFolder, which), [Buffer.from(`${stepName(step)}\n`)]);
}

function pointedStep(runFolder: string, which: 'last' | 'best'): number | null {
  const path = join(runFolder, which);
  if (!existsSync(path)) return null;
  const match = STEP_FILE.exec(readFileSync(path, 'utf8').trim().replace(`${STEPS}/`, ''));
  if (match === null) throw new UserError('data', `${path} does not name a checkpoint`);
  return Number(match[1]);
}
