import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AdamWOptions,
  adamW,
  biasCorrections,
  clipByGlobalNorm,
  initMoments,
  type Moments,
  type Tensors,
} from '../../src/training/optimiser.js';
import { adamWTwin } from '../reference/adamw.js';
import { expectClose } from '../reference/close.js';
import { sines } from '../reference/sines.js';
import { toTensors } from '../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const options: AdamWOptions = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

function scalarsAt(step: number, learningRate: number) {
  const { firstCorrection, secondCorrection } = biasCorrections(step, options);
  return {
    learningRate: tf.scalar(learningRate),
    firstCorrection: tf.scalar(firstCorrection),
    secondCorrection: tf.scalar(secondCorrection),
  };
}

describe('AdamW', () => {
  it('equals its float64 twin over ten updates, with decay on kernels only', () => {
    const start = {
      'a/kernel': { shape: [2, 3], data: sines(6) },
      'a/bias': { shape: [3], data: sines(3, 9) },
    };
    let parameters: Tensors = toTensors(start);
    const zeros = toTensors(initMoments(start));
    const under = (prefix: string) =>
      Object.fromEntries(Object.keys(start).map((path) => [path, zeros[`${prefix}/${path}`]]));
    let moments: Moments = { first: under('adam/first'), second: under('adam/second') };
    const twins = Object.entries(start).map(([path, { data }]) => {
      const parameter = Array.from(data);
      const nothing = parameter.map(() => 0);
      const decay = path === 'a/kernel' ? options.weightDecay : 0;
      return { path, decay, state: { parameter, first: nothing, second: nothing } };
    });

    for (let step = 0; step < 10; step++) {
      const gradients = {
        'a/kernel': { shape: [2, 3], data: sines(6, 20 + step) },
        'a/bias': { shape: [3], data: sines(3, 40 + step) },
      };
      const rate = 0.01 * (step + 1);
      ({ parameters, moments } = adamW(
        parameters,
        toTensors(gradients),
        moments,
        scalarsAt(step, rate),
        options,
      ));
      for (const twin of twins) {
        const gradient = Array.from(gradients[twin.path as keyof typeof gradients].data);
        const settings = { ...options, learningRate: rate, weightDecay: twin.decay };
        twin.state = adamWTwin(twin.state, gradient, step + 1, settings) as typeof twin.state;
      }
    }
    for (const { path, state } of twins) {
      expectClose(parameters[path].dataSync(), state.parameter, 1e-6);
      expectClose(moments.first[path].dataSync(), state.first, 1e-6);
      expectClose(moments.second[path].dataSync(), state.second, 1e-6);
    }
  });

  it('moves a parameter by the share of the rate that its path gets', () => {
    const start = { x: tf.tensor1d([1]), y: tf.tensor1d([1]) };
    const zeros = { x: tf.tensor1d([0]), y: tf.tensor1d([0]) };
    const gradients = { x: tf.tensor1d([2]), y: tf.tensor1d([2]) };
    const factor = (path: string) => (path === 'y' ? 0.25 : 1);
    const moments = { first: zeros, second: zeros };
    const { parameters } = adamW(start, gradients, moments, scalarsAt(0, 0.1), options, factor);
    // The first update of Adam is the learning rate times the gradient's sign.
    expectClose(parameters.x.dataSync(), [0.9], 1e-6);
    expectClose(parameters.y.dataSync(), [0.975], 1e-6);
  });
});

describe('clipping', () => {
  // The norm of (3, 0, 4) over two tensors is 5.
  const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[4]]) };

  it('scales all gradients alike to the given norm', () => {
    const { clipped, norm } = clipByGlobalNorm(gradients, 2);
    expect(norm.dataSync()[0]).toBe(5);
    expectClose(clipped.a.dataSync(), [1.2, 0], 1e-6);
    expectClose(clipped.b.dataSync(), [1.6], 1e-6);
  });

  it('leaves shorter gradients as they are', () => {
    const { clipped } = clipByGlobalNorm(gradients, 6);
    expect([...clipped.a.dataSync(), ...clipped.b.dataSync()]).toEqual([3, 0, 4]);
  });
});
