import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostArrays } from '../../../src/arrays.js';
import { buildConvNet, type ConvNetShape } from '../../../src/model/classifiers/conv-net.js';
import { seededRandom } from '../../../src/random.js';
import { expectClose } from '../../reference/close.js';
import { differentiate, type Values } from '../../reference/gradient.js';
import { sines } from '../../reference/sines.js';
import { toTensors, valueAndGradients } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const shape: ConvNetShape = { samples: 16, channels: 2, classes: 3 };
const options = { channels: [3, 2], kernelSamples: 3 };
const net = buildConvNet(shape, options);
const WINDOWS = 4;
const windows = sines(WINDOWS * shape.samples * shape.channels, 3);
/** Every third is dropped. */
const keep = net.pooled.map(({ samples, channels }) =>
  Float32Array.from({ length: WINDOWS * samples * channels }, (_, index) => Number(index % 3 !== 0)),
);
const parameters: HostArrays = Object.fromEntries(
  Object.entries(net.init(seededRandom(1))).map(([path, { shape: own, data }], index) => [
    path,
    { shape: own, data: sines(data.length, index + 1) },
  ]),
);

/** Scores [window, class] by loops in float64; statistics of the batch where none are given. */
function convNetTwin(values: Values, dropped: boolean): number[] {
  const rows = (from: number[][][], path: string): number[][][] => {
    const width = from[0][0].length;
    const gain = values[`${path}/gain`];
    const bias = values[`${path}/bias`];
    const flat = from.flat();
    const mean = Array.from(
      { length: width },
      (_, c) => flat.reduce((sum, row) => sum + row[c], 0) / flat.length,
    );
    const variance = mean.map(
      (centre, c) => flat.reduce((sum, row) => sum + (row[c] - centre) ** 2, 0) / flat.length,
    );
    return from.map((window) =>
      window.map((row) =>
        row.map((value, c) => (gain[c] * (value - mean[c])) / Math.sqrt(variance[c] + 1e-3) + bias[c]),
      ),
    );
  };
  let current = Array.from({ length: WINDOWS }, (_, w) =>
    Array.from({ length: shape.samples }, (_, s) =>
      Array.from({ length: shape.channels }, (_, c) => windows[(w * shape.samples + s) * shape.channels + c]),
    ),
  );
  current = rows(current, 'net/input/norm');
  options.channels.forEach((width, layer) => {
    const kernel = values[`net/conv${layer}/kernel`];
    const bias = values[`net/conv${layer}/bias`];
    const convolved = current.map((window) =>
      Array.from({ length: window.length - 2 }, (_, s) =>
        Array.from({ length: width }, (_, out) => {
          let sum = bias[out];
          for (let tap = 0; tap < 3; tap++) {
            window[s + tap].forEach((value, c) => {
              sum += value * kernel[(tap * window[0].length + c) * width + out];
            });
          }
          return sum;
        }),
      ),
    );
    const active = rows(convolved, `net/conv${layer}/norm`);
    const half = Math.floor(active[0].length / 2);
    current = active.map((window, w) =>
      Array.from({ length: half }, (_, s) =>
        Array.from({ length: width }, (_, c) => {
          const pooled = Math.max(0, window[2 * s][c], window[2 * s + 1][c]);
          return dropped ? 2 * keep[layer][(w * half + s) * width + c] * pooled : pooled;
        }),
      ),
    );
  });
  return current.flatMap((window) =>
    Array.from({ length: shape.classes }, (_, target) =>
      window
        .flat()
        .reduce(
          (sum, value, index) => sum + value * values['head/kernel'][index * shape.classes + target],
          values['head/bias'][target],
        ),
    ),
  );
}

const inputs = () => tf.tensor3d(windows, [WINDOWS, shape.samples, shape.channels]);
const masks = () =>
  net.pooled.map(({ samples, channels }, layer) => tf.tensor3d(keep[layer], [WINDOWS, samples, channels]));
/** Weighs scores unevenly: a sum that every parameter moves. */
const weigh = (scores: ArrayLike<number>) =>
  Array.from(scores).reduce((sum, score, index) => sum + Math.sin(index + 1) * score ** 2, 0);

describe('the convolutional net', () => {
  it('shortens windows by convolutions without padding and by pooling', () => {
    expect(net.pooled).toEqual([
      { samples: 7, channels: 3 }, // (16 - 2) / 2
      { samples: 2, channels: 2 }, // (7 - 2) / 2, the odd one left out
    ]);
    const official = buildConvNet(
      { samples: 201, channels: 28, classes: 4 },
      { channels: [128, 64, 32], kernelSamples: 5 },
    );
    expect(official.pooled.map(({ samples }) => samples)).toEqual([98, 47, 21]);
    expect(() => buildConvNet({ ...shape, samples: 5 }, options)).toThrow(/5 samples are too short/);
  });

  it('equals its float64 twin while training, gradients too', () => {
    const values: Values = Object.fromEntries(
      Object.entries(parameters).map(([path, { data }]) => [path, Float64Array.from(data)]),
    );
    const { value, gradients } = valueAndGradients((own) => {
      const { scores } = net.apply(own, inputs(), { training: true, keep: masks() });
      const weights = tf.tensor2d(
        Array.from({ length: scores.size }, (_, index) => Math.sin(index + 1)),
        scores.shape,
      );
      return tf.sum(tf.mul(weights, tf.square(scores))) as tf.Scalar;
    }, parameters);
    const twin = (own: Values) => weigh(convNetTwin(own, true));
    expectClose([value], [twin(values)], 1e-5);
    for (const path of ['net/conv0/kernel', 'net/conv1/norm/gain', 'net/input/norm/gain', 'head/kernel']) {
      expectClose(gradients[path], differentiate(twin, values, path), 1e-4);
    }
  });

  it('on running statistics drops nothing and needs no company', () => {
    const seen = tf.tidy(() => {
      const own = toTensors(parameters);
      const { statistics } = net.apply(own, inputs(), {
        training: true,
        keep: masks().map((mask) => tf.onesLike(mask)),
      });
      const mode = { training: false, statistics: toTensors(net.initStatistics()) } as const;
      const all = net.apply(own, inputs(), mode).scores.dataSync().slice();
      const last = net
        .apply(own, tf.slice(inputs(), [3, 0, 0], [1, 16, 2]), mode)
        .scores.dataSync()
        .slice();
      const mean = statistics['net/input/norm/mean'].dataSync().slice();
      return { all, last, mean };
    });
    expectClose(seen.last, seen.all.slice(9), 1e-5);
    const first = Array.from({ length: 64 }, (_, row) => windows[2 * row]);
    expect(seen.mean[0]).toBeCloseTo(first.reduce((sum, value) => sum + value, 0) / 64, 6);
  });
});
