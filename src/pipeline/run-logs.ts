import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openEventLog, truncateEventLog } from '../events/event-log.js';
import { openTensorBoardLog } from '../events/tensorboard.js';
import type { RunContext } from './run-context.js';

/** Before any step: nothing of an earlier start is kept. */
export const NO_STEP = -1;

/**
 * Writes the events of a training run to `events.jsonl` and `tensorboard/` in its folder. Both go on from the checkpoint
 * that the run is resumed from: no step stands in them twice, and none is missing.
 * @param resumedStep that of the checkpoint; `NO_STEP` where a resumed run has none yet; null for a new run
 */
export function observeLogs(folder: string, resumedStep: number | null, context: RunContext): void {
  const file = join(folder, 'events.jsonl');
  if (resumedStep !== null) truncateEventLog(file, resumedStep);
  context.observe(openEventLog(file));
  const tensorBoard = join(folder, 'tensorboard');
  mkdirSync(tensorBoard, { recursive: true });
  const nowSeconds = () => Date.now() / 1000;
  context.observe(openTensorBoardLog({ folder: tensorBoard, resumedStep, nowSeconds, host: hostname() }));
}
