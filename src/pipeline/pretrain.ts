import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { findCheckpoint } from '../checkpoint/run-folder.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { BatchSource as PreparedBatches } from '../data/windows/batch-workers.js';
import type { Engine } from '../engine/engine.js';
import { UserError } from '../errors.js';
import { seededRandom } from '../random.js';
import { type BatchSource, type Ending, train } from '../training/train.js';
import { keepEngine, startRunEngine } from './engine-record.js';
import { countSteps, measureSteps } from './estimate.js';
import { estimateNeeds, measureLimits, refuseWhatCannotFit } from './fit-limits.js';
import { isHarmless } from './harmless-settings.js';
import { cardToPlain, withRecordings } from './model-card.js';
import type { RunContext } from './run-context.js';
import { createRunControl } from './run-control.js';
import {
  type ExistingPolicy,
  type GivenSettings,
  openRunFolder,
  type RunFolder,
  readRunJson,
  writeRunJson,
} from './run-folder.js';
import { NO_STEP, observeLogs } from './run-logs.js';
import { decidingRecordings, openBatches, openGuards } from './run-parts.js';
import { readStartWeights, type StartWeights, startingFrom, withSeenBefore } from './start-weights.js';
import { buildStep, planTraining, type TrainingPlan } from './training-plan.js';

/** What `whisker pretrain` asks of the trainer: plain data. */
export interface PretrainJob {
  readonly settings: DeepReadonly<PretrainSettings>;
  readonly given: GivenSettings;
  readonly folder: string;
  readonly policy: ExistingPolicy;
  /** Whether it is tried even where it seems not to fit into memory or onto the disk. */
  readonly ignoreLimits?: boolean;
}

/** What `whisker pretrain` tells when it is done or stopped: plain data. */
export interface PretrainSummary {
  readonly folder: string;
  readonly ending: Ending;
  readonly step: number;
  readonly totalSteps: number;
  readonly checkpoint: string;
  /** Of the trainer's memory. */
  readonly peakBytes: number;
}

/** How minutes became steps. */
const DURATION = 'duration.json';

/**
 * Pretrains an encoder: opens the run's folder, the data and the engine, builds the model, and runs the loop.
 * A resumed run ends with the bits of one that was never stopped.
 *
 * @throws UserError for everything that a person can mend; the folder keeps its last checkpoint
 */
export async function runPretraining(job: PretrainJob, context: RunContext): Promise<PretrainSummary> {
  const { settings } = job;
  const startedSeconds = performance.now() / 1000;
  const run = openRunFolder(job.folder, job.given, job.policy, (setting) => isHarmless('pretrain', setting));
  let hasBegun = false;
  let opened: Dataset | undefined;
  try {
    if (run.takenOver !== null) context.emit({ type: 'message', level: 'warning', text: run.takenOver });
    const control = createRunControl(run.path, context, () => performance.now() / 1000);
    const dataset = openDataset(settings.data.folder);
    opened = dataset;
    const lastPath = run.isResumed ? findCheckpoint(run.path, 'last') : null;
    const resume = lastPath === null ? null : readCheckpoint(lastPath);
    const weights = resume === null ? openStartWeights(run, settings) : null;
    observeLogs(run.path, run.isResumed ? (resume?.header.step ?? NO_STEP) : null, context);
    const engine = await startRunEngine(settings.engine, run.isResumed ? run.path : null);
    const { mode, precision } = settings.engine;
    const assertUnchanged = await keepEngine(run.path, engine, {
      ...{ dataset, isResumed: run.isResumed, emit: context.emit, seed: settings.seed },
      also: { mode, precision, startFrom: weights === null ? keptStart(run.path) : describeStart(weights) },
    });

    const plan = planTraining(settings, dataset, context.emit);
    const isOnHost = engine.name !== 'cuda';
    const limits = measureLimits(run.path);
    const refuse = (steps: number | null): void => {
      if (job.ignoreLimits !== true)
        refuseWhatCannotFit(settings, estimateNeeds(settings, plan, steps), limits, isOnHost);
    };
    refuse(null);
    const totalSteps = await keepTotalSteps(run.path, settings, plan, engine);
    refuse(totalSteps);
    const summarise = (ending: Ending, step: number, checkpoint: string): PretrainSummary => ({
      ...{ folder: run.path, ending, step, totalSteps, checkpoint },
      peakBytes: process.resourceUsage().maxRSS * 1024,
    });
    if (resume !== null && lastPath !== null && resume.header.step >= totalSteps) {
      const text = `${run.path} is finished: nothing is left to do`;
      context.emit({ type: 'message', level: 'info', text });
      return summarise('done', resume.header.step, lastPath);
    }
    const training = buildStep(settings, plan, totalSteps, engine.branches);
    const own = withRecordings(plan.card, decidingRecordings(settings, plan, dataset));
    const card = weights === null ? own : withSeenBefore(own, weights, context.emit);
    const batches = openBatches(settings, plan, totalSteps);
    const guards = openGuards(settings, plan, dataset, engine);
    context.emit({
      ...{ type: 'started', command: 'pretrain', name: settings.name, folder: run.path, totalSteps },
      ...{ engine: engine.name, mode, device: engine.device },
    });
    hasBegun = true;
    const { maxMinutes, onDivergence } = settings.training;
    const { ending, step, path } = await train({
      engine,
      compile: { mode, precision },
      training: weights === null ? training : startingFrom(training, weights, context.emit),
      batches: { ...pausable(batches, plan, context), assertUnchanged },
      random: seededRandom(settings.seed, 'parameters'),
      steps: totalSteps,
      endBySeconds: maxMinutes === null ? null : startedSeconds + 60 * maxMinutes,
      reportSteps: settings.log.everySteps,
      checkpoints: {
        runFolder: run.path,
        everySteps: settings.checkpoint.everySteps,
        keep: { newest: settings.checkpoint.keepNewest, everySteps: settings.checkpoint.keepEverySteps },
        settings: resume?.header.settings ?? cardToPlain(card),
      },
      onDivergence,
      probe: guards,
      monitor: settings.probe?.monitor ?? null,
      resume,
      control,
      emit: context.emit,
    }).finally(async () => {
      guards?.dispose();
      control.close();
      await batches.close();
    });
    const outcome = ending === 'stopped' || ending === 'time' ? 'stopped' : 'done';
    const seconds = performance.now() / 1000 - startedSeconds;
    context.emit({ type: 'finished', outcome, seconds, next: [] });
    return summarise(ending, step, path);
  } catch (error) {
    if (!hasBegun) run.abandon();
    throw error;
  } finally {
    opened?.close();
    run.release();
  }
}

