import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/errors.js';
import type { Encoder } from '../../../src/model/encoders/encoder.js';
import { buildMlp } from '../../../src/model/encoders/mlp.js';
import { buildTemporalConv, receptiveFieldTokens } from '../../../src/model/encoders/temporal-conv.js';
import { buildTransformer } from '../../../src/model/encoders/transformer.js';
import { seededRandom } from '../../../src/random.js';
import { expectClose } from '../../reference/close.js';
import { denseTwin, geluTwin, layerNormTwin, toRows } from '../../reference/model.js';
import { sines, toValues } from '../../reference/sines.js';
import { toTensors } from '../../reference/tensors.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const shape = { channels: 3, windowTokens: 12 };
const transformerOptions = { width: 8, layers: 2, heads: 2, feedForward: 16 };
const convOptions = { width: 8, kernelTokens: 3, dilations: [1, 2] };
const encoders: readonly Encoder[] = [
  buildTransformer(shape, { ...transformerOptions, positions: 'learned' }),
  buildTransformer(shape, { ...transformerOptions, positions: 'sinusoidal' }),
  buildTemporalConv(shape, convOptions),
  buildMlp(shape, { width: 8, hiddenWidths: [10] }),
];

const order = (windows: number) =>
  tf.tensor2d(
    Array.from({ length: windows * 12 }, (_, index) => index % 12),
    [windows, 12],
    'int32',
  );

/** One output of the encoder for tokens of sines, after a change of the flat tokens. */
function encode(encoder: Encoder, change: (tokens: Float32Array) => void = () => {}): Float32Array {
  const tokens = sines(2 * 12 * 3);
  change(tokens);
  const layers = encoder.apply(
    toTensors(encoder.init(seededRandom(1))),
    tf.tensor3d(tokens, [2, 12, 3]),
    order(2),
  );
  return layers[layers.length - 1].dataSync() as Float32Array;
}

describe.each(encoders.map((encoder, number) => [`${encoder.name} ${number}`, encoder] as const))(
  '%s',
  (_, encoder) => {
    it('gives one output a layer, the last one normalised', () => {
      const parameters = toTensors(encoder.init(seededRandom(1)));
      const layers = encoder.apply(parameters, tf.tensor3d(sines(72), [2, 12, 3]), order(2));
      const [output] = layers.slice(-1);
      expect(layers.map((layer) => layer.shape)).toEqual(layers.map(() => [2, 12, 8]));
      expect(layers.length).toBe(encoder.name === 'mlp' ? 1 : 2);
      expectClose(tf.mean(tf.square(output), 2).dataSync(), new Float32Array(24).fill(1), 1e-2);
    });

    it('starts from the seed alone and draws every parameter below encoder/', () => {
      const [a, b, c] = [1, 1, 2].map((seed) => encoder.init(seededRandom(seed)));
      expect(a).toEqual(b);
      expect(a['encoder/input/kernel']).not.toEqual(c['encoder/input/kernel']);
      expect(Object.keys(a).every((path) => path.startsWith('encoder/'))).toBe(true);
    });

    it('keeps windows apart', () => {
      const before = encode(encoder);
      const after = encode(encoder, (tokens) => tokens.fill(5, 36));
      expect(after.subarray(0, 96)).toEqual(before.subarray(0, 96));
      expect(after.subarray(96)).not.toEqual(before.subarray(96));
    });

    it('says whether tokens of a window see each other', () => {
      const before = encode(encoder);
      const after = encode(encoder, (tokens) => tokens.fill(5, 33, 36)); // the last token of the first window
      const isUntouched = before.subarray(0, 88).every((value, index) => value === after[index]);
      expect(isUntouched).toBe(!encoder.seesNeighbours);
    });

    it('uses every parameter', () => {
      const init = encoder.init(seededRandom(1));
      const names = Object.keys(init);
      const tensors = toTensors(init);
      const { grads } = tf.valueAndGrads((...values) => {
        const parameters = Object.fromEntries(names.map((name, index) => [name, values[index]]));
        const layers = encoder.apply(parameters, tf.tensor3d(sines(72), [2, 12, 3]), order(2));
        return tf.sum(tf.mul(layers[layers.length - 1], tf.tensor3d(sines(192, 3), [2, 12, 8])));
      })(names.map((name) => tensors[name]));
      const idle = names.filter((_, index) => tf.max(tf.abs(grads[index])).dataSync()[0] === 0);
      expect(idle).toEqual([]);
    });
  },
);

describe('transformer', () => {
  const encoder = encoders[0];

  it('does not care in which order it gets the tokens, only at which positions', () => {
    const parameters = toTensors(encoder.init(seededRandom(1)));
    const output = (numbers: number[]) => {
      const tokens = tf.tensor3d(
        numbers.flatMap((number) => [...sines(3, 3 * number)]),
        [1, 3, 3],
      );
      return encoder.apply(parameters, tokens, tf.tensor2d(numbers, [1, 3], 'int32'))[1].arraySync()[0];
    };
    const [a, b, c] = output([2, 5, 7]);
    const [c2, a2, b2] = output([7, 2, 5]);
    expectClose([...a2, ...b2, ...c2], [...a, ...b, ...c], 1e-6);
  });

  it('refuses heads that do not divide the width', () => {
    const options = { ...transformerOptions, heads: 3, positions: 'learned' } as const;
    expect(() => buildTransformer(shape, options)).toThrow(UserError);
  });
});

describe('perceptron', () => {
  it('looks at each token by itself, through an affine map, a gelu and another', () => {
    const encoder = encoders[3];
    const arrays = encoder.init(seededRandom(1));
    const before = encode(encoder);
    const after = encode(encoder, (tokens) => tokens.fill(2, 6 * 3, 7 * 3));
    const moved = before.findIndex((value, index) => value !== after[index]);
    expect(Math.floor(moved / 8)).toBe(6);
    expect(after.subarray(7 * 8)).toEqual(before.subarray(7 * 8));
    const values = toValues(arrays);
    const hidden = denseTwin(values, 'encoder/input', toRows(sines(72), 3));
    const raw = denseTwin(
      values,
      'encoder/layer1',
      hidden.map((row) => row.map(geluTwin)),
    );
    expectClose(before, layerNormTwin(values, 'encoder/norm', raw).flat(), 1e-5);
  });
});

describe('temporal convolution', () => {
  const encoder = encoders[2];

  it('is moved by a frame exactly as far as its receptive field reaches', () => {
    const before = encode(encoder);
    const after = encode(encoder, (tokens) => tokens.fill(2, 6 * 3, 7 * 3));
    const moved = Array.from({ length: 12 }, (_, token) => token).filter((token) =>
      before
        .subarray(token * 8, token * 8 + 8)
        .some((value, channel) => value !== after[token * 8 + channel]),
    );
    // 1 + 2 (1 + 2) = 7 tokens around token 6.
    expect(receptiveFieldTokens(convOptions)).toBe(7);
    expect(moved).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it('refuses an even kernel', () => {
    expect(() => buildTemporalConv(shape, { ...convOptions, kernelTokens: 4 })).toThrow(/must be odd, got 4/);
  });
});
