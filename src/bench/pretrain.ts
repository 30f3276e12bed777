import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveStep } from '../checkpoint/run-folder.js';
import type { CompileOptions, Engine, Program } from '../engine/engine.js';
import { branchedEncoder } from '../model/encoders/branched.js';
import { buildTransformer } from '../model/encoders/transformer.js';
import { combineObjectives } from '../model/objectives/combine.js';
import { buildContrastive } from '../model/objectives/contrastive.js';
import { buildMasked } from '../model/objectives/masked.js';
import type { ObjectiveShape } from '../model/objectives/objective.js';
import { seededRandom } from '../random.js';
import { buildTrainingStep, type TrainingStep } from '../training/training-step.js';
import { type BenchResult, measureRuns, medianOf } from './measure.js';
import { CHANNELS, maskedNoiseBatch } from './noise.js';
import { describeProgram } from './program-name.js';

export interface PretrainBenchOptions {
  /** Windows of a batch; each is seen in two views. */
  readonly windows: number;
  readonly compile: CompileOptions;
  readonly steps: number;
}

/** What a training step takes, and a checkpoint of its state. */
export interface PretrainBenchResult extends BenchResult {
  /** What a checkpoint takes from training: reading the state back, writing, flushing and verifying it. Median. */
  readonly saveMilliseconds: number;
  readonly checkpointBytes: number;
}

/** The encoder of the benchmarks: that of the default settings. */
export const ENCODER = {
  width: 128,
  layers: 4,
  heads: 4,
  feedForward: 256,
  positions: 'learned',
} as const;
export const WINDOW_FRAMES = 64;
const MASK_RATIO = 0.7;
const BATCHES = 4;
const WARM_UP_STEPS = 5;
const SAVES = 7;

/**
 * Times one step of masked and contrastive pretraining on batches that are there already: the work of
 * `scripts/peers/torch_step.py pretrain`. Windows count once, not once a view. Then times what a checkpoint takes.
 */
export async function benchPretrain(
  engine: Engine,
  options: PretrainBenchOptions,
): Promise<PretrainBenchResult> {
  const { windows, compile, steps } = options;
  const training = buildBenchTraining(WARM_UP_STEPS + steps, engine.branches);
  const random = seededRandom(1, 'bench');
  const batches = Array.from({ length: BATCHES }, (_, number) =>
    maskedNoiseBatch(random.fork('batch', number), {
      windows,
      windowTokens: WINDOW_FRAMES,
      maskRatio: MASK_RATIO,
    }),
  );
  const state = training.init(random);
  const example = { state, batch: batches[0], scalars: training.scalarsAt(0) };
  const program = await engine.compile(training.step, example, compile);
  const plan = { warmUpRuns: WARM_UP_STEPS, runs: steps, framesPerRun: windows * WINDOW_FRAMES };
  const result = await measureRuns(describeProgram(engine, program), plan, (step) => {
    program.run(batches[step % BATCHES], training.scalarsAt(step));
  });
  const saved = measureSaves(program, training.kind);
  program.dispose();
  return { ...result, ...saved };
}

/** Saves as a run does, in a folder of its own. */
function measureSaves(
  program: Program,
  kind: string,
): Pick<PretrainBenchResult, 'saveMilliseconds' | 'checkpointBytes'> {
  const folder = mkdtempSync(join(tmpdir(), 'whisker-bench-'));
  try {
    let path = '';
    const milliseconds = Array.from({ length: SAVES }, (_, step) => {
      const started = performance.now();
      const header = { kind, step, settings: null, progress: null };
      path = saveStep(folder, { header, tensors: program.read() }, false, { newest: 1, everySteps: null });
      return performance.now() - started;
    });
    return { saveMilliseconds: medianOf(milliseconds), checkpointBytes: statSync(path).size };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The step as `pretrain` builds it: encoder, a one-block decoder of half the width, contrast of two views. */
function buildBenchTraining(totalSteps: number, branches: number): TrainingStep {
  const { width } = ENCODER;
  const encoder = buildTransformer({ channels: CHANNELS, windowTokens: WINDOW_FRAMES }, ENCODER);
  const shape: ObjectiveShape = {
    width,
    windowTokens: WINDOW_FRAMES,
    targetChannels: CHANNELS,
    tokens: encoder.tokens,
  };
  const masked = buildMasked(shape, {
    maskRatio: MASK_RATIO,
    spanTokens: 1,
    decoder: { width: width / 2, layers: 1, heads: ENCODER.heads, feedForward: width },
  });
  const contrastive = buildContrastive(shape, {
    positives: { kind: 'views' },
    temperature: 0.1,
    hiddenWidth: 128,
    projectionWidth: 64,
    nearSeconds: 0,
  });
  return buildTrainingStep({
    encoder: branchedEncoder(encoder, branches),
    objective: combineObjectives([
      { objective: masked, weight: 1, warmupSteps: 0 },
      { objective: contrastive, weight: 0.5, warmupSteps: 0 },
    ]),
    optimiser: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
    maxGradientNorm: 1,
    schedule: { peak: 1e-3, final: 1e-3, warmupSteps: 0, totalSteps },
    averageDecay: null,
  });
}
