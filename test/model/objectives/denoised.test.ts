import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDenoised, denoise } from '../../../src/model/objectives/denoised.js';
import { expectClose } from '../../reference/close.js';
import { differentiate, type Values } from '../../reference/gradient.js';
import { denseTwin, toRows } from '../../reference/model.js';
import { sines, toValues } from '../../reference/sines.js';
import { toTensors, valueAndGradients } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const path = 'objective/denoised/output';
const options = { maskRatio: 0.5, spanTokens: 1, visibleWeight: 0.25, bend: 0.6 };
const hidden = [
  [0, 3],
  [1, 2],
];
const position = [
  [1, 2],
  [0, 3],
];
const truthWeight = Float32Array.from([1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0]);
const batch = {
  position: { shape: [2, 2], data: Int32Array.from(position.flat()) },
  hidden: { shape: [2, 2], data: Int32Array.from(hidden.flat()) },
  truth: { shape: [2, 4, 2], data: sines(16, 3) },
  truthWeight: { shape: [2, 4, 2], data: truthWeight },
  windowWeight: { shape: [2], data: Float32Array.from([1, 1]) },
};

/** Over the tokens of `order` [window][place], which are the encoded ones. */
function denoisedTwin(
  order: readonly (readonly number[])[],
  windowWeight: ArrayLike<number>,
  values: Values,
): number {
  const predicted = denseTwin(values, path, toRows(values.encoded, 3));
  let loss = 0;
  let count = 0;
  order.forEach((tokens, window) => {
    tokens.forEach((token, place) => {
      for (const channel of [0, 1]) {
        const index = (window * 4 + token) * 2 + channel;
        const share = hidden[window].includes(token) ? 1 : 0.25;
        const weight = truthWeight[index] * share * windowWeight[window];
        const error = Math.abs(predicted[window * tokens.length + place][channel] - batch.truth.data[index]);
        loss += weight * (error < 0.6 ? error ** 2 / 1.2 : error - 0.3);
        count += weight;
      }
    });
  });
  return loss / count;
}

describe.each([
  ['all', [0, 1].map(() => [0, 1, 2, 3])],
  ['visible', position],
] as const)('denoising with an encoder of %s tokens', (tokens, order) => {
  const objective = buildDenoised({ width: 3, windowTokens: 4, targetChannels: 2, tokens }, options);
  const arrays = {
    [`${path}/kernel`]: { shape: [3, 2], data: sines(6, 1) },
    [`${path}/bias`]: { shape: [2], data: sines(2, 9) },
    encoded: { shape: [2, order[0].length, 3], data: sines(2 * order[0].length * 3, 20) },
  };

  it.each([
    [1, 1],
    [1, 0],
  ])('equals its float64 twin in value and gradient, windows weighted %d and %d', (...weights) => {
    const fields = { ...batch, windowWeight: { shape: [2], data: Float32Array.from(weights) } };
    const { value, gradients } = valueAndGradients((tensors) => {
      const encoded = tensors.encoded as tf.Tensor3D;
      return objective.loss({ parameters: tensors, batch: toTensors(fields), encoded, targets: {} }).denoised;
    }, arrays);
    const twin = (values: Values) => denoisedTwin(order, weights, values);
    const values = toValues(arrays);
    expectClose([value], [twin(values)], 1e-6);
    for (const name of Object.keys(arrays)) {
      expectClose(gradients[name], differentiate(twin, values, name), 1e-5);
    }
  });

  it('counts every token alike where none is hidden', () => {
    const whole = buildDenoised(
      { width: 3, windowTokens: 4, targetChannels: 2, tokens },
      { ...options, maskRatio: 0 },
    );
    expect(whole.needs.mask).toBe(null);
    const { position: _, hidden: __, ...fields } = batch;
    const encoded = tf.tensor3d(sines(24, 20), [2, 4, 3]);
    const parameters = toTensors(arrays);
    const loss = whole.loss({ parameters, batch: toTensors(fields), encoded, targets: {} }).denoised;
    const predicted = denseTwin(toValues(arrays), path, toRows(sines(24, 20), 3)).flat();
    let sum = 0;
    predicted.forEach((value, index) => {
      const error = Math.abs(value - batch.truth.data[index]);
      sum += truthWeight[index] * (error < 0.6 ? error ** 2 / 1.2 : error - 0.3);
    });
    expectClose(loss.dataSync(), [sum / truthWeight.reduce((total, weight) => total + weight, 0)], 1e-6);
  });

  it('gives the reconstruction as a feature', () => {
    const reconstructed = denoise(
      toTensors(arrays),
      tf.tensor3d(arrays.encoded.data, arrays.encoded.shape as never),
    );
    expect(reconstructed.shape).toEqual([2, order[0].length, 2]);
    expectClose(
      reconstructed.dataSync(),
      denseTwin(toValues(arrays), path, toRows(arrays.encoded.data, 3)).flat(),
      1e-6,
    );
  });
});
