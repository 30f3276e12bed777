import { setImmediate } from 'node:timers/promises';
import { type HostArrays, sizeOf } from '../arrays.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Engine, Program } from '../engine/engine.js';
import { seededRandom } from '../random.js';
import { isParameter } from '../training/update.js';
import { startRunEngine } from './engine-record.js';
import { estimateNeeds, measureLimits, type Needs, refuseWhatCannotFit } from './fit-limits.js';
import type { RunContext } from './run-context.js';
import { openBatches, openGuards } from './run-parts.js';
import { buildStep, planTraining, type TrainingPlan } from './training-plan.js';

/** What is asked of an estimate: plain data. */
export interface EstimateJob {
  /** Of pretrainings with the same engine settings. */
  readonly runs: readonly DeepReadonly<PretrainSettings>[];
  /** Where they would lie. */
  readonly folder: string;
  readonly ignoreLimits: boolean;
}

/** What a pretraining would take; from its settings, and from a few steps that were really made. */
export interface Estimate {
  readonly recordings: number;
  readonly windowsPerEpoch: number;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly totalSteps: number;
  readonly stepSeconds: number;
  /** From the command to its end: start, compiling, steps and looks of the guards. */
  readonly seconds: number;
  /** Of the trainer, after those steps and a look. */
  readonly peakBytes: number;
  readonly checkpointBytes: number;
  /** Of all checkpoints that stay. */
  readonly diskBytes: number;
}

/** Steps before those that are timed. */
const WARM_STEPS = 3;
/** At least so many are timed, for at least this long; slow ones not for longer than the limit. */
const TIMED = { steps: 8, seconds: 3, limitSeconds: 30, leastSteps: 2 };
/** From the start of the command to that of its trainer. */
const COMMAND_SECONDS = 0.4;

/**
 * Estimates pretrainings without leaving anything behind. Those whose batches and weights have the same shapes take the
 * same time for a step: it is measured once.
 * @throws UserError (`device`) when one of them can't fit into memory or onto the disk
 */
export async function estimatePretrainings(
  { runs, folder, ignoreLimits }: EstimateJob,
  context: RunContext,
): Promise<Estimate[]> {
  const engine = await startRunEngine(runs[0].engine);
  const isOnHost = engine.name !== 'cuda';
  const startSeconds = COMMAND_SECONDS + seconds();
  const known = new Map<string, Measured>();
  const estimates: Estimate[] = [];
  for (const settings of runs) {
    const began = seconds();
    const dataset = openDataset(settings.data.folder);
    const plan = planTraining(settings, dataset, context.emit);
    const planSeconds = seconds() - began;
    const refuse = (steps: number | null): Needs => {
      const needs = estimateNeeds(settings, plan, steps);
      if (!ignoreLimits) refuseWhatCannotFit(settings, needs, measureLimits(folder), isOnHost);
      return needs;
    };
    refuse(null);
    const shapes = describeShapes(settings, plan);
    const measured = known.get(shapes) ?? (await measureRun(settings, plan, dataset, engine, context));
    known.set(shapes, measured);
    const { stepSeconds, compileSeconds, parameters, probe } = measured;
    const totalSteps = countTotalSteps(settings, plan, stepSeconds);
    const { checkpointBytes, diskBytes } = refuse(totalSteps);
    dataset.close();
    const { stepsPerEpoch } = plan.maker;
    const probeSeconds =
      probe === null ? 0 : probe.firstSeconds + Math.ceil(totalSteps / probe.everySteps) * probe.seconds;
    estimates.push({
      recordings: plan.batchJob.recordings.length,
      windowsPerEpoch: stepsPerEpoch * plan.batchJob.batchSize,
      ...{ stepsPerEpoch, parameters, totalSteps, stepSeconds },
      seconds: startSeconds + planSeconds + compileSeconds + totalSteps * stepSeconds + probeSeconds,
      peakBytes: measured.peakBytes,
      ...{ checkpointBytes, diskBytes },
    });
  }
  return estimates;
}

/** Two runs that agree in this take the same for a step and for a look of the guards. */
export function describeShapes(settings: DeepReadonly<PretrainSettings>, plan: TrainingPlan): string {
  const shapesOf = (arrays: HostArrays) =>
    Object.entries(arrays).map(([name, { shape }]) => `${name} ${shape}`);
  const state = buildStep(settings, plan, 1).init(seededRandom(settings.seed, 'parameters'));
  return JSON.stringify([
    shapesOf(state),
    shapesOf(plan.maker.makeBatch(0)),
    [settings.engine, settings.probe, settings.training.workers],
  ]);
}

