import { existsSync, readdirSync } from 'node:fs';
import { UserError } from '../errors.js';

/** What one run of several gets of the machine. */
export interface Share {
  readonly threads: number;
  /** For CUDA_VISIBLE_DEVICES; null: left as it is. */
  readonly gpu: string | null;
}

/** Divides processors; each slot has a GPU of its own where there are any. @throws UserError (`settings`) */
export function shareMachine(
  slots: number,
  processors: number,
  gpus: readonly string[],
): (slot: number) => Share {
  if (gpus.length > 0 && slots > gpus.length) {
    throw new UserError('settings', `runner.slots is ${slots}, but there are ${gpus.length} GPUs for them`, {
      hint: `One run has one GPU: runner.slots=${gpus.length}. To leave GPUs alone: runner.gpus=[]`,
    });
  }
  const threads = Math.max(1, Math.floor(processors / slots));
  return (slot) => ({ threads, gpu: gpus[slot] ?? null });
}

/** The GPUs that this process may use: those of CUDA_VISIBLE_DEVICES, else all that the driver knows. */
export function listGpus(visible: string | undefined): string[] {
  if (visible !== undefined)
    return visible
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && name !== '-1');
  const driver = '/proc/driver/nvidia/gpus';
  return existsSync(driver) ? readdirSync(driver).map((_, index) => String(index)) : [];
}
