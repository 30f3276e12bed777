import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildMasked } from '../../../src/model/objectives/masked.js';
import { seededRandom } from '../../../src/random.js';
import { expectClose } from '../../reference/close.js';
import { differentiate, type Values } from '../../reference/gradient.js';
import { addRows, blockTwin, denseTwin, layerNormTwin, toRows } from '../../reference/model.js';
import { fillWithSines, sines, toValues } from '../../reference/sines.js';
import { toTensors, valueAndGradients } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const path = 'objective/masked/decoder';
const decoder = { width: 4, layers: 1, heads: 2, feedForward: 6 };
const options = { maskRatio: 0.6, spanTokens: 2, decoder };
const shape = { width: 3, windowTokens: 5, targetChannels: 2, tokens: 'visible' } as const;
const position = [
  [0, 3],
  [1, 4],
];
const hidden = [
  [1, 2, 4],
  [0, 2, 3],
];
const batch = {
  position: { shape: [2, 2], data: Int32Array.from(position.flat()) },
  hidden: { shape: [2, 3], data: Int32Array.from(hidden.flat()) },
  target: { shape: [2, 3, 2], data: sines(12, 3) },
  targetWeight: { shape: [2, 3, 2], data: Float32Array.from([1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1]) },
  windowWeight: { shape: [2], data: Float32Array.from([1, 1]) },
};

/** The usual way: a mask token stands where a token is hidden, then all positions are decoded in order. */
function maskedTwin(values: Values): number {
  const table = toRows(values[`${path}/position/table`], 4);
  const input = denseTwin(values, `${path}/input`, toRows(values.encoded, 3));
  const rows: number[][] = [];
  for (const window of [0, 1]) {
    for (let token = 0; token < 5; token++) {
      const visible = position[window].indexOf(token);
      rows.push(visible === -1 ? [...values[`${path}/mask-token`]] : input[window * 2 + visible]);
    }
  }
  const placed = addRows(
    rows,
    rows.map((_, row) => table[row % 5]),
  );
  const decoded = blockTwin(values, `${path}/block0`, placed, 5, 2);
  const predicted = denseTwin(values, `${path}/output`, layerNormTwin(values, `${path}/norm`, decoded));
  let loss = 0;
  let count = 0;
  hidden.forEach((numbers, window) => {
    numbers.forEach((token, place) => {
      for (const channel of [0, 1]) {
        const index = (window * 3 + place) * 2 + channel;
        const weight = batch.targetWeight.data[index] * batch.windowWeight.data[window];
        loss += weight * (predicted[window * 5 + token][channel] - batch.target.data[index]) ** 2;
        count += weight;
      }
    });
  });
  return loss / count;
}

describe('masked reconstruction', () => {
  it('equals the float64 twin that decodes all positions in order', () => {
    const objective = buildMasked(shape, options);
    const arrays = fillWithSines({
      ...objective.init(seededRandom(1)),
      encoded: { shape: [2, 2, 3], data: new Float32Array(12) },
    });
    const { value, gradients } = valueAndGradients((tensors) => {
      const encoded = tensors.encoded as tf.Tensor3D;
      return objective.loss({ parameters: tensors, batch: toTensors(batch), encoded, targets: {} }).masked;
    }, arrays);
    const values = toValues(arrays);
    expectClose([value], [maskedTwin(values)], 1e-6);
    const names = Object.keys(arrays);
    expectClose(
      names.flatMap((name) => [...gradients[name]]),
      names.flatMap((name) => [...differentiate(maskedTwin, values, name)]),
      1e-4,
    );
  });

  it('ignores targets without truth and windows that only pad', () => {
    const objective = buildMasked(shape, options);
    const parameters = toTensors(objective.init(seededRandom(2)));
    const encoded = tf.tensor3d(sines(12), [2, 2, 3]);
    const lossOf = (fields: Record<string, tf.Tensor>) =>
      objective.loss({ parameters, batch: fields, encoded, targets: {} }).masked.dataSync()[0];
    const fields = { ...toTensors(batch), windowWeight: tf.tensor1d([1, 0]) };
    const elsewhere = sines(12, 3).map((value, index) => (index === 2 || index >= 6 ? 1e6 : value));
    expect(lossOf({ ...fields, target: tf.tensor3d(elsewhere, [2, 3, 2]) })).toBe(lossOf(fields));
  });

  it('asks all tokens of an encoder that gives all back for the same tokens', () => {
    // Without blocks each hidden token's prediction depends on its own encoded token only.
    const objective = buildMasked(
      { ...shape, tokens: 'all' },
      { ...options, decoder: { ...decoder, layers: 0 } },
    );
    const parameters = toTensors(objective.init(seededRandom(3)));
    const order = Array.from({ length: 10 }, (_, index) => index % 5);
    const fields = { ...toTensors(batch), position: tf.tensor2d(order, [2, 5], 'int32') };
    const gradient = tf.grad(
      (encoded: tf.Tensor) =>
        objective.loss({ parameters, batch: fields, encoded: encoded as tf.Tensor3D, targets: {} }).masked,
    )(tf.tensor3d(sines(30), [2, 5, 3]));
    const moved = tf.sum(tf.abs(gradient), 2).arraySync() as number[][];
    expect(moved.map((window) => window.flatMap((size, token) => (size > 0 ? [token] : [])))).toEqual(hidden);
  });

  it('refuses a decoder that could tell nothing, and heads that do not divide its width', () => {
    const build = (changes: Partial<typeof decoder>) => () =>
      buildMasked(shape, { ...options, decoder: { ...decoder, ...changes } });
    expect(build({ layers: 0 })).toThrow(/layers must be at least 1 for an encoder of visible tokens/);
    expect(build({ heads: 3 })).toThrow(/width must be a multiple of heads \(3\), got 4/);
  });
});
