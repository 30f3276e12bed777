import type { BenchResult } from '../bench/measure.js';
import type { PretrainBenchResult } from '../bench/pretrain.js';
import type { BenchDevice, BenchJob } from '../bench/run-bench.js';
import type { CompileOptions } from '../engine/engine.js';
import { formatBytes } from '../ui/format.js';
import type { CommandContext } from './command.js';
import { DEVICES, requireCount, requireDevice } from './option-values.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

/** Where a benchmark computes. */
export const DEVICE_OPTIONS = {
  device: { type: 'string', default: 'auto', describe: DEVICES },
  threads: { type: 'number', describe: 'threads within one operation; left out: one per processor' },
  deterministic: { type: 'boolean', default: false, describe: 'equal bits on a GPU from run to run' },
} as const;

/** How a benchmark's program runs. */
export const COMPILE_OPTIONS = {
  ...DEVICE_OPTIONS,
  mode: {
    type: 'string',
    choices: ['auto', 'xla', 'graph', 'eager'],
    default: 'auto',
    describe: 'how the program runs',
  },
  precision: {
    type: 'string',
    choices: ['float32', 'tf32', 'bfloat16'],
    default: 'float32',
    describe: 'of matrix products',
  },
} as const;

/** The device part of a job. */
export function deviceOf({
  device,
  threads,
  deterministic,
}: {
  device: string;
  threads: number | undefined;
  deterministic: boolean;
}): BenchDevice {
  return { device: requireDevice(device), threads, isDeterministic: deterministic };
}

/** Sizes and numbers of runs. @throws UserError (`usage`) for the first that is no whole number above 0 */
export function requireCounts(values: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(values))
    if (typeof value === 'number') requireCount(option, value);
}

export function compileOptionsOf({ mode, precision }: { mode: string; precision: string }): CompileOptions {
  return { mode: mode as CompileOptions['mode'], precision: precision as CompileOptions['precision'] };
}

/** Runs a benchmark in a process of its own, so that nothing but its result reaches stdout, and prints it. */
export async function runBenchJob(job: BenchJob, context: CommandContext): Promise<void> {
  const outcome = await runJob<BenchJob, BenchResult & Partial<PretrainBenchResult>>(
    {
      entry: new URL('./trainer/bench-entry.js', import.meta.url),
      job,
      whenParentLost: 'stop',
      memoryRemedy: 'Measure a smaller size.',
    },
    context,
  );
  throwIfStopped(outcome);
  const { result } = outcome;
  context.output.result(result, () => {
    const times = `median ${result.medianMilliseconds.toFixed(2)} ms, minimum ${result.minimumMilliseconds.toFixed(2)} ms`;
    const frames = `${Math.round(result.framesPerSecond)} frames/s`;
    const { saveMilliseconds, checkpointBytes = 0 } = result;
    const save =
      saveMilliseconds === undefined
        ? ''
        : `; a checkpoint of ${formatBytes(checkpointBytes)} takes ${saveMilliseconds.toFixed(1)} ms`;
    return `${result.program}: ${times}, ${frames}, peak ${formatBytes(result.peakBytes)}${save}`;
  });
  context.output.next('whisker bench estimate');
}
