import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { UserError } from '../errors.js';
import { availableMemory } from '../processes.js';

/** What one run of several gets of the machine. */
export interface Share {
  readonly threads: number;
  /** For CUDA_VISIBLE_DEVICES; null: left as it is. */
  readonly gpu: string | null;
}

/** What runs are shared out on. */
export interface Machine {
  readonly processors: number;
  /** As CUDA_VISIBLE_DEVICES names them. */
  readonly gpus: readonly string[];
  /** Memory that new processes can have; null where that can't be known. */
  availableBytes(): number | null;
}

/** @param visible CUDA_VISIBLE_DEVICES of this process */
export function thisMachine(visible: string | undefined): Machine {
  return {
    processors: availableParallelism(),
    gpus: listGpus(visible),
    availableBytes: () => availableMemory(),
  };
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
