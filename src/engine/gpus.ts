/** The NVIDIA GPUs of this machine: whether there may be any, which one is shown, and what the driver's own tool tells. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Device } from './engine.js';

export interface Gpu {
  /** As in `cuda:N`. */
  readonly index: number;
  readonly name: string;
  readonly memoryBytes: number;
  readonly driver: string;
}

/** The GPUs, or why none is known. */
export type GpuSurvey = { readonly gpus: readonly Gpu[] } | { readonly none: string };

type Answer = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr' | 'error'>;

const MEBIBYTE = 1024 * 1024;
const LIMIT_MS = 20_000;

/** The driver's device on Linux, and that by which WSL2 reaches the GPU of Windows, where there is no other. */
const DEVICE_FILES = ['/dev/nvidiactl', '/dev/dxg'];

/** CUDA_VISIBLE_DEVICES that shows none. */
export const NO_GPU = '-1';

/** What CUDA_VISIBLE_DEVICES shall be for a device: of several GPUs the binding would take the last, so one is shown. */
export function visibleGpu(device: Device, environment: NodeJS.ProcessEnv = process.env): string {
  const index = /^cuda:(\d+)$/.exec(device)?.[1];
  if (index !== undefined) return index;
  const first = (environment.CUDA_VISIBLE_DEVICES ?? '0').split(',', 1)[0].trim();
  // CUDA takes anything else for no GPU; Slurm writes `NoDevFiles`.
  return /^(\d|GPU-|MIG-)/.test(first) ? first : NO_GPU;
}

/** Why `auto` need not look for a GPU, known without loading anything; undefined where there may be one. */
export function whyNoGpu(environment = process.env, exists = existsSync): string | undefined {
  if (!DEVICE_FILES.some((file) => exists(file))) return 'there is no NVIDIA GPU here';
  return visibleGpu('cuda', environment) === NO_GPU ? 'CUDA_VISIBLE_DEVICES shows no GPU' : undefined;
}

/** Asks `nvidia-smi`; never throws. @param ask calls it: another one in tests */
export function surveyGpus(ask: () => Answer = askDriver): GpuSurvey {
  const { status, stdout, stderr, error } = ask();
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    return { none: 'no NVIDIA driver here (nvidia-smi was not found)' };
  }
  if (error !== undefined || status !== 0) {
    const said = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n', 1)[0];
    return { none: `nvidia-smi fails: ${error?.message ?? (said || `exit code ${status}`)}` };
  }
  const gpus = stdout.split('\n').flatMap(readLine);
  return gpus.length > 0 ? { gpus } : { none: 'nvidia-smi lists no GPU' };
}

/** `0, NVIDIA H200, 143771, 580.159.04` */
function readLine(line: string): Gpu[] {
  const fields = line.split(',').map((field) => field.trim());
  if (fields.length !== 4) return [];
  const [index, name, mebibytes, driver] = fields;
  return [{ index: Number(index), name, memoryBytes: Number(mebibytes) * MEBIBYTE, driver }];
}

function askDriver(): Answer {
  const query = '--query-gpu=index,name,memory.total,driver_version';
  return spawnSync('nvidia-smi', [query, '--format=csv,noheader,nounits'], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
}
