import type * as tf from '@tensorflow/tfjs';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import type { HostArray } from '../../src/arrays.js';
import { isNativeEngineMissing, startCpu } from './installed.js';

/** What a product may be off by, of the largest: float32 sums of exact products, or a result that is rounded too. */
const CLOSE = { sum: 1e-5, rounded: 2 ** -8 };

describe.skipIf(isNativeEngineMissing)('a product in bfloat16', () => {
  const random = seedrandom('half products');
  const draw = (shape: number[]): HostArray => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random() - 0.5),
  });

  for (const mode of ['graph', 'xla'] as const) {
    for (const batch of [[], [2, 3]]) {
      for (const [swapLeft, swapRight] of [
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ]) {
        const rank = batch.length + 2;
        it(`of rank ${rank}, swapped: ${swapLeft}, ${swapRight}, ${mode}`, async () => {
          const [m, k, n] = [48, 40, 24];
          const left = draw([...batch, ...(swapLeft ? [k, m] : [m, k])]);
          const right = draw([...batch, ...(swapRight ? [n, k] : [k, n])]);
          const engine = await startCpu();
          const program = await engine.compile(
            // The left factor is a transposed array, as attention's are: it must be read by its own axes all the same.
            (_state, { x, y }) => ({
              state: {},
              outputs: {
                product: engine.tf.matMul(
                  turnedTwice(engine.tf, x as tf.Tensor),
                  y as tf.Tensor,
                  swapLeft,
                  swapRight,
                ),
              },
            }),
            { state: {}, batch: { x: left, y: right }, scalars: {} },
            { mode, precision: 'bfloat16' },
          );
          const product = program.run({ x: left, y: right }, {}).product.data;
          program.dispose();
          const expected = multiply(left.data, right.data, { m, k, n, swapLeft, swapRight });
          const largest = Math.max(...expected.map(Math.abs));
          const isCastBack = mode === 'graph' || engine.name === 'cuda';
          const off = Math.max(...expected.map((value, index) => Math.abs(value - product[index])));
          expect(off / largest).toBeLessThan(isCastBack ? CLOSE.rounded : CLOSE.sum);
          // Not the product of what wasn't rounded, which is further away.
          const unrounded = multiply(left.data, right.data, { m, k, n, swapLeft, swapRight }, (x) => x);
          expect(Math.max(...unrounded.map((x, i) => Math.abs(x - product[i]))) / largest).toBeGreaterThan(
            1e-4,
          );
        });
      }
    }
  }
});

/** `x` with its first and last axes swapped and swapped back: the same values, in another order in memory between. */
function turnedTwice(tfjs: typeof tf, x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis).reverse();
  return tfjs.transpose(tfjs.add(tfjs.transpose(x, axes), 0), axes);
}

interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly swapLeft: boolean;
  readonly swapRight: boolean;
}

/** Every matrix of `left` times that of `right`, factors rounded, in float64. */
function multiply(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  { m, k, n, swapLeft, swapRight }: Sizes,
  round = toBfloat16,
): number[] {
  const count = left.length / (m * k);
  const product: number[] = [];
  for (let matrix = 0; matrix < count; matrix++) {
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let sum = 0;
        for (let i = 0; i < k; i++) {
          const a = left[matrix * m * k + (swapLeft ? i * m + row : row * k + i)];
          const b = right[matrix * k * n + (swapRight ? column * k + i : i * n + column)];
          sum += round(a) * round(b);
        }
        product.push(sum);
      }
    }
  }
  return product;
}

/** To 8 significant bits, halves to even. */
function toBfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] += 0x7fff + ((bits[0] >>> 16) & 1);
  bits[0] &= 0xffff0000;
  return new Float32Array(bits.buffer)[0];
}
