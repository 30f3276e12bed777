import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostArrays } from '../../../src/arrays.js';
import { attention, initAttention } from '../../../src/model/nn/attention.js';
import { gelu } from '../../../src/model/nn/gelu.js';
import { initLayerNorm, layerNorm } from '../../../src/model/nn/layer-norm.js';
import { lookUpRows, sinusoidalTable } from '../../../src/model/nn/position.js';
import { initTransformerBlock, transformerBlock } from '../../../src/model/nn/transformer-block.js';
import { meanOverTokens, weightedMean } from '../../../src/model/nn/weighted-mean.js';
import { seededRandom } from '../../../src/random.js';
import { expectClose } from '../../reference/close.js';
import { differentiate, type Values } from '../../reference/gradient.js';
import { attentionTwin, blockTwin, geluTwin, layerNormTwin, toRows } from '../../reference/model.js';
import { fillWithSines, sines, toValues } from '../../reference/sines.js';
import { valueAndGradients } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const random = seededRandom(1);

/** sum of sin(k) x output_k: a scalar that every output entry moves differently. */
function weigh(output: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(output, tf.tensor(sines(output.size, 7), output.shape)));
}
function weighTwin(rows: readonly (readonly number[])[]): number {
  const weights = Float64Array.from(sines(rows.length * rows[0].length, 7));
  return rows.flat().reduce((sum, value, index) => sum + value * weights[index], 0);
}

/** Value and all gradients of a layer equal those of its twin. */
function expectTwin(
  arrays: HostArrays,
  layer: (tensors: Record<string, tf.Tensor>) => tf.Tensor,
  twin: (values: Values) => number[][],
): void {
  const { value, gradients } = valueAndGradients((tensors) => weigh(layer(tensors)), arrays);
  const values = toValues(arrays);
  const twinScalar = (moved: Values) => weighTwin(twin(moved));
  expectClose([value], [twinScalar(values)], 1e-6);
  // One scale for all gradients: where the exact derivative is 0 (a key's bias) only rounding remains.
  const names = Object.keys(arrays);
  expectClose(
    names.flatMap((name) => [...gradients[name]]),
    names.flatMap((name) => [...differentiate(twinScalar, values, name)]),
    1e-5,
  );
}

const rowsOf = (values: Values, width: number) => toRows(values.x, width);

describe('layers equal their float64 twins in value and gradient', () => {
  it('layerNorm', () => {
    const arrays = fillWithSines({
      x: { shape: [3, 5], data: new Float32Array(15) },
      ...initLayerNorm('n', 5),
    });
    expectTwin(
      arrays,
      (t) => layerNorm(t, 'n', t.x as tf.Tensor2D),
      (values) => layerNormTwin(values, 'n', rowsOf(values, 5)),
    );
  });

  it('gelu', () => {
    const arrays = { x: { shape: [1, 9], data: Float32Array.from([-6, -3, -1, -0.1, 0, 0.1, 1, 3, 6]) } };
    expectTwin(
      arrays,
      (t) => gelu(t.x),
      (values) => rowsOf(values, 9).map((row) => row.map(geluTwin)),
    );
  });

  it('attention of two heads over two windows', () => {
    const arrays = fillWithSines({
      x: { shape: [6, 4], data: new Float32Array(24) },
      ...initAttention(random, 'a', 4),
    });
    expectTwin(
      arrays,
      (t) => attention(t, 'a', t.x as tf.Tensor2D, { windows: 2, tokens: 3, asked: 3 }, 2),
      (values) => attentionTwin(values, 'a', rowsOf(values, 4), 3, 2),
    );
  });

  it('a transformer block', () => {
    const arrays = fillWithSines({
      x: { shape: [4, 4], data: new Float32Array(16) },
      ...initTransformerBlock(random, 'b', { width: 4, heads: 2, feedForward: 6 }),
    });
    expectTwin(
      arrays,
      (t) => transformerBlock(t, 'b', t.x as tf.Tensor2D, { windows: 2, tokens: 2, asked: 2 }, 2),
      (values) => blockTwin(values, 'b', rowsOf(values, 4), 2, 2),
    );
  });

  it('a transformer block that is asked for the last token of each window', () => {
    const arrays = fillWithSines({
      x: { shape: [6, 4], data: new Float32Array(24) },
      ...initTransformerBlock(random, 'b', { width: 4, heads: 2, feedForward: 6 }),
    });
    expectTwin(
      arrays,
      (t) => transformerBlock(t, 'b', t.x as tf.Tensor2D, { windows: 2, tokens: 3, asked: 1 }, 2),
      (values) => blockTwin(values, 'b', rowsOf(values, 4), 3, 2).filter((_, row) => row % 3 === 2),
    );
  });

  it('meanOverTokens', () => {
    const arrays = { x: { shape: [2, 3, 4], data: sines(24) } };
    expectTwin(
      arrays,
      (t) => meanOverTokens(t.x as tf.Tensor3D),
      ({ x }) =>
        [0, 1].map((window) =>
          [0, 1, 2, 3].map((c) =>
            [0, 1, 2].reduce((sum, token) => sum + x[window * 12 + token * 4 + c] / 3, 0),
          ),
        ),
    );
  });

  it('weightedMean', () => {
    const weight = Float32Array.from([1, 0, 1, 1, 0, 0.5]);
    const arrays = { x: { shape: [2, 3], data: sines(6) } };
    expectTwin(
      arrays,
      (t) => tf.reshape(weightedMean(t.x, tf.tensor2d(weight, [2, 3])), [1, 1]),
      ({ x }) => [[x.reduce((sum, value, index) => sum + value * weight[index], 0) / 3.5]],
    );
  });
});

describe('weightedMean', () => {
  it('is 0, not NaN, where nothing counts', () => {
    expect(weightedMean(tf.tensor1d([1, 2]), tf.tensor1d([0, 0])).dataSync()[0]).toBe(0);
  });
});

describe('positions', () => {
  it('looks rows up by number', () => {
    const table = tf.tensor2d(sines(8), [4, 2]);
    const found = lookUpRows(table, tf.tensor2d([3, 0, 1, 1], [2, 2], 'int32'));
    const t = sines(8);
    expect([...found.dataSync()]).toEqual([t[6], t[7], t[0], t[1], t[2], t[3], t[2], t[3]]);
  });

  it('starts a sinusoidal table with sin 0, cos 0 and halves no wavelength', () => {
    // width 4: w = 1, 1, 1/100, 1/100
    const table = sinusoidalTable(2, 4).dataSync();
    expectClose(table, [0, 1, 0, 1, Math.sin(1), Math.cos(1), Math.sin(0.01), Math.cos(0.01)], 1e-7);
  });
});
