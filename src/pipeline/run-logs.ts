import { hostname } from 'node:os';
import { join } from 'node:path';
import { openEventLog, truncateEventLog } from '../events/event-log.js';
import { openTensorBoardLog } from '../events/tensorboard.js';
import { asWriteError, makeFolder } from '../files/write-whole.js';
import type { RunContext } from './run-context.js';

/** Before any step: nothing of an earlier start is kept. */
export const NO_STEP = -1;

/**
 * Writes the events of a training run to `events.jsonl` and `tensorboard/` in its folder. Both go on from the checkpoint
 * that the run is resumed from: no step stands in them twice, and none is missing.
 * @throws UserError when they can't be written
 * @param resumedStep that of the checkpoint; `NO_STEP` where a resumed run has none yet; null for a new run
 */
export function observeLogs(folder: string, resumedStep: number | null, context: RunContext): void {
  const file = join(folder, 'events.jsonl');
  const tensorBoard = join(folder, 'tensorboard');
  makeFolder(tensorBoard);
  const nowSeconds = () => Date.now() / 1000;
  try {
    if (resumedStep !== null) truncateEventLog(file, resumedStep);
    context.observe(openEventLog(file));
    context.observe(openTensorBoardLog({ folder: tensorBoard, resumedStep, nowSeconds, host: hostname() }));
  } catch (error) {
    throw asWriteError(folder, error);
  }
}
