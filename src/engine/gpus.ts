/** The NVIDIA GPUs of this machine, as the driver's own tool tells them. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';

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
