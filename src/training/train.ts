import { setImmediate } from 'node:timers/promises';
import type { HostArrays } from '../arrays.js';
import { assertSameTensors, type Checkpoint } from '../checkpoint/checkpoint.js';
import type { Plain } from '../checkpoint/format.js';
import { type KeepPolicy, saveStep } from '../checkpoint/run-folder.js';
import type { CompileOptions, Engine } from '../engine/engine.js';
import { UserError } from '../errors.js';
import type { EmitEvent } from '../events/event.js';
import type { Random } from '../random.js';
import { reportDivergence } from './divergence.js';
import {
  isStale,
  type Monitor,
  NO_PROGRESS,
  noteProbe,
  type Progress,
  toPlain,
  toProgress,
} from './progress.js';
import { startStepReport } from './step-report.js';
import type { TrainingStep } from './training-step.js';
import { isParameter } from './update.js';

/** Gives the batch of a step; the same step gives the same batch, whatever was asked for before. */
export interface BatchSource {
  next(step: number): Promise<HostArrays>;
  readonly windowsPerBatch: number;
  readonly windowsPerEpoch: number;
  /** Original frames that a window stands for. */
  readonly windowFrames: number;
}

/** Metrics by name, each with its healthy range [low, high]. */
export type ProbeMetrics = Readonly<
  Record<string, { readonly value: number; readonly healthy: readonly [number, number] }>
>;

/** Looks at the parameters every so many steps, at the start and at the end; must not change the run. */
export interface Probe {
  readonly everySteps: number;
  measure(parameters: HostArrays, step: number): Promise<ProbeMetrics>;
}

/** What a person asks of a run while it goes. It is looked at between steps. */
export interface RunControl {
  /** Finish the present step, save, and come back. */
  shouldStop(): boolean;
  /** Save after the present step and go on; true once for each request. */
  takeSaveRequest(): boolean;
}

/** Where and how often checkpoints are written. */
export interface CheckpointPolicy {
  readonly runFolder: string;
  readonly everySteps: number;
  readonly keep: KeepPolicy;
  /** All that is needed to build the model again; stored in each checkpoint. */
  readonly settings: Plain;
}

export interface TrainOptions {
  readonly engine: Engine;
  readonly compile: CompileOptions;
  readonly training: TrainingStep;
  readonly batches: BatchSource;
  /** Draws the first parameters. */
  readonly random: Random;
  readonly steps: number;
  /** Stops, as if asked to, when this call has taken so long; null: no limit. */
  readonly maxMinutes: number | null;
  /** Steps between `step` events. */
  readonly reportSteps: number;
  readonly checkpoints: CheckpointPolicy;
  readonly probe: Probe | null;
  readonly monitor: Monitor | null;
  /** Goes on from here, bit for bit as if it had never stopped; null: from the start. */
  readonly resume: Checkpoint | null;
  readonly control: RunControl;
  readonly emit: EmitEvent;
}

/** Why a run ended: all steps made, no more progress, asked to, or out of time. */
export type Ending = 'done' | 'stale' | 'stopped' | 'time';

export interface TrainResult {
  readonly ending: Ending;
  /** Updates that were made, those before a resumption included. */
  readonly step: number;
  readonly progress: Progress;
  /** The last checkpoint. */
  readonly path: string;
}

