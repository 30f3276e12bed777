import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/arrays.js';
import { buildTransformer } from '../../src/model/encoders/transformer.js';
import { seededRandom } from '../../src/random.js';
import {
  adamW,
  biasCorrections,
  clipByGlobalNorm,
  type Moments,
  type Tensors,
} from '../../src/training/optimiser.js';
import { expectClose } from '../reference/close.js';
import { sines } from '../reference/sines.js';
import { toTensors } from '../reference/tensors.js';

// Made by scripts/golden/torch-model.py.
const golden = JSON.parse(readFileSync(new URL('../golden/torch-model.json', import.meta.url), 'utf8'));
const { windows, tokens: tokenCount, channels, windowTokens } = golden.shape;

const encoder = buildTransformer({ channels, windowTokens }, { ...golden.encoder, positions: 'learned' });
const names = Object.keys(golden.firsts);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function firstParameters(): Tensors {
  const init = encoder.init(seededRandom(1));
  expect(Object.keys(init).sort()).toEqual([...names].sort());
  return toTensors(
    Object.fromEntries(
      names.map((name) => {
        const { shape } = init[name];
        return [name, { shape, data: sines(sizeOf(shape), golden.firsts[name]).map((value) => 0.3 * value) }];
      }),
    ),
  );
}

function encode(parameters: Tensors): readonly tf.Tensor3D[] {
  const tokens = tf.tensor3d(sines(windows * tokenCount * channels), [windows, tokenCount, channels]);
  return encoder.apply(parameters, tokens, tf.tensor2d(golden.position, [windows, tokenCount], 'int32'));
}

function differentiate(parameters: Tensors, step: number): { loss: number; gradients: Tensors } {
  const { value, grads } = tf.valueAndGrads((...values) => {
    const layers = encode(Object.fromEntries(names.map((name, index) => [name, values[index]])));
    const output = layers[layers.length - 1];
    return tf.mean(tf.squaredDifference(output, tf.tensor(sines(output.size, 100 * step), output.shape)));
  })(names.map((name) => parameters[name]));
  return {
    loss: value.dataSync()[0],
    gradients: Object.fromEntries(names.map((name, index) => [name, grads[index]])),
  };
}

const flat = (tensors: Tensors) => names.flatMap((name) => [...tensors[name].dataSync()]);
const flatGolden = (values: Record<string, number[]>) => names.flatMap((name) => values[name]);

describe('a transformer trained by PyTorch', () => {
  it('encodes the same', () => {
    encode(firstParameters()).forEach((layer, number) => {
      expectClose(layer.dataSync(), golden.layers[number], 2e-6);
    });
  });

  it('has the same gradients', () => {
    expectClose(flat(differentiate(firstParameters(), 0).gradients), flatGolden(golden.gradients), 1e-5);
  });

  it('is the same after ten steps of clipping and AdamW', () => {
    let parameters = firstParameters();
    const zeros = () => Object.fromEntries(names.map((name) => [name, tf.zerosLike(parameters[name])]));
    let moments: Moments = { first: zeros(), second: zeros() };
    for (let step = 0; step < golden.losses.length; step++) {
      const { loss, gradients } = differentiate(parameters, step);
      expectClose([loss], [golden.losses[step]], 1e-5);
      const { clipped, norm } = clipByGlobalNorm(gradients, golden.maxNorm);
      expectClose(norm.dataSync(), [golden.norms[step]], 1e-4);
      const { firstCorrection, secondCorrection } = biasCorrections(step, golden.optimiser);
      const scalars = {
        learningRate: tf.scalar(golden.optimiser.learningRate),
        firstCorrection: tf.scalar(firstCorrection),
        secondCorrection: tf.scalar(secondCorrection),
      };
      ({ parameters, moments } = adamW(parameters, clipped, moments, scalars, golden.optimiser));
    }
    expectClose(flat(parameters), flatGolden(golden.trained), 2e-5);
  });
});