/** What was measured of a run. */
interface Measured extends MeasuredSteps {
  readonly probe: MeasuredProbe | null;
  /** Of the trainer so far. */
  readonly peakBytes: number;
}

async function measureRun(
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
  dataset: Dataset,
  engine: Engine,
  context: RunContext,
): Promise<Measured> {
  context.emit({ type: 'phase', name: 'measure', detail: 'a few steps' });
  const steps = await measureSteps(engine, settings, plan);
  const probe = await measureProbe(settings, plan, dataset, engine, steps.parameterArrays);
  return { ...steps, probe, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

function countTotalSteps(
  { training: { duration } }: DeepReadonly<PretrainSettings>,
  { maker }: TrainingPlan,
  stepSeconds: number,
): number {
  return duration.minutes === undefined
    ? countSteps(duration, maker.stepsPerEpoch)
    : Math.max(1, Math.round((60 * duration.minutes) / stepSeconds));
}

/** Steps of a run that is not given in minutes. */
export function countSteps(
  duration: DeepReadonly<PretrainSettings>['training']['duration'],
  stepsPerEpoch: number,
): number {
  if (duration.steps !== undefined) return duration.steps;
  return Math.max(1, Math.round((duration.epochs ?? 1) * stepsPerEpoch));
}

interface MeasuredSteps {
  readonly stepSeconds: number;
  /** Of the first step, its compilation and its batch included, when an earlier run has left what it compiled. */
  readonly compileSeconds: number;
  readonly parameters: number;
  /** After those steps. */
  readonly parameterArrays: HostArrays;
}

/** Makes a few steps on a copy of the first state, with batches made as in a run. */
export async function measureSteps(
  engine: Engine,
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
): Promise<MeasuredSteps> {
  const { step, init, scalarsAt } = buildStep(settings, plan, WARM_STEPS + TIMED.steps, engine.branches);
  const state = init(seededRandom(settings.seed, 'parameters'));
  const { mode, precision } = settings.engine;
  const batches = openBatches(settings, plan, Number.MAX_SAFE_INTEGER);
  try {
    const example = { state, batch: await batches.next(0), scalars: scalarsAt(0) };
    const compileAndStep = async (): Promise<Program> => {
      const program = await engine.compile(step, example, { mode, precision });
      program.run(example.batch, example.scalars);
      return program;
    };
    // What is compiled for the first time is kept: the run will find it.
    (await compileAndStep()).dispose();
    const began = seconds();
    const program = await compileAndStep();
    const compileSeconds = seconds() - began;
    try {
      let number = 1;
      const next = async (): Promise<void> => {
        const batch = await batches.next(number);
        program.run(batch, scalarsAt(number));
        number++;
        await setImmediate();
      };
      while (number < WARM_STEPS) await next();
      const start = { seconds: seconds(), number };
      const timed = () => ({ steps: number - start.number, seconds: seconds() - start.seconds });
      for (let done = timed(); !isEnough(done); done = timed()) await next();
      const { steps, seconds: took } = timed();
      return {
        stepSeconds: took / steps,
        compileSeconds,
        parameters: Object.entries(state).reduce(
          (sum, [path, { shape }]) => sum + (isParameter(path) ? sizeOf(shape) : 0),
          0,
        ),
        parameterArrays: Object.fromEntries(
          Object.entries(program.read()).filter(([path]) => isParameter(path)),
        ),
      };
    } finally {
      program.dispose();
    }
  } finally {
    await batches.close();
  }
}

function isEnough(done: { readonly steps: number; readonly seconds: number }): boolean {
  if (done.seconds >= TIMED.limitSeconds) return done.steps >= TIMED.leastSteps;
  return done.steps >= TIMED.steps && done.seconds >= TIMED.seconds;
}

/** What the guards cost: their first look, which compiles, and each later one. */
interface MeasuredProbe {
  readonly firstSeconds: number;
  readonly seconds: number;
  readonly everySteps: number;
}

async function measureProbe(
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
  dataset: Dataset,
  engine: Engine,
  parameters: HostArrays,
): Promise<MeasuredProbe | null> {
  const guards = openGuards(settings, plan, dataset, engine);
  if (guards === null) return null;
  const look = async (): Promise<number> => {
    const began = seconds();
    await guards.measure(parameters, 0);
    return seconds() - began;
  };
  const firstSeconds = await look();
  const later = await look();
  guards.dispose();
  return { firstSeconds, seconds: later, everySteps: guards.everySteps };
}

/** Of the monotonic clock. */
function seconds(): number {
  return performance.now() / 1000;
}
