import type { CompileOptions, Device } from '../engine/engine.js';
import { startEngine } from '../engine/start.js';
import type { BenchHeadsOptions } from '../evaluation/bench-heads.js';
import { benchData } from './data.js';
import { benchEmbed } from './embed.js';
import { benchHeadFit } from './heads.js';
import type { BenchResult } from './measure.js';
import { benchPretrain } from './pretrain.js';
import { benchStep, type StepShape } from './step.js';

/** A benchmark as plain data. */
export type BenchJob = OnEngine | { readonly work: 'data'; readonly file: string; readonly runs: number };

/** Where a benchmark computes. */
export interface BenchDevice {
  readonly device: Device;
  readonly threads: number | undefined;
  readonly isDeterministic: boolean;
}

type OnEngine = BenchDevice &
  (
    | {
        readonly work: 'step';
        readonly shape: StepShape;
        readonly steps: number;
        readonly compile: CompileOptions;
      }
    | {
        readonly work: 'pretrain' | 'embed';
        readonly windows: number;
        readonly steps: number;
        readonly compile: CompileOptions;
      }
    | { readonly work: 'heads'; readonly head: BenchHeadsOptions; readonly runs: number }
  );

/** Does the work in this process. @throws UserError where the device can't be had or the file can't be read */
export async function runBench(job: BenchJob): Promise<BenchResult> {
  if (job.work === 'data') return benchData(job.file, job.runs);
  const { device, threads, isDeterministic } = job;
  const engine = await startEngine({
    device,
    isDeterministic,
    allowsTf32: 'compile' in job && job.compile.precision === 'tf32',
    ...(threads === undefined ? {} : { threads }),
  });
  switch (job.work) {
    case 'step':
      return benchStep(engine, job);
    case 'pretrain':
      return benchPretrain(engine, job);
    case 'embed':
      return benchEmbed(engine, job);
    case 'heads':
      return benchHeadFit(engine, { ...job.head, runs: job.runs });
  }
}