/**
 * Runs a training step over its batches: probe, save, step, and again. The run is a function of settings and seed alone: events, probes,
 * saving and resuming change no bit of it.
 *
 * @throws UserError when the loss or a gradient is not finite, when a checkpoint does not fit, when it can't be written
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { training, batches, steps, probe, monitor, checkpoints, control, emit } = options;
  const isOutOfTime = startTimeLimit(options.maxMinutes);
  const { state, step: firstStep, progress: firstProgress } = startingPoint(options);
  let step = firstStep;
  let progress = firstProgress;
  let savedBest = progress.best;
  let reportedStep = step;

  emit({ type: 'phase', name: 'compile', detail: `${options.engine.name}, ${options.engine.device}` });
  const example = { state, batch: await batches.next(step), scalars: training.scalarsAt(step) };
  const program = await options.engine.compile(training.step, example, options.compile);
  try {
    emit({
      type: 'phase',
      name: 'train',
      detail: `${program.mode}, ${program.precision}: ${program.reason}`,
    });
    const { windowsPerBatch, windowsPerEpoch, windowFrames } = batches;
    const report = startStepReport(
      { totalSteps: steps, windowsPerBatch, windowsPerEpoch, windowFrames },
      seconds,
    );
    let gradientNorm: number | null = null;
    let path = '';

    const measure = async () => {
      if (probe === null || progress.probedStep === step) return;
      if (step % probe.everySteps !== 0 && step !== steps) return;
      const metrics = await probe.measure(parametersOf(program.read()), step);
      emit({ type: 'guard', step, metrics });
      progress = { ...progress, probedStep: step };
      if (monitor !== null) progress = noteProbe(progress, step, monitored(metrics, monitor), monitor.better);
    };

    const save = () => {
      const started = seconds();
      const header = {
        kind: training.kind,
        step,
        settings: checkpoints.settings,
        progress: toPlain(progress),
      };
      const isBest = progress.best?.step === step;
      path = saveStep(checkpoints.runFolder, { header, tensors: program.read() }, isBest, checkpoints.keep);
      emit({ type: 'checkpoint', step, path, best: isBest, seconds: seconds() - started });
      savedBest = progress.best;
    };

    for (;;) {
      if (!control.shouldStop()) await measure();
      const ending = endingOf(step >= steps, isStale(progress, monitor), control.shouldStop(), isOutOfTime());
      const isDue = step > firstStep && step % checkpoints.everySteps === 0;
      const isNewBest = progress.best !== savedBest;
      if (ending !== null && step > reportedStep) emit(report.take(step));
      if (ending !== null || isDue || isNewBest || control.takeSaveRequest()) save();
      if (ending !== null) return { ending, step, progress, path };

      const asked = seconds();
      const batch = await batches.next(step);
      const got = seconds();
      const scalars = training.scalarsAt(step);
      const outputs = program.run(batch, scalars);
      const took = { waitedSeconds: got - asked, seconds: seconds() - got };
      if (!(outputs.ok.data[0] > 0)) {
        throw reportDivergence({
          runFolder: checkpoints.runFolder,
          step,
          outputs,
          scalars,
          batch,
          gradientNormBefore: gradientNorm,
        });
      }
      step++;
      gradientNorm = outputs.gradientNorm.data[0];
      report.add(outputs, scalars.learningRate, took);
      if (step % options.reportSteps === 0 || step === steps) {
        emit(report.take(step));
        reportedStep = step;
      }
      await setImmediate(); // the step blocks: let messages and signals in
    }
  } finally {
    program.dispose();
  }
}

/** The state, the step and the progress that a run starts with. */
function startingPoint(options: TrainOptions): { state: HostArrays; step: number; progress: Progress } {
  const { training, random, resume } = options;
  const state = training.init(random);
  if (resume === null) return { state, step: 0, progress: NO_PROGRESS };
  const { header, tensors } = resume;
  const whose = `the ${header.kind} at step ${header.step}`;
  assertSameTensors(whose, tensors, state, 'the settings of this run');
  // In the order of the first state: sums over all parameters are then added up as before.
  const ordered = Object.fromEntries(Object.keys(state).map((name) => [name, tensors[name]]));
  return { state: ordered, step: header.step, progress: toProgress(header) };
}

function endingOf(
  isDone: boolean,
  isStale: boolean,
  shouldStop: boolean,
  isOutOfTime: boolean,
): Ending | null {
  if (isDone) return 'done';
  if (shouldStop) return 'stopped';
  if (isStale) return 'stale';
  return isOutOfTime ? 'time' : null;
}

function parametersOf(state: HostArrays): HostArrays {
  return Object.fromEntries(Object.entries(state).filter(([name]) => isParameter(name)));
}

/** @throws UserError when the probe doesn't measure what is monitored, or no finite number */
function monitored(metrics: ProbeMetrics, { metric }: Monitor): number {
  const value = metrics[metric]?.value;
  if (value === undefined || !Number.isFinite(value)) {
    throw new UserError('settings', `monitor.metric is ${metric}, which the probe gives as ${value}`, {
      hint: `it measures ${Object.keys(metrics).join(', ')}`,
    });
  }
  return value;
}

function startTimeLimit(maxMinutes: number | null): () => boolean {
  const started = seconds();
  return () => maxMinutes !== null && seconds() - started >= 60 * maxMinutes;
}

/** Of the monotonic clock. */
function seconds(): number {
  return performance.now() / 1000;
}
