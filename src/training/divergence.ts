import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HostArrays } from '../arrays.js';
import { findCheckpoint } from '../checkpoint/run-folder.js';
import { UserError } from '../errors.js';
import { writeWhole } from '../files/write-whole.js';

/** The step at which a number was not finite. Its update was not made. */
export interface Divergence {
  readonly runFolder: string;
  /** Updates made before it. */
  readonly step: number;
  readonly outputs: HostArrays;
  readonly scalars: Readonly<Record<string, number>>;
  readonly batch: HostArrays;
  /** Mean gradient norm of the steps before it; null at the first. */
  readonly gradientNormBefore: number | null;
}

/** The error that ends a diverged run; the windows of its batch are written to a file of the run's folder. */
export function reportDivergence(divergence: Divergence): UserError {
  const { runFolder, step, outputs, scalars, batch, gradientNormBefore } = divergence;
  const values = Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, String(data[0])]),
  );
  const parts = Object.entries(outputs).filter(([name]) => name.startsWith('part/'));
  const broken = parts.filter(([, { data }]) => !Number.isFinite(data[0])).map(([name]) => name.slice(5));
  const what = broken.length > 0 ? `the loss part ${broken.join(' and ')} is` : 'the gradient is';

  const windows = Array.from(batch.recording?.data ?? [], (recording, window) => ({
    recording,
    startSeconds: batch.startSeconds.data[window],
  }));
  mkdirSync(runFolder, { recursive: true });
  const path = join(runFolder, `diverged-step-${String(step).padStart(6, '0')}.json`);
  writeWhole(path, [Buffer.from(`${JSON.stringify({ step, values, scalars, windows }, null, 2)}\n`)]);

  const last = findCheckpoint(runFolder, 'last');
  const good = last === null ? 'No checkpoint was written yet.' : `The last good checkpoint is ${last}.`;
  const norm = gradientNormBefore === null ? 'none' : gradientNormBefore.toPrecision(3);
  return new UserError(
    'failure',
    `Training diverged: ${what} not finite at step ${step} (${partValues(values)}; ` +
      `learning rate ${scalars.learningRate.toPrecision(3)}; gradient norm before it ${norm})`,
    {
      hint: `${good} Nothing was deleted. ${path} lists the windows of the batch. A lower learning rate may help.`,
    },
  );
}

function partValues(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .filter(([name]) => name.startsWith('part/'))
    .map(([name, value]) => `${name.slice(5)} ${value}`)
    .join(', ');
}
