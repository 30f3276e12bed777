import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { CompileOptions, Engine } from '../../src/engine/engine.js';
import type { RunEventBody } from '../../src/events/event.js';
import { buildTransformer } from '../../src/model/encoders/transformer.js';
import { combineObjectives, type WeightedObjective } from '../../src/model/objectives/combine.js';
import { buildContrastive } from '../../src/model/objectives/contrastive.js';
import { buildDenoised } from '../../src/model/objectives/denoised.js';
import { buildFuture } from '../../src/model/objectives/future.js';
import { buildMasked } from '../../src/model/objectives/masked.js';
import { buildTeacher } from '../../src/model/objectives/teacher.js';
import { seededRandom } from '../../src/random.js';
import type { TrainOptions } from '../../src/training/train.js';
import { buildTrainingStep } from '../../src/training/training-step.js';
import { makeBatch } from '../reference/batches.js';

export const extents = {
  windows: 4,
  windowTokens: 6,
  channels: 2,
  targetChannels: 2,
  tokens: 'visible',
} as const;
const encoder = buildTransformer(extents, {
  width: 4,
  layers: 1,
  heads: 2,
  feedForward: 4,
  positions: 'learned',
});
const shape = { ...extents, width: encoder.width };
export const masked = {
  objective: buildMasked(shape, {
    maskRatio: 0.5,
    spanTokens: 1,
    decoder: { width: 4, layers: 1, heads: 1, feedForward: 4 },
  }),
  weight: 1,
  warmupSteps: 0,
};
export const contrastive = {
  objective: buildContrastive(shape, {
    positives: { kind: 'views' },
    temperature: 0.2,
    hiddenWidth: 4,
    projectionWidth: 4,
    nearSeconds: 1,
  }),
  weight: 0.5,
  warmupSteps: 8,
};

export const denoised = {
  objective: buildDenoised(shape, { maskRatio: 0.5, spanTokens: 1, visibleWeight: 0.2, bend: 1 }),
  weight: 1,
  warmupSteps: 0,
};
export const future = {
  objective: buildFuture(shape, {
    horizonsSeconds: [20],
    temperature: 0.2,
    hiddenWidth: 4,
    projectionWidth: 4,
    nearSeconds: 1,
  }),
  weight: 1,
  warmupSteps: 0,
};
export const teacher = {
  objective: buildTeacher(shape, {
    maskRatio: 0.5,
    spanTokens: 1,
    layers: 1,
    bend: 1,
    decoder: { width: 4, layers: 1, heads: 1, feedForward: 4 },
  }),
  weight: 1,
  warmupSteps: 0,
};

const folder = mkdtempSync(join(tmpdir(), 'whisker-pretrain-'));
afterAll(() => rmSync(folder, { recursive: true }));
let runs = 0;

export interface Setup {
  readonly engine: Engine;
  readonly mode: CompileOptions['mode'];
  readonly objectives: readonly WeightedObjective[];
}

/** Options of a run of ten steps in a folder of its own. */
export function optionsOf(setup: Setup, changes: Partial<TrainOptions> = {}) {
  const objective = combineObjectives(setup.objectives);
  const events: RunEventBody[] = [];
  const runFolder = join(folder, `run${runs++}`);
  const options: TrainOptions = {
    engine: setup.engine,
    compile: { mode: setup.mode, precision: 'float32' },
    training: buildTrainingStep({
      encoder,
      objective,
      optimiser: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 },
      maxGradientNorm: 1,
      schedule: { peak: 0.01, final: 0.001, warmupSteps: 3, totalSteps: 10 },
      averageDecay: 0.9,
    }),
    batches: {
      next: async (step) => makeBatch(extents, objective.needs, step),
      windowsPerBatch: 4,
      windowsPerEpoch: 16,
      windowFrames: 12,
    },
    random: seededRandom(5, 'init'),
    steps: 10,
    endBySeconds: null,
    reportSteps: 4,
    checkpoints: {
      runFolder,
      everySteps: 5,
      keep: { newest: 9, everySteps: null },
      settings: { width: 4 },
    },
    onDivergence: { type: 'stop' },
    probe: null,
    monitor: null,
    resume: null,
    control: { shouldStop: () => false, takeSaveRequest: () => false },
    emit: (event) => events.push(event),
    ...changes,
  };
  return { options, events, runFolder };
}
