import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../../../src/model/encoders/encoder.js';
import { buildTeacher } from '../../../src/model/objectives/teacher.js';
import { seededRandom } from '../../../src/random.js';
import { expectClose } from '../../reference/close.js';
import { sines } from '../../reference/sines.js';
import { toTensors } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const options = {
  maskRatio: 0.5,
  spanTokens: 1,
  layers: 2,
  bend: 1,
  decoder: { width: 4, layers: 1, heads: 2, feedForward: 4 },
};
const shape = { width: 3, windowTokens: 4, targetChannels: 2, tokens: 'visible' } as const;
const objective = buildTeacher(shape, options);

/** Three layers: the tokens times 1, 2 and -1, plus the token's number times a parameter in one channel. */
const encoder = {
  apply: (parameters: Record<string, tf.Tensor>, tokens: tf.Tensor3D, position: tf.Tensor2D) => {
    const numbers = tf.mul(tf.expandDims(tf.cast(position, 'float32'), 2), parameters['encoder/slope']);
    return [1, 2, -1].map((factor) => tf.add(tf.mul(tokens, factor), numbers) as tf.Tensor3D);
  },
} as unknown as Encoder;

const clean = sines(2 * 4 * 3, 5);
const hidden = [
  [1, 3],
  [0, 2],
  [0, 1],
  [2, 3],
]; // two views of two windows
const batch = () => ({
  clean: tf.tensor3d(clean, [2, 4, 3]),
  hidden: tf.tensor2d(hidden, [4, 2], 'int32'),
  position: tf.tensor2d(
    hidden.map((row) => [0, 1, 2, 3].filter((token) => !row.includes(token))),
    [4, 2],
    'int32',
  ),
  windowWeight: tf.tensor1d([1, 1, 1, 1]),
});
const average = () => ({ 'encoder/slope': tf.tensor1d([0, 0.1, 0]) });

function standardise(row: readonly number[]): number[] {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  return row.map((x) => (x - mean) / Math.sqrt(variance + 1e-5));
}

describe('learning from a teacher', () => {
  it('takes the mean of the last standardised layers at the hidden tokens, the same clean window in each view', () => {
    const targets = objective.targets?.({ average: average(), batch: batch(), encoder });
    const expected = hidden.flatMap((tokens, row) =>
      tokens.flatMap((token) => {
        const seen = Array.from(clean.subarray(((row % 2) * 4 + token) * 3, ((row % 2) * 4 + token + 1) * 3));
        const layer = (factor: number) =>
          standardise(seen.map((x, c) => x * factor + (c === 1 ? 0.1 * token : 0)));
        const [second, third] = [layer(2), layer(-1)];
        return second.map((x, channel) => (x + third[channel]) / 2);
      }),
    );
    expect(targets?.hidden.shape).toEqual([4, 2, 3]);
    expectClose(targets?.hidden.dataSync() as Float32Array, expected, 1e-6);
  });

  it('pulls with the same force at every entry beyond the bend', () => {
    const parameters = toTensors(objective.init(seededRandom(1)));
    const encoded = tf.tensor3d(sines(24), [4, 2, 3]);
    const pull = tf.grad((target: tf.Tensor) => {
      const targets = { hidden: target };
      return objective.loss({ parameters, batch: batch(), encoded, targets }).teacher;
    })(tf.fill([4, 2, 3], 100));
    expectClose(pull.dataSync(), new Float32Array(24).fill(1 / 24), 1e-6);
  });
});
