import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostArrays } from '../../src/arrays.js';
import { buildTransformer } from '../../src/model/encoders/transformer.js';
import { combineObjectives } from '../../src/model/objectives/combine.js';
import { buildContrastive } from '../../src/model/objectives/contrastive.js';
import { buildMasked } from '../../src/model/objectives/masked.js';
import { seededRandom } from '../../src/random.js';
import { buildTrainingStep } from '../../src/training/training-step.js';
import { isParameter } from '../../src/training/update.js';
import { makeBatch } from '../reference/batches.js';
import { expectClose } from '../reference/close.js';
import { runStep } from '../reference/run-step.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const extents = { windows: 4, windowTokens: 8, channels: 3, targetChannels: 2, tokens: 'visible' } as const;
const encoder = buildTransformer(extents, {
  width: 8,
  layers: 1,
  heads: 2,
  feedForward: 16,
  positions: 'learned',
});
const objectiveShape = { ...extents, width: encoder.width };
const decoder = { width: 8, layers: 1, heads: 2, feedForward: 8 };
const masked = buildMasked(objectiveShape, { maskRatio: 0.5, spanTokens: 1, decoder });
const contrastive = buildContrastive(objectiveShape, {
  positives: { kind: 'views' },
  temperature: 0.2,
  hiddenWidth: 8,
  projectionWidth: 4,
  nearSeconds: 1,
});
const objective = combineObjectives([
  { objective: masked, weight: 1, warmupSteps: 0 },
  { objective: contrastive, weight: 0.25, warmupSteps: 4 },
]);
const training = buildTrainingStep({
  encoder,
  objective,
  optimiser: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01 },
  maxGradientNorm: 1,
  schedule: { peak: 0.01, final: 0.01, warmupSteps: 0, totalSteps: 100 },
  averageDecay: 0.9,
});
const firstState = () => training.init(seededRandom(3));
const batch = makeBatch(extents, objective.needs, 0);

function run(state: HostArrays, step: number, fields: HostArrays = batch) {
  return runStep(training.step, state, fields, training.scalarsAt(step));
}

describe('training step', () => {
  it('reports parts whose weighted sum is the loss', () => {
    const { outputs } = run(firstState(), 1); // weights 1 and 0.25 x 2 / 4
    expectClose([outputs.loss], [outputs['part/masked'] + 0.125 * outputs['part/contrastive']], 1e-6);
    expect(outputs.ok).toBe(1);
    expect(outputs.gradientNorm).toBeGreaterThan(0);
  });

  it('gives back the state it was given, in names and shapes', () => {
    const before = firstState();
    const { state } = run(before, 0);
    const shapes = (arrays: HostArrays) =>
      Object.entries(arrays)
        .map(([name, { shape }]) => `${name} ${shape}`)
        .sort();
    expect(shapes(state)).toEqual(shapes(before));
  });

  it('learns one batch by heart', () => {
    let state = firstState();
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) {
      const result = run(state, step);
      state = result.state;
      losses.push(result.outputs['part/masked']);
    }
    expect(losses[59]).toBeLessThan(0.25 * losses[0]);
  });

  it('is not moved by windows that only pad', () => {
    const weight = (row: number) => (row % extents.windows === 3 ? 0 : 1);
    const windowWeight = { shape: [8], data: Float32Array.from({ length: 8 }, (_, row) => weight(row)) };
    const garbage = batch.tokens.data.map((value, index) =>
      weight(Math.floor(index / 12)) === 0 ? 9 : value,
    );
    const padded = { ...batch, windowWeight };
    const other = { ...padded, tokens: { shape: batch.tokens.shape, data: garbage } };
    expect(garbage).not.toEqual(batch.tokens.data);
    const [a, b] = [run(firstState(), 2, padded), run(firstState(), 2, other)];
    expect(b.outputs.loss).toBe(a.outputs.loss);
    expect(b.state['encoder/input/kernel']).toEqual(a.state['encoder/input/kernel']);
  });

  it('says when a number is not finite', () => {
    const target = {
      shape: batch.target.shape,
      data: batch.target.data.map((_, index) => (index === 3 ? NaN : 0)),
    };
    expect(run(firstState(), 0, { ...batch, target }).outputs.ok).toBe(0);
    const state = firstState();
    const path = 'encoder/input/bias';
    const infinite = { ...state, [path]: { shape: [8], data: new Float32Array(8).fill(Number.MAX_VALUE) } };
    expect(run(infinite, 0).outputs.ok).toBe(0);
  });

  it('keeps running averages: at the first update nine tenths of the way to the parameters', () => {
    const before = firstState();
    const { state } = run(before, 0); // rate 1 - min(0.9, 1 / 10)
    for (const path of Object.keys(before).filter(isParameter)) {
      const expected = state[path].data.map(
        (value, i) => before[path].data[i] + 0.9 * (value - before[path].data[i]),
      );
      expectClose(state[`average/${path}`].data, expected, 1e-5);
    }
  });

  it('feeds the rate, the corrections and the weights of a step', () => {
    expect(training.scalarsAt(1)).toEqual({
      learningRate: 0.01,
      firstCorrection: 1 - 0.9 ** 2,
      secondCorrection: 1 - 0.95 ** 2,
      averageRate: 1 - 2 / 11,
      'weight/masked': 1,
      'weight/contrastive': 0.125,
    });
  });
});