/** The weights that a run without a checkpoint starts from. @throws UserError when they are not those of its first start */
function openStartWeights(
  { path }: RunFolder,
  { training }: DeepReadonly<PretrainSettings>,
): StartWeights | null {
  if (training.startFrom === null) return null;
  const weights = readStartWeights(training.startFrom);
  const kept = keptStart(path);
  if (kept === null || kept.hash === weights.hash) return weights;
  throw new UserError(
    'data',
    `${weights.path} is not what ${path} was started from: its weights have changed`,
    {
      hint: `It was started from step ${kept.step} of ${kept.path}: name that file, or start anew under another name`,
    },
  );
}

type KeptStart = Pick<StartWeights, 'path' | 'step' | 'hash'>;

const describeStart = ({ path, step, hash }: StartWeights): KeptStart => ({ path, step, hash });

function keptStart(runFolder: string): KeptStart | null {
  const resolved = readRunJson(runFolder, 'resolved.json') as { readonly startFrom?: KeptStart } | undefined;
  return resolved?.startFrom ?? null;
}

/** A run that is paused waits for its next batch. */
function pausable(batches: PreparedBatches, plan: TrainingPlan, context: RunContext): BatchSource {
  return {
    async next(step) {
      await context.untilResumed();
      return batches.next(step);
    },
    windowsPerBatch: plan.batchJob.batchSize,
    windowsPerEpoch: plan.maker.stepsPerEpoch * plan.batchJob.batchSize,
    windowFrames: plan.model.window.windowFrames,
  };
}

/**
 * Steps of a run. Minutes are turned into steps once, by a few measured ones, and kept: a resumed run has as many.
 */
async function keepTotalSteps(
  folder: string,
  settings: DeepReadonly<PretrainSettings>,
  plan: TrainingPlan,
  engine: Engine,
): Promise<number> {
  const { duration } = settings.training;
  if (duration.minutes === undefined) return countSteps(duration, plan.maker.stepsPerEpoch);
  const kept = readRunJson(folder, DURATION) as { readonly totalSteps: number } | undefined;
  if (kept !== undefined) return kept.totalSteps;
  const { stepSeconds } = await measureSteps(engine, settings, plan);
  const totalSteps = Math.max(1, Math.round((60 * duration.minutes) / stepSeconds));
  writeRunJson(folder, DURATION, { minutes: duration.minutes, stepSeconds, totalSteps });
  return totalSteps;
}
