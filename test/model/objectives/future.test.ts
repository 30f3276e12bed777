import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostArrays } from '../../../src/arrays.js';
import { buildFuture } from '../../../src/model/objectives/future.js';
import { seededRandom } from '../../../src/random.js';
import { expectClose } from '../../reference/close.js';
import { differentiate, type Values } from '../../reference/gradient.js';
import { denseTwin, geluTwin, type Rows, toRows } from '../../reference/model.js';
import { ntXentTwin } from '../../reference/nt-xent.js';
import { sines } from '../../reference/sines.js';
import { toTensors, valueAndGradients } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const WIDTH = 3;
const TOKENS = 2;
const shape = { width: WIDTH, windowTokens: TOKENS, targetChannels: 1, tokens: 'visible' } as const;
const options = { temperature: 0.2, hiddenWidth: 4, projectionWidth: 3, nearSeconds: 2 };
const objective = buildFuture(shape, { ...options, horizonsSeconds: [4, 9] });
const [SOON, LATE] = objective.parts;

/** Three windows, then those that follow each of them after 4 s and after 9 s; recording 8 ends too soon for the last. */
const batch: HostArrays = {
  recording: { shape: [9], data: Int32Array.from([7, 7, 8, 7, 7, 8, 7, 7, 8]) },
  startSeconds: { shape: [9], data: Float32Array.from([0, 5, 0, 4, 9, 4, 9, 14, 0]) },
  windowWeight: { shape: [9], data: Float32Array.from([1, 1, 1, 1, 1, 1, 1, 1, 0]) },
};
const encoded = { shape: [9, TOKENS, WIDTH], data: sines(9 * TOKENS * WIDTH) };

/** For each horizon the windows that the first ones are not told from (near the true one, or padding), and who counts. */
const BY_HAND = [
  // True of window 0 is 4 s of recording 7, near 5 s (window 1); of window 1 it is 9 s, which window 6 shows again.
  { leftOut: [[1, 8], [6, 8], [8]], weights: [1, 1, 1] },
  // True of window 0 is 9 s, which window 4 shows; of window 1 it is 14 s. Window 2 has no future that late.
  { leftOut: [[4, 8], [8], []], weights: [1, 1, 0] },
] as const;

describe('telling the future', () => {
  it('asks for the windows at its horizons, and reports one part for each', () => {
    expect(objective.needs).toMatchObject({ views: 1, futureSeconds: [4, 9], neighbourSeconds: null });
    expect(objective.parts).toEqual(['future in 4 s', 'future in 9 s']);
  });

  it('equals its float64 twin in value and gradients', () => {
    const arrays = { encoded, ...objective.init(seededRandom(3)) };
    const { value, gradients } = valueAndGradients(({ encoded: rows, ...parameters }) => {
      const inputs = { parameters, batch: toTensors(batch), encoded: rows as tf.Tensor3D, targets: {} };
      const losses = objective.loss(inputs);
      return tf.add(losses[SOON], tf.mul(losses[LATE], 2)); // told apart by their factors
    }, arrays);
    const values: Values = Object.fromEntries(
      Object.entries(arrays).map(([name, { data }]) => [name, Float64Array.from(data)]),
    );
    const twin = (at: Values) => partTwin(at, 0) + 2 * partTwin(at, 1);
    expectClose([value], [twin(values)], 1e-5);
    for (const name of Object.keys(arrays))
      expectClose(gradients[name], differentiate(twin, values, name), 1e-4);
  });

  it('is low when windows are told by what precedes them, high when by something else', () => {
    // A map that hands its inputs on: the first windows say what comes.
    const window = (number: number) => tf.fill([1, TOKENS, WIDTH], 0).add(tf.oneHot([number], WIDTH).mul(4));
    const hands = Object.fromEntries(
      Object.entries(objective.init(seededRandom(3))).map(([name, array]) => [name, identity(array.shape)]),
    );
    const lossOf = (order: readonly number[]) =>
      objective
        .loss({
          parameters: toTensors(hands),
          batch: toTensors(batch),
          encoded: tf.concat(order.map(window)) as tf.Tensor3D,
          targets: {},
        })
        [LATE].dataSync()[0];
    expect(lossOf([0, 1, 2, 2, 2, 2, 0, 1, 2])).toBeLessThan(lossOf([0, 1, 2, 2, 2, 2, 1, 0, 2]) - 1);
  });
});

/** Ones on the diagonal of a kernel, zeros elsewhere. */
function identity(extents: readonly number[]) {
  const columns = extents.at(-1) ?? 1;
  const size = extents.reduce((product, extent) => product * extent, 1);
  const isKernel = extents.length === 2;
  const data = Float32Array.from({ length: size }, (_, index) =>
    Number(isKernel && Math.floor(index / columns) === index % columns),
  );
  return { shape: extents, data };
}

/** The loss at a horizon, straight from its definition. */
function partTwin(values: Values, horizon: number): number {
  const pooled = toRows(values.encoded, TOKENS * WIDTH).map((row) =>
    Array.from({ length: WIDTH }, (_, column) => (row[column] + row[column + WIDTH]) / TOKENS),
  );
  const known = projectTwin(values, `objective/future/horizon${horizon}`, pooled.slice(0, 3));
  const windows = projectTwin(values, 'objective/future/window', pooled);
  const similarity = known.map((own) =>
    windows.map((other) => own.reduce((sum, x, index) => sum + x * other[index], 0) / options.temperature),
  );
  const first = 3 * (1 + horizon);
  const { leftOut, weights } = BY_HAND[horizon];
  return ntXentTwin(
    similarity,
    [first, first + 1, first + 2],
    (row, column) => (leftOut[row] as readonly number[]).includes(column),
    weights,
  );
}

/** Affine, gelu, affine, each row to length 1. */
function projectTwin(values: Values, path: string, rows: Rows): number[][] {
  const hidden = denseTwin(values, `${path}/in`, rows).map((row) => row.map(geluTwin));
  return denseTwin(values, `${path}/out`, hidden).map((row) => {
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 1e-12));
    return row.map((x) => x / length);
  });
}
