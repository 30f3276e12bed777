import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HostArrays } from '../arrays.js';
import { writeCheckpoint } from '../checkpoint/checkpoint.js';
import type { CheckpointHeader } from '../checkpoint/format.js';
import { findCheckpoint } from '../checkpoint/run-folder.js';
import { UserError } from '../errors.js';
import { writeWhole } from '../files/write-whole.js';

/** What is done when a number of a step is not finite. Its update is never made. */
export type DivergencePolicy =
  /** The run stops and says where. */
  | { readonly type: 'stop' }
  /** The step is left out, counted and announced; `most` of them in a run, then it stops. */
  | { readonly type: 'skip'; readonly most: number }
  /** As `skip`, and the learning rate is halved each time, for the rest of the run. */
  | { readonly type: 'halve'; readonly most: number };

/** The step at which a number was not finite. Its update was not made. */
export interface Divergence {
  readonly runFolder: string;
  /** Steps made before it. */
  readonly step: number;
  readonly outputs: HostArrays;
  readonly scalars: Readonly<Record<string, number>>;
  readonly batch: HostArrays;
  /** Gradient norm of the step before it; null at the first. */
  readonly gradientNormBefore: number | null;
  /** The weights that met the batch. */
  readonly header: CheckpointHeader;
  readonly tensors: HostArrays;
}

/** What was found out about a diverged step. */
export interface DivergenceReport {
  /** E.g. `the loss part masked is not finite at step 412`. */
  readonly what: string;
  /** Parts, rate and gradient norm. */
  readonly circumstances: string;
  /** The file of the step; null where it could not be written. */
  readonly path: string | null;
  /** Whether it lists the windows of the batch, so that they can be run again. */
  readonly listsWindows: boolean;
  /** Why not. */
  readonly problem: string | null;
}

/** The file of a diverged step: plain data. Batches of labelled windows name none. */
export interface DivergedStep {
  readonly step: number;
  /** Outputs as text, since JSON has no NaN. */
  readonly values: Readonly<Record<string, string>>;
  readonly scalars: Readonly<Record<string, number>>;
  readonly gradientNormBefore: number | null;
  /** The checkpoint beside this file: the weights that met the batch. */
  readonly weights: string;
  readonly windows: readonly { readonly recording: number; readonly startSeconds: number }[];
}

/**
 * Writes `diverged-step-NNNNNN.json` (the windows of the batch) and `.whisker` (the weights that met it) into the run's
 * folder, so that the step can be run again by itself. A full disk doesn't hide what is being told.
 */
export function recordDivergence(divergence: Divergence): DivergenceReport {
  const { step, outputs, scalars, gradientNormBefore } = divergence;
  const values = Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, String(data[0])]),
  );
  const parts = Object.entries(outputs).filter(([name]) => name.startsWith('part/'));
  const broken = parts.filter(([, { data }]) => !Number.isFinite(data[0])).map(([name]) => name.slice(5));
  const named = `the loss ${broken.length === 1 ? 'part' : 'parts'} ${broken.join(' and ')}`;
  const what = broken.length === 0 ? 'the gradient is' : `${named} ${broken.length === 1 ? 'is' : 'are'}`;
  const norm = gradientNormBefore === null ? 'none' : gradientNormBefore.toPrecision(3);
  return {
    what: `${what} not finite at step ${step}`,
    circumstances: `${partValues(values)}; learning rate ${scalars.learningRate.toPrecision(3)}; gradient norm before it ${norm}`,
    ...writeFiles(divergence, values),
  };
}

/**
 * The error that ends a diverged run.
 *
 * @param skippedSteps how many steps were left out before
 * @param remedy what may help
 */
export function divergenceError(
  { what, circumstances, path, listsWindows, problem }: DivergenceReport,
  runFolder: string,
  skippedSteps: number,
  remedy: string,
): UserError {
  const last = findCheckpoint(runFolder, 'last');
  const good = last === null ? 'No checkpoint was written yet.' : `The last good checkpoint is ${last}.`;
  const skipped = skippedSteps === 0 ? '' : `; ${skippedSteps} steps were left out before`;
  const lists = listsWindows
    ? `lists the windows of the batch; --replay ${path} runs it alone.`
    : 'keeps what the step gave.';
  const kept = path === null ? `The step could not be kept: ${problem}.` : `${path} ${lists}`;
  return new UserError('failure', `Training diverged: ${what} (${circumstances}${skipped})`, {
    hint: `${good} Nothing was deleted. ${kept} ${remedy}`,
  });
}

function writeFiles(
  { runFolder, step, scalars, batch, gradientNormBefore, header, tensors }: Divergence,
  values: Readonly<Record<string, string>>,
): Pick<DivergenceReport, 'path' | 'listsWindows' | 'problem'> {
  const name = `diverged-step-${String(step).padStart(6, '0')}`;
  const windows = Array.from(batch.recording?.data ?? [], (recording, window) => ({
    recording,
    startSeconds: batch.startSeconds.data[window],
  }));
  const content: DivergedStep = {
    ...{ step, values, scalars, gradientNormBefore, windows },
    weights: `${name}.whisker`,
  };
  const path = join(runFolder, `${name}.json`);
  const listsWindows = windows.length > 0;
  try {
    mkdirSync(runFolder, { recursive: true });
    writeCheckpoint(join(runFolder, content.weights), { header, tensors });
    writeWhole(path, [Buffer.from(`${JSON.stringify(content, null, 2)}\n`)]);
    return { path, listsWindows, problem: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path: null, listsWindows, problem: error.message };
  }
}

function partValues(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .filter(([name]) => name.startsWith('part/'))
    .map(([name, value]) => `${name.slice(5)} ${value}`)
    .join(', ');
}
