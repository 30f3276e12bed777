import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostArray, HostArrays } from '../arrays.js';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Program } from '../engine/engine.js';
import { UserError } from '../errors.js';
import { seededRandom } from '../random.js';
import type { DivergedStep } from '../training/divergence.js';
import { startingPoint } from '../training/starting-point.js';
import { startRunEngine } from './engine-record.js';
import type { RunContext } from './run-context.js';
import { buildStep, planTraining } from './training-plan.js';

/** What `whisker pretrain --replay` asks of the trainer: plain data. */
export interface ReplayJob {
  /** Those of the run, or others for engine and precision. */
  readonly settings: DeepReadonly<PretrainSettings>;
  /** `diverged-step-NNNNNN.json` of a run. */
  readonly file: string;
}

/** One window of the batch, run alone: every row of the batch is this window. */
export interface ReplayedWindow {
  readonly recording: string;
  readonly startSeconds: number;
  /** The largest magnitude among the numbers that the encoder gets; NaN where one of them is. */
  readonly largestInput: number;
  readonly allFinite: boolean;
  readonly outputs: Readonly<Record<string, number>>;
}

/** What the batch of a diverged step does, as a whole and window by window. */
export interface ReplaySummary {
  readonly step: number;
  /** Of the whole batch, as the run had it. */
  readonly outputs: Readonly<Record<string, number>>;
  readonly allFinite: boolean;
  /** Those that are not finite first, then by gradient norm. */
  readonly windows: readonly ReplayedWindow[];
}

/**
 * Runs the batch of a diverged step again, on the weights that met it: whole, then each of its windows alone. Nothing
 * is written.
 * @throws UserError (`data`) when the file is not one of a diverged step, or the settings give another batch
 */
export async function replayStep({ settings, file }: ReplayJob, context: RunContext): Promise<ReplaySummary> {
  const diverged = readDivergedStep(file);
  const checkpoint = readCheckpoint(join(dirname(file), diverged.weights));
  const dataset = openDataset(settings.data.folder);
  const engine = await startRunEngine(settings.engine);
  const plan = planTraining(settings, dataset, context.emit);
  // The schedule doesn't matter: the step's scalars are those of the file.
  const training = buildStep(settings, plan, 1, engine.branches);
  const { state } = startingPoint(training, seededRandom(settings.seed, 'parameters'), checkpoint);
  const batch: HostArrays = plan.maker.makeBatch(diverged.step);
  assertSameWindows(file, diverged, batch);
  const { mode, precision } = settings.engine;
  const { scalars } = diverged;
  const program = await engine.compile(training.step, { state, batch, scalars }, { mode, precision });
  try {
    const whole = runOnce(program, state, batch, scalars);
    const windows: ReplayedWindow[] = [];
    for (const [index, { recording, startSeconds }] of diverged.windows.entries()) {
      if (context.signal.aborted) break;
      const alone = onlyWindow(batch, index, diverged.windows.length);
      windows.push({
        recording: dataset.recordings[recording].id,
        startSeconds,
        largestInput: largestMagnitude(alone.tokens),
        ...runOnce(program, state, alone, scalars),
      });
      const done = index + 1;
      const total = diverged.windows.length;
      context.emit({
        ...{ type: 'progress', phase: 'replay', done, total, unit: 'windows' },
        ...{ ratePerSecond: null, etaSeconds: null },
      });
      await context.untilResumed();
    }
    return { step: diverged.step, ...whole, windows: windows.sort(worstFirst) };
  } finally {
    program.dispose();
    dataset.close();
  }
}

function readDivergedStep(file: string): DivergedStep {
  let content: Partial<DivergedStep>;
  try {
    content = JSON.parse(readFileSync(file, 'utf8')) as Partial<DivergedStep>;
  } catch (cause) {
    throw new UserError('data', `${file} can not be read: ${(cause as Error).message}`, { cause });
  }
  const { step, weights, windows, scalars } = content;
  const isWhole =
    Number.isInteger(step) && typeof weights === 'string' && Array.isArray(windows) && scalars !== undefined;
  // The name of a file beside this one, nothing else.
  if (isWhole && /^[\w.-]+$/.test(weights)) return content as DivergedStep;
  throw new UserError('data', `${file} is not the file of a diverged step`, {
    hint: 'Name a diverged-step-NNNNNN.json in the folder of a run',
  });
}

function assertSameWindows(file: string, { windows }: DivergedStep, batch: HostArrays): void {
  const { recording, startSeconds } = batch;
  const isSame =
    recording.data.length === windows.length &&
    windows.every(
      (window, index) =>
        window.recording === recording.data[index] && window.startSeconds === startSeconds.data[index],
    );
  if (isSame) return;
  throw new UserError('data', `These settings do not give the windows that ${file} lists`, {
    hint: 'Replay with the settings of the run: its config.yaml and overrides.json. Only engine.* may differ',
  });
}

function runOnce(
  program: Program,
  state: HostArrays,
  batch: HostArrays,
  scalars: Readonly<Record<string, number>>,
) {
  program.write(state);
  const fetched = program.run(batch, scalars);
  const outputs = Object.fromEntries(Object.entries(fetched).map(([name, { data }]) => [name, data[0]]));
  return { outputs, allFinite: outputs.ok > 0 };
}

/** The batch with the rows of one window in place of all others; rows are [view x window, ...]. */
function onlyWindow(batch: HostArrays, window: number, windows: number): HostArrays {
  const repeat = ({ shape, data }: HostArray): HostArray => {
    const [rows] = shape;
    const size = data.length / rows;
    const repeated = data.slice();
    for (let row = 0; row < rows; row++) {
      const source = Math.floor(row / windows) * windows + window;
      repeated.set(data.subarray(source * size, (source + 1) * size), row * size);
    }
    return { shape, data: repeated };
  };
  return Object.fromEntries(Object.entries(batch).map(([name, field]) => [name, repeat(field)]));
}

function largestMagnitude({ data }: HostArray): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(value)); // NaN stays NaN
  return largest;
}

function worstFirst(one: ReplayedWindow, other: ReplayedWindow): number {
  if (one.allFinite !== other.allFinite) return one.allFinite ? 1 : -1;
  const difference = other.outputs.gradientNorm - one.outputs.gradientNorm;
  return Number.isNaN(difference) ? 0 : difference;
}
