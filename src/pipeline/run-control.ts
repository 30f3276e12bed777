import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EmitEvent } from '../events/event.js';
import type { RunControl } from '../training/train.js';
import type { RunContext } from './run-context.js';

/** Files by which anybody who can write into the folder asks something of the run. */
const STOP = 'STOP';
const SAVE = 'SAVE';
/** They are looked for this often. */
const LOOK_SECONDS = 0.25;

/**
 * What the outside asks of a run: signals and keys by way of the context, and the files `STOP` (save and end) and `SAVE`
 * (save and go on) in its folder. A file is removed when it has been seen; those of an earlier time are removed at once.
 * @param nowSeconds of a monotonic clock
 */
export function createRunControl(
  folder: string,
  context: RunContext,
  nowSeconds: () => number,
): RunControl & { close(): void } {
  for (const name of [STOP, SAVE]) {
    if (take(folder, name)) warn(context.emit, `${join(folder, name)} was there before the run: removed`);
  }
  let lookedAt = nowSeconds();
  let isStopped = false;
  let isSaveAsked = false;
  const look = (): void => {
    const now = nowSeconds();
    if (now - lookedAt < LOOK_SECONDS) return;
    lookedAt = now;
    if (!isStopped && take(folder, STOP)) {
      isStopped = true;
      inform(context.emit, `${join(folder, STOP)} is there: saving and stopping`);
    }
    if (take(folder, SAVE)) {
      isSaveAsked = true;
      inform(context.emit, `${join(folder, SAVE)} is there: saving`);
    }
  };
  return {
    shouldStop() {
      look();
      return isStopped || context.signal.aborted;
    },
    takeSaveRequest() {
      look();
      const wasAsked = isSaveAsked;
      isSaveAsked = false;
      return context.takeSaveRequest() || wasAsked;
    },
    /** What was asked of a run that has come to its end first is done with. */
    close() {
      for (const name of [STOP, SAVE]) take(folder, name);
    },
  };
}

function take(folder: string, name: string): boolean {
  const path = join(folder, name);
  if (!existsSync(path)) return false;
  rmSync(path, { recursive: true });
  return true;
}

function inform(emit: EmitEvent, text: string): void {
  emit({ type: 'message', level: 'info', text });
}

function warn(emit: EmitEvent, text: string): void {
  emit({ type: 'message', level: 'warning', text });
}
