import { setImmediate } from 'node:timers/promises';
import { sizeOf } from '../arrays.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Engine, Program } from '../engine/engine.js';
import { seededRandom } from '../random.js';
import { isParameter } from '../training/update.js';
import { startRunEngine } from './engine-record.js';
import { estimateNeeds, measureLimits, refuseWhatCannotFit } from './fit-limits.js';
import type { RunContext } from './run-context.js';
import { openBatches, openGuards } from './run-parts.js';
import { buildStep, planTraining, type TrainingPlan } from './training-plan.js';

/** What is asked of an estimate: plain data. */
export interface EstimateJob {
  readonly settings: DeepReadonly<PretrainSettings>;
  /** Where the run would lie. */
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
 * Estimates a pretraining without leaving anything behind.
 * @throws UserError (`device`) when the run can't fit into memory or onto the disk
 */
export async function estimatePretraining(
  { settings, folder, ignoreLimits }: EstimateJob,
  context: RunContext,
): Promise<Estimate> {
  const dataset = openDataset(settings.data.folder);
  const engine = await startRunEngine(settings.engine);
  const plan = planTraining(settings, dataset, context.emit);
  const isOnHost = engine.name !== 'cuda';
  const refuse = (steps: number | null): void => {
    const needs = estimateNeeds(settings, plan, steps);
    if (!ignoreLimits) refuseWhatCannotFit(settings, needs, measureLimits(folder), isOnHost);
  };
  refuse(null);
  const planned = performance.now() / 1000;
  context.emit({ type: 'phase', name: 'measure', detail: 'a few steps' });
  const measured = await measureSteps(engine, settings, plan);
  const { stepSeconds, compileSeconds, parameters } = measured;
  const probe = await measureProbe(settings, plan, dataset, engine, measured.parameterArrays);
  const { duration } = settings.training;
  const { stepsPerEpoch } = plan.maker;
  const totalSteps =
    duration.minutes === undefined
      ? countSteps(duration, stepsPerEpoch)
      : Math.max(1, Math.round((60 * duration.minutes) / stepSeconds));
  refuse(totalSteps);
  const { checkpointBytes, diskBytes } = estimateNeeds(settings, plan, totalSteps);
  dataset.close();
  return {
    recordings: plan.batchJob.recordings.length,
    windowsPerEpoch: stepsPerEpoch * plan.batchJob.batchSize,
    stepsPerEpoch,
    parameters,
    totalSteps,
    stepSeconds,
    seconds:
      COMMAND_SECONDS +
      planned +
      compileSeconds +
      probe.firstSeconds +
      totalSteps * stepSeconds +
      probe.looksAfter(totalSteps) * probe.seconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    checkpointBytes,
    diskBytes,
  };
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
  readonly parameterArrays: ReturnType<Program['read']>;
}

/** Makes a few steps on a copy of the first state, with batches made as in a run. */
export async function measureSteps(
  engine: Engine,
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
): Promise<MeasuredSteps> {
  const { step, init, scalarsAt } = buildStep(settings, plan, WARM_STEPS + TIMED.steps);
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

/** What the guards cost: their first look, which compiles, each later one, and how many there are. */
async function measureProbe(
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
  dataset: Dataset,
  engine: Engine,
  parameters: ReturnType<Program['read']>,
) {
  const guards = openGuards(settings, plan, dataset, engine);
  if (guards === null) return { firstSeconds: 0, seconds: 0, looksAfter: () => 0 };
  const look = async (): Promise<number> => {
    const began = seconds();
    await guards.measure(parameters, 0);
    return seconds() - began;
  };
  const firstSeconds = await look();
  const later = await look();
  guards.dispose();
  return {
    firstSeconds,
    seconds: later,
    looksAfter: (totalSteps: number) => Math.ceil(totalSteps / guards.everySteps),
  };
}

/** Of the monotonic clock. */
function seconds(): number {
  return performance.now() / 1000;
}
