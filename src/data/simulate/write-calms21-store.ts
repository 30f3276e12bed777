import { createHash } from 'node:crypto';
import { type WriteResult, writeDataset } from '../store/write-dataset.js';
import { type Calms21Options, countFrames, planCalms21 } from './calms21-plan.js';
import { simulatedCalms21Source } from './simulate-calms21.js';
import type { WriteCalms21Progress } from './write-calms21-json.js';

/** Changes whenever the same options would give other recordings. */
const SIMULATION_VERSION = 1;

/**
 * Writes a simulated CalMS21 as a data set folder at once, without files between; holds one recording in memory. The
 * same options a second time are found `present`. Throws a UserError as `writeDataset` does.
 */
export function writeCalms21Store(
  folder: string,
  options: Calms21Options,
  overwrite: boolean,
  onProgress: (progress: WriteCalms21Progress) => void,
): Promise<WriteResult> {
  const framesTotal = countFrames(planCalms21(options));
  const origin = createHash('sha256').update(JSON.stringify({ SIMULATION_VERSION, options })).digest('hex');
  return writeDataset(folder, simulatedCalms21Source(options), {
    origin,
    overwrite,
    onProgress: ({ id, file, frames }) =>
      onProgress({ file, recording: id, framesDone: frames, framesTotal }),
  });
}
