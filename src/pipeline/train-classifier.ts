import type { HostArrays } from '../arrays.js';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import type { Plain } from '../checkpoint/format.js';
import { findCheckpoint } from '../checkpoint/run-folder.js';
import type { CompileOptions, Engine } from '../engine/engine.js';
import { makeFolder } from '../files/write-whole.js';
import type { Random } from '../random.js';
import { type BatchSource, train } from '../training/train.js';
import type { TrainingStep } from '../training/training-step.js';
import type { RunContext } from './run-context.js';

export interface TrainClassifierOptions {
  readonly engine: Engine;
  readonly compile: CompileOptions;
  /** Where its checkpoints lie: a folder of its own below the run. */
  readonly folder: string;
  readonly training: TrainingStep;
  readonly batches: BatchSource;
  readonly random: Random;
  readonly steps: number;
  readonly checkpointSteps: number;
  /** Kept in its checkpoints. */
  readonly settings: Plain;
  readonly context: RunContext;
}

/** Steps between events. */
const REPORT_STEPS = 20;

/**
 * Trains with labels by the loop that pretrains: checkpoints, exact resume, stop and save on request. What is finished
 * already is read back.
 * @returns the state at the end; null when it was asked to stop before
 */
export async function trainClassifier(options: TrainClassifierOptions): Promise<HostArrays | null> {
  const { folder, steps, context } = options;
  makeFolder(folder);
  const last = findCheckpoint(folder, 'last');
  const resume = last === null ? null : readCheckpoint(last);
  if (resume !== null && resume.header.step >= steps) return resume.tensors;
  const { ending, path } = await train({
    ...{ engine: options.engine, compile: options.compile, training: options.training, steps, resume },
    batches: options.batches,
    random: options.random,
    endBySeconds: null,
    reportSteps: REPORT_STEPS,
    checkpoints: {
      runFolder: folder,
      everySteps: options.checkpointSteps,
      keep: { newest: 1, everySteps: null },
      settings: options.settings,
    },
    onDivergence: { type: 'stop' },
    probe: null,
    monitor: null,
    control: { shouldStop: () => context.signal.aborted, takeSaveRequest: context.takeSaveRequest },
    emit: context.emit,
  });
  return ending === 'done' ? readCheckpoint(path).tensors : null;
}

/** The state that a finished training has left in its folder; null where there is none. */
export function readTrained(folder: string): HostArrays | null {
  const last = findCheckpoint(folder, 'last');
  return last === null ? null : readCheckpoint(last).tensors;
}
