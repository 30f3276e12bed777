import { setImmediate } from 'node:timers/promises';
import type { HostArrays } from '../arrays.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { Plain } from '../checkpoint/format.js';
import { type KeepPolicy, saveStep } from '../checkpoint/run-folder.js';
import type { CompileOptions, Engine } from '../engine/engine.js';
import { UserError } from '../errors.js';
import type { EmitEvent } from '../events/event.js';
import type { Random } from '../random.js';
import {
  type DivergencePolicy,
  type DivergenceReport,
  divergenceError,
  recordDivergence,
} from './divergence.js';
import { isStale, type Monitor, noteProbe, type Progress, toPlain } from './progress.js';
import { startingPoint } from './starting-point.js';
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
  /** Called before each checkpoint. @throws UserError when what batches are made of is not what it was at the start */
  assertUnchanged?(): void;
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
  /** Saves and stops, as if asked to, so that all is done by then: seconds of the monotonic clock; null: no limit. */
  readonly endBySeconds: number | null;
  /** Steps between `step` events. */
  readonly reportSteps: number;
  readonly checkpoints: CheckpointPolicy;
  readonly onDivergence: DivergencePolicy;
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
  /** Steps that were made, those before a resumption included. */
  readonly step: number;
  readonly progress: Progress;
  /** The last checkpoint. */
  readonly path: string;
}

/**
 * Runs a training step over its batches: probe, save, step, and again. The run is a function of settings and seed
 * alone: events, probes, saving, stopping and resuming change no bit of it, and no bit of what it reports.
 *
 * @throws UserError when the loss or a gradient is not finite, when a checkpoint does not fit, when it can't be written
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { training, batches, steps, probe, monitor, checkpoints, control, emit } = options;
  const start = startingPoint(training, options.random, options.resume);
  let { step, progress } = start;
  let savedBest = progress.best;

  emit({ type: 'phase', name: 'compile', detail: `${options.engine.name}, ${options.engine.device}` });
  const example = { state: start.state, batch: await batches.next(step), scalars: training.scalarsAt(step) };
  const program = await options.engine.compile(training.step, example, options.compile);
  try {
    emit({
      type: 'phase',
      name: 'train',
      detail: `${program.mode}, ${program.precision}: ${program.reason}`,
    });
    const { windowsPerBatch, windowsPerEpoch, windowFrames } = batches;
    const shape = { totalSteps: steps, windowsPerBatch, windowsPerEpoch, windowFrames };
    const report = startStepReport(shape, seconds, progress.pending);
    const clock = startRunClock(options.endBySeconds);
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

    const headerNow = () => ({
      kind: training.kind,
      step,
      settings: checkpoints.settings,
      progress: toPlain({ ...progress, pending: report.pending() }),
    });

    const save = () => {
      const started = seconds();
      batches.assertUnchanged?.();
      const isBest = progress.best?.step === step;
      const checkpoint = { header: headerNow(), tensors: program.read() };
      path = saveStep(checkpoints.runFolder, checkpoint, isBest, checkpoints.keep);
      clock.noteSave(seconds() - started);
      emit({ type: 'checkpoint', step, path, best: isBest, seconds: seconds() - started });
      savedBest = progress.best;
    };

    const tellSteps = () => {
      if (report.pending().steps > 0) emit(report.take(step));
    };

    for (;;) {
      // A run that is done is looked at in any case: nothing comes after it that could make up for it.
      if (!control.shouldStop() || step >= steps) await measure();
      const ending = endingOf({
        isDone: step >= steps,
        isStale: isStale(progress, monitor),
        shouldStop: control.shouldStop(),
        isOutOfTime: clock.isOutOfTime(),
      });
      const isDue = step > start.step && step % checkpoints.everySteps === 0;
      const isNewBest = progress.best !== savedBest;
      const isAskedFor = control.takeSaveRequest(); // taken in any case: one that is due answers it
      if (ending === 'stale') tellSteps();
      if (ending !== null || isDue || isNewBest || isAskedFor) save();
      if (ending !== null) return { ending, step, progress, path };

      const asked = seconds();
      const batch = await batches.next(step);
      const got = seconds();
      const given = training.scalarsAt(step);
      const scalars = { ...given, learningRate: given.learningRate * progress.rateFactor };
      const outputs = program.run(batch, scalars);
      const took = { waitedSeconds: got - asked, seconds: seconds() - got };
      clock.noteStep(took.seconds);
      if (outputs.ok.data[0] > 0) {
        gradientNorm = outputs.gradientNorm.data[0];
        report.add(outputs, scalars.learningRate, took);
      } else {
        const diverged = recordDivergence({
          ...{ runFolder: checkpoints.runFolder, step, outputs, scalars, batch },
          ...{ gradientNormBefore: gradientNorm, header: headerNow(), tensors: program.read() },
        });
        progress = leaveOut(diverged, progress, options);
      }
      step++;
      if (step % options.reportSteps === 0 || step === steps) tellSteps();
      await setImmediate(); // the step blocks: let messages and signals in
    }
  } finally {
    program.dispose();
  }
}

/** The progress after a step that was left out. @throws UserError when the run shall stop */
function leaveOut(diverged: DivergenceReport, progress: Progress, options: TrainOptions): Progress {
  const { onDivergence: policy, checkpoints, emit } = options;
  if (policy.type === 'stop' || progress.skippedSteps >= policy.most) {
    const { whenItDiverges } = options.training;
    throw divergenceError(diverged, checkpoints.runFolder, progress.skippedSteps, whenItDiverges);
  }
  const skippedSteps = progress.skippedSteps + 1;
  const rateFactor = policy.type === 'halve' ? progress.rateFactor / 2 : progress.rateFactor;
  const rate = policy.type === 'halve' ? `; the learning rate goes on at ${rateFactor} of its schedule` : '';
  const file = diverged.path === null ? '' : ` ${diverged.path} lists its windows.`;
  emit({
    type: 'message',
    level: 'warning',
    text: `${diverged.what} (${diverged.circumstances}): its update is left out, ${skippedSteps} of at most ${policy.most}${rate}.${file}`,
  });
  return { ...progress, skippedSteps, rateFactor };
}

function endingOf(state: {
  readonly isDone: boolean;
  readonly isStale: boolean;
  readonly shouldStop: boolean;
  readonly isOutOfTime: boolean;
}): Ending | null {
  if (state.isDone) return 'done';
  if (state.shouldStop) return 'stopped';
  if (state.isStale) return 'stale';
  return state.isOutOfTime ? 'time' : null;
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

/** Whether there is still time for one more step and for the checkpoint behind it, by the longest of each so far. */
function startRunClock(endBySeconds: number | null) {
  let longestStep = 0;
  let longestSave = 0;
  return {
    noteStep(took: number): void {
      longestStep = Math.max(longestStep, took);
    },
    noteSave(took: number): void {
      longestSave = Math.max(longestSave, took);
    },
    isOutOfTime: () => endBySeconds !== null && seconds() + longestStep + longestSave >= endBySeconds,
  };
}

/** Of the monotonic clock. */
function seconds(): number {
  return performance.now() / 1000;
}
