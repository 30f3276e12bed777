import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { biasCorrections } from '../../src/training/optimiser.js';
import { type LossParts, updateParameters } from '../../src/training/update.js';
import { expectClose } from '../reference/close.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const optimiser = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };
const options = { optimiser, maxGradientNorm: 1, rateFactor: () => 1 };

function update(x: number, of: LossParts['of']) {
  const corrections = biasCorrections(0, optimiser);
  const scalars = {
    learningRate: tf.scalar(0.1),
    firstCorrection: tf.scalar(corrections.firstCorrection),
    secondCorrection: tf.scalar(corrections.secondCorrection),
  };
  const state = { x: tf.tensor1d([x]), 'adam/first/x': tf.tensor1d([0]), 'adam/second/x': tf.tensor1d([0]) };
  const loss = { names: ['a', 'b'], weights: tf.tensor1d([1, 3]), of };
  const result = updateParameters(state, loss, scalars, options);
  const read = (tensors: Readonly<Record<string, tf.Tensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync()[0]]));
  return { state: read(result.state), outputs: read(result.outputs) };
}

describe('an update', () => {
  it('follows the gradient of the weighted sum and reports its parts', () => {
    // x^2 + 3 x at x = 2: parts 4 and 2, loss 10, gradient 4 + 3 = 7.
    const { state, outputs } = update(2, ({ x }) => [tf.sum(tf.square(x)), tf.sum(x)]);
    expect(outputs).toEqual({ loss: 10, 'part/a': 4, 'part/b': 2, gradientNorm: 7, ok: 1 });
    expectClose([state.x], [1.9], 1e-6); // Adam's first step: the learning rate
    expectClose([state['adam/first/x']], [0.1], 1e-5); // 0.1 of the gradient, clipped to 1
  });

  it('is not ok when only the gradient is infinite', () => {
    const { outputs } = update(0, ({ x }) => [tf.sum(tf.sqrt(x)), tf.sum(x)]);
    expect(outputs).toMatchObject({ loss: 0, ok: 0 });
  });

  it('is not ok when only a loss without weight on the rest is not a number', () => {
    const { outputs } = update(1, ({ x }) => [tf.sum(x), tf.sum(tf.log(tf.sub(x, 2)))]);
    expect(outputs.ok).toBe(0);
  });
});
