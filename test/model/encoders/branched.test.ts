import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { branchedEncoder } from '../../../src/model/encoders/branched.js';
import type { Encoder } from '../../../src/model/encoders/encoder.js';
import { buildTransformer } from '../../../src/model/encoders/transformer.js';
import { seededRandom } from '../../../src/random.js';
import { expectClose } from '../../reference/close.js';
import { sines } from '../../reference/sines.js';
import { toTensors } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const TOKENS = 4;
const CHANNELS = 3;
const encoder = buildTransformer(
  { channels: CHANNELS, windowTokens: TOKENS },
  { width: 8, layers: 2, heads: 2, feedForward: 16, positions: 'learned' },
);
const parameters = toTensors(encoder.init(seededRandom(1)));

function batch(windows: number): [tf.Tensor3D, tf.Tensor2D] {
  const position = Array.from({ length: windows }, (_, window) =>
    [3, 1, 0, 2].map((at) => (at + window) % TOKENS),
  );
  return [
    tf.tensor3d(sines(windows * TOKENS * CHANNELS), [windows, TOKENS, CHANNELS]),
    tf.tensor2d(position, [windows, TOKENS], 'int32'),
  ];
}

/** How many windows each call got. */
function countWindows(most: number, windows: number): number[] {
  const counts: number[] = [];
  const counting: Encoder = {
    ...encoder,
    apply(given, tokens, position) {
      counts.push(tokens.shape[0]);
      return encoder.apply(given, tokens, position);
    },
  };
  branchedEncoder(counting, most).apply(parameters, ...batch(windows));
  return counts;
}

it('encodes every window as it is encoded alone', () => {
  const whole = encoder.apply(parameters, ...batch(6));
  const parts = branchedEncoder(encoder, 3).apply(parameters, ...batch(6));
  expect(parts.map(({ shape }) => shape)).toEqual(whole.map(({ shape }) => shape));
  parts.forEach((layer, number) => {
    expectClose(layer.dataSync(), whole[number].dataSync(), 1e-6);
  });
});

it('has the same gradients but for rounding', () => {
  const paths = Object.keys(parameters);
  const gradientsOf = (some: Encoder) =>
    tf.valueAndGrads((...values) => {
      const given = Object.fromEntries(paths.map((path, number) => [path, values[number]]));
      const layers = some.apply(given, ...batch(4));
      return tf.sum(tf.mul(layers[layers.length - 1], tf.tensor3d(sines(4 * TOKENS * 8, 3), [4, TOKENS, 8])));
    })(paths.map((path) => parameters[path])).grads;
  const [whole, parts] = [encoder, branchedEncoder(encoder, 2)].map(gradientsOf);
  paths.forEach((_, number) => {
    expectClose(parts[number].dataSync(), whole[number].dataSync(), 1e-5);
  });
});

it('divides evenly, or into fewer parts, or not at all', () => {
  expect(countWindows(2, 6)).toEqual([3, 3]);
  expect(countWindows(4, 6)).toEqual([2, 2, 2]);
  expect(countWindows(2, 5)).toEqual([5]);
  expect(countWindows(8, 1)).toEqual([1]);
});
