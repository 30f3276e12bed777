import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildContrastive, leaveOut, ntXent } from '../../../src/model/objectives/contrastive.js';
import { seededRandom } from '../../../src/random.js';
import { expectClose } from '../../reference/close.js';
import { differentiate } from '../../reference/gradient.js';
import { toRows } from '../../reference/model.js';
import { ntXentTwin } from '../../reference/nt-xent.js';
import { sines } from '../../reference/sines.js';
import { toTensors, valueAndGradients } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Three windows in two views: windows 0 and 1 are 2 s apart in one recording, window 2 is of another. */
const fields = {
  recording: { shape: [3], data: Int32Array.from([4, 4, 9]) },
  startSeconds: { shape: [3], data: Float32Array.from([10, 12, 10]) },
  windowWeight: { shape: [6], data: new Float32Array(6).fill(1) },
};
const counterpart = Int32Array.from([3, 4, 5, 0, 1, 2]);

describe('what is left out of the softmax', () => {
  const leftOutBy = (nearSeconds: number, weight = fields.windowWeight.data) => {
    const batch = toTensors({ ...fields, windowWeight: { shape: [6], data: weight } });
    const pairs = leaveOut(batch, 2, counterpart, nearSeconds).arraySync() as number[][];
    return pairs.map((row) => row.flatMap((out, column) => (out === 1 ? [column] : [])));
  };

  it('is only the row itself when nothing is near', () => {
    expect(leftOutBy(2)).toEqual([[0], [1], [2], [3], [4], [5]]);
  });

  it('is every near window of the same recording, in every view, but never the counterpart', () => {
    expect(leftOutBy(2.5)).toEqual([[0, 1, 4], [0, 1, 3], [2], [1, 3, 4], [0, 3, 4], [5]]);
  });

  it('is padding', () => {
    const weight = Float32Array.from([1, 1, 0, 1, 1, 0]);
    expect(leftOutBy(0, weight).slice(0, 2)).toEqual([
      [0, 2, 5],
      [1, 2, 5],
    ]);
  });
});

describe('NT-Xent', () => {
  it('equals its float64 twin in value and gradient', () => {
    const arrays = { similarity: { shape: [6, 6], data: sines(36).map((value) => 5 * value) } };
    const weight = Float32Array.from([1, 1, 1, 1, 0.5, 0]);
    const isLeftOut = (row: number, column: number) => row === column || (row === 0 && column === 4);
    const leftOut = tf.tensor2d(
      Array.from({ length: 36 }, (_, index) => Number(isLeftOut(Math.floor(index / 6), index % 6))),
      [6, 6],
    );
    const { value, gradients } = valueAndGradients(
      ({ similarity }) => ntXent(similarity as tf.Tensor2D, counterpart, leftOut, tf.tensor1d(weight)),
      arrays,
    );
    const twin = (values: { readonly [name: string]: Float64Array }) =>
      ntXentTwin(toRows(values.similarity, 6), counterpart, isLeftOut, weight);
    const values = { similarity: Float64Array.from(arrays.similarity.data) };
    expectClose([value], [twin(values)], 1e-6);
    expectClose(gradients.similarity, differentiate(twin, values, 'similarity'), 1e-5);
  });

  it('is the log of the number of terms when all similarities are equal', () => {
    const rows = 6;
    const equal = tf.fill([rows, rows], 0.3) as tf.Tensor2D;
    const loss = ntXent(equal, counterpart, tf.eye(rows), tf.ones([rows]));
    expectClose(loss.dataSync(), [Math.log(rows - 1)], 1e-6);
  });
});

describe('contrast between windows', () => {
  const shape = { width: 4, windowTokens: 3, targetChannels: 2, tokens: 'visible' } as const;
  const options = { temperature: 0.1, hiddenWidth: 8, projectionWidth: 5, nearSeconds: 1 };
  const twoViews = buildContrastive(shape, { ...options, positives: { kind: 'views' } });
  const parameters = () => toTensors(twoViews.init(seededRandom(1)));
  const lossOf = (objective: typeof twoViews, encoded: tf.Tensor3D, batch = toTensors(fields)) =>
    objective.loss({ parameters: parameters(), batch, encoded, targets: {} }).contrastive.dataSync()[0];

  it('is low when both views of a window are encoded alike, high when views of different windows are', () => {
    const window = (number: number) => tf.fill([1, 2, 1], 0).add(tf.tensor1d(sines(4, 1 + 2 * number)));
    const alike = tf.concat([0, 1, 2, 0, 1, 2].map(window)) as tf.Tensor3D;
    const swapped = tf.concat([0, 1, 2, 1, 2, 0].map(window)) as tf.Tensor3D;
    expect(lossOf(twoViews, alike)).toBeLessThan(0.1);
    expect(lossOf(twoViews, swapped)).toBeGreaterThan(1);
  });

  it('does not change with what padding holds', () => {
    const batch = { ...toTensors(fields), windowWeight: tf.tensor1d([1, 1, 0, 1, 1, 0]) };
    const encoded = sines(48);
    const other = encoded.map((value, index) => (index % 24 >= 16 ? value * 7 - 1 : value));
    expect(lossOf(twoViews, tf.tensor3d(other, [6, 2, 4]), batch)).toBe(
      lossOf(twoViews, tf.tensor3d(encoded, [6, 2, 4]), batch),
    );
  });

  it('pairs the halves of a batch when the positives are neighbours', () => {
    const neighbours = buildContrastive(shape, {
      ...options,
      positives: { kind: 'neighbours', withinSeconds: 5 },
    });
    const nothingElse = { mask: null, clean: false, truth: false, futureSeconds: null };
    expect(neighbours.needs).toEqual({ ...nothingElse, views: 1, neighbourSeconds: 5 });
    const batch = toTensors({
      recording: { shape: [4], data: Int32Array.from([1, 2, 1, 2]) },
      startSeconds: { shape: [4], data: Float32Array.from([0, 0, 3, 3]) },
      windowWeight: { shape: [4], data: new Float32Array(4).fill(1) },
    });
    const window = (number: number) => tf.fill([1, 2, 1], 0).add(tf.tensor1d(sines(4, 1 + 2 * number)));
    const paired = tf.concat([0, 1, 0, 1].map(window)) as tf.Tensor3D;
    const crossed = tf.concat([0, 1, 1, 0].map(window)) as tf.Tensor3D;
    expect(lossOf(neighbours, paired, batch)).toBeLessThan(0.1);
    expect(lossOf(neighbours, crossed, batch)).toBeGreaterThan(1);
  });
});
