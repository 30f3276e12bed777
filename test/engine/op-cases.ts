import type * as tf from '@tensorflow/tfjs';
import type { HostArray } from '../../src/arrays.js';
import {
  at,
  build,
  concat,
  type Dense,
  erf,
  map,
  matMul,
  reduceAxis,
  reshape,
  slice,
  sum,
  transpose,
  zip,
} from './float64.js';

type Tf = typeof tf;

/** One op as transformers use it: in tfjs, and as a float64 twin. */
export interface OpCase {
  readonly name: string;
  readonly inputs: readonly HostArray[];
  readonly apply: (tfjs: Tf, ...inputs: tf.Tensor[]) => tf.Tensor;
  readonly twin: (...inputs: Dense[]) => Dense;
  /** False for ops whose gradient is not asked for (comparisons, indices). */
  readonly isDifferentiable: boolean;
}

/** sin(1.7 i + offset) stretched to [low, high]: no two entries alike, so that min, max and sorting are unambiguous. */
function waves(shape: readonly number[], low = -1.5, high = 1.5, offset = 0.3): HostArray {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const data = Float32Array.from(
    { length: size },
    (_, i) => low + ((high - low) * (1 + Math.sin(1.7 * i + offset))) / 2,
  );
  return { shape, data };
}

const other = (shape: readonly number[], low = -1.5, high = 1.5): HostArray => waves(shape, low, high, 2.1);
const integers = (...values: number[]): HostArray => ({
  shape: [values.length],
  data: Int32Array.from(values),
});

const define = (
  name: string,
  inputs: readonly HostArray[],
  apply: OpCase['apply'],
  twin: OpCase['twin'],
  isDifferentiable = true,
): OpCase => ({ name, inputs, apply, twin, isDifferentiable });

const unary = (
  name: string,
  apply: (tfjs: Tf, x: tf.Tensor) => tf.Tensor,
  f: (x: number) => number,
  low = -1.5,
  high = 1.5,
) => define(name, [waves([3, 4], low, high)], apply, (x) => map(x, f));

const binary = (
  name: string,
  apply: (tfjs: Tf, a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  f: (a: number, b: number) => number,
) => define(name, [waves([2, 3, 4]), other([2, 3, 4], 0.5, 2)], apply, (a, b) => zip([2, 3, 4], f, a, b));

/** Only of the four whose gradient tfjs sums back over the stretched axes. */
const broadcast = (...parameters: Parameters<typeof binary>) => {
  const [name, apply, f] = parameters;
  return define(`${name}, broadcast`, [waves([2, 3, 4]), other([3, 1], 0.5, 2)], apply, (a, b) =>
    zip([2, 3, 4], f, a, b),
  );
};

const product = (name: string, a: number[], b: number[], transposeA: boolean, transposeB: boolean) => {
  const swap = (x: Dense, isSwapped: boolean) => {
    const axes = x.shape.map((_, axis) => axis);
    return isSwapped ? transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]) : x;
  };
  return define(
    name,
    [waves(a), other(b)],
    (tfjs, x, y) => tfjs.matMul(x, y, transposeA, transposeB),
    (x, y) => matMul(swap(x, transposeA), swap(y, transposeB)),
  );
};

const logSumExp = (values: number[]) => Math.log(sum(values.map(Math.exp)));
const mean = (values: number[]) => sum(values) / values.length;
const gelu = (x: number) => 0.5 * x * (1 + erf(x * Math.SQRT1_2));

export const OP_CASES: readonly OpCase[] = [
  define(
    'addN of three',
    [waves([2, 3]), other([2, 3]), waves([2, 3], 0.5, 2)],
    (t, a, b, c) => t.addN([a, b, c]),
    (a, b, c) =>
      zip(
        [2, 3],
        (sum, x) => sum + x,
        zip([2, 3], (x, y) => x + y, a, b),
        c,
      ),
  ),
  unary('abs', (t, x) => t.abs(x), Math.abs),
  unary(
    'neg',
    (t, x) => t.neg(x),
    (x) => -x,
  ),
  unary(
    'square',
    (t, x) => t.square(x),
    (x) => x * x,
  ),
  unary('sqrt', (t, x) => t.sqrt(x), Math.sqrt, 0.2, 3),
  unary(
    'rsqrt',
    (t, x) => t.rsqrt(x),
    (x) => 1 / Math.sqrt(x),
    0.2,
    3,
  ),
  unary('exp', (t, x) => t.exp(x), Math.exp),
  unary('log', (t, x) => t.log(x), Math.log, 0.2, 3),
  unary('erf', (t, x) => t.erf(x), erf),
  unary('tanh', (t, x) => t.tanh(x), Math.tanh),
  unary(
    'sigmoid',
    (t, x) => t.sigmoid(x),
    (x) => 1 / (1 + Math.exp(-x)),
  ),
  unary(
    'softplus',
    (t, x) => t.softplus(x),
    (x) => Math.log1p(Math.exp(x)),
  ),
  unary(
    'relu',
    (t, x) => t.relu(x),
    (x) => Math.max(x, 0),
  ),
  unary('sin', (t, x) => t.sin(x), Math.sin),
  unary('cos', (t, x) => t.cos(x), Math.cos),
  unary(
    'clipByValue',
    (t, x) => t.clipByValue(x, -0.7, 0.6),
    (x) => Math.min(Math.max(x, -0.7), 0.6),
  ),
  unary(
    'pow',
    (t, x) => t.pow(x, 3),
    (x) => x ** 3,
  ),
  unary('gelu by erf', (t, x) => t.mul(t.mul(x, 0.5), t.add(t.erf(t.mul(x, Math.SQRT1_2)), 1)), gelu),
  unary(
    'gelu by tanh',
    (t, x) =>
      t.mul(
        t.mul(x, 0.5),
        t.add(t.tanh(t.mul(t.add(x, t.mul(t.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI))), 1),
      ),
    (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ),
  binary(
    'add',
    (t, a, b) => t.add(a, b),
    (a, b) => a + b,
  ),
  binary(
    'sub',
    (t, a, b) => t.sub(a, b),
    (a, b) => a - b,
  ),
  binary(
    'mul',
    (t, a, b) => t.mul(a, b),
    (a, b) => a * b,
  ),
  binary(
    'div',
    (t, a, b) => t.div(a, b),
    (a, b) => a / b,
  ),
  broadcast(
    'add',
    (t, a, b) => t.add(a, b),
    (a, b) => a + b,
  ),
  broadcast(
    'sub',
    (t, a, b) => t.sub(a, b),
    (a, b) => a - b,
  ),
  broadcast(
    'mul',
    (t, a, b) => t.mul(a, b),
    (a, b) => a * b,
  ),
  broadcast(
    'div',
    (t, a, b) => t.div(a, b),
    (a, b) => a / b,
  ),
  binary('maximum', (t, a, b) => t.maximum(a, b), Math.max),
  binary('minimum', (t, a, b) => t.minimum(a, b), Math.min),
  binary(
    'squaredDifference',
    (t, a, b) => t.squaredDifference(a, b),
    (a, b) => (a - b) ** 2,
  ),
  product('matMul', [3, 4], [4, 5], false, false),
  product('matMul, first transposed', [4, 3], [4, 5], true, false),
  product('matMul, second transposed', [3, 4], [5, 4], false, true),
  product('matMul, both transposed', [4, 3], [5, 4], true, true),
  product('matMul of a batch', [2, 3, 4], [2, 4, 5], false, false),
  product('matMul of a batch, both transposed', [2, 4, 3], [2, 5, 4], true, true),
  product('matMul of heads', [2, 2, 3, 4], [2, 2, 5, 4], false, true),
  define(
    'sum',
    [waves([2, 3, 4])],
    (t, x) => t.sum(x, 1),
    (x) => reshape(reduceAxis(x, 1, sum), [2, 4]),
  ),
  define(
    'sum, keeping the axis',
    [waves([2, 3, 4])],
    (t, x) => t.sum(x, 2, true),
    (x) => reduceAxis(x, 2, sum),
  ),
  define(
    'sum of everything',
    [waves([2, 3])],
    (t, x) => t.sum(x),
    (x) => ({ shape: [], data: Float64Array.of(sum([...x.data])) }),
  ),
  define(
    'mean',
    [waves([2, 3, 4])],
    (t, x) => t.mean(x, -1, true),
    (x) => reduceAxis(x, 2, mean),
  ),
  define(
    'mean over two axes',
    [waves([2, 3, 4])],
    (t, x) => t.mean(x, [0, 2]),
    (x) => reshape(reduceAxis(reduceAxis(x, 0, mean), 2, mean), [3]),
  ),
  define(
    'max',
    [waves([2, 5])],
    (t, x) => t.max(x, 1),
    (x) =>
      reshape(
        reduceAxis(x, 1, (v) => Math.max(...v)),
        [2],
      ),
  ),
  define(
    'min',
    [waves([2, 5])],
    (t, x) => t.min(x, 1),
    (x) =>
      reshape(
        reduceAxis(x, 1, (v) => Math.min(...v)),
        [2],
      ),
  ),
  define(
    'logSumExp',
    [waves([2, 5])],
    (t, x) => t.logSumExp(x, 1),
    (x) => reshape(reduceAxis(x, 1, logSumExp), [2]),
  ),
  define(
    'softmax',
    [waves([2, 3, 4])],
    (t, x) => t.softmax(x),
    (x) => zip([2, 3, 4], (v, l) => Math.exp(v - l), x, reduceAxis(x, 2, logSumExp)),
  ),
  define(
    'logSoftmax',
    [waves([3, 4])],
    (t, x) => t.logSoftmax(x),
    (x) => zip([3, 4], (v, l) => v - l, x, reduceAxis(x, 1, logSumExp)),
  ),
  define(
    'normalise',
    [waves([3, 4])],
    (t, x) => {
      const centred = t.sub(x, t.mean(x, -1, true));
      return t.mul(centred, t.rsqrt(t.add(t.mean(t.square(centred), -1, true), 1e-5)));
    },
    (x) => {
      const centred = zip([3, 4], (a, b) => a - b, x, reduceAxis(x, 1, mean));
      const spread = reduceAxis(
        map(centred, (v) => v * v),
        1,
        mean,
      );
      return zip([3, 4], (a, b) => a / Math.sqrt(b + 1e-5), centred, spread);
    },
  ),
  define(
    'slice',
    [waves([3, 4, 2])],
    (t, x) => t.slice(x, [1, 0, 1], [2, -1, 1]),
    (x) => slice(x, [1, 0, 1], [2, 4, 1]),
  ),
  define(
    'concat',
    [waves([2, 3]), other([2, 2])],
    (t, a, b) => t.concat([a, b], 1),
    (a, b) => concat([a, b], 1),
  ),
  define(
    'pad',
    [waves([2, 3])],
    (t, x) =>
      t.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        0,
      ),
    (x) => build([3, 5], ([i, j]) => (i < 1 || j > 2 ? 0 : at(x, [i - 1, j]))),
  ),
  define(
    'transpose',
    [waves([2, 3, 4])],
    (t, x) => t.transpose(x, [2, 0, 1]),
    (x) => transpose(x, [2, 0, 1]),
  ),
  define(
    'reshape',
    [waves([2, 3, 4])],
    (t, x) => t.reshape(x, [4, -1]),
    (x) => reshape(x, [4, 6]),
  ),
  define(
    'expandDims',
    [waves([2, 3])],
    (t, x) => t.expandDims(x, 1),
    (x) => reshape(x, [2, 1, 3]),
  ),
  define(
    'squeeze',
    [waves([2, 1, 3])],
    (t, x) => t.squeeze(x, [1]),
    (x) => reshape(x, [2, 3]),
  ),
  define(
    'tile',
    [waves([2, 3])],
    (t, x) => t.tile(x, [2, 2]),
    (x) => build([4, 6], ([i, j]) => at(x, [i % 2, j % 3])),
  ),
  define(
    'stack',
    [waves([2, 3]), other([2, 3])],
    (t, a, b) => t.stack([a, b], 1),
    (a, b) => build([2, 2, 3], ([i, j, k]) => at(j === 0 ? a : b, [i, k])),
  ),
  define(
    'unstack',
    [waves([2, 3])],
    (t, x) => t.unstack(x, 1)[2],
    (x) => build([2], ([i]) => at(x, [i, 2])),
  ),
  define(
    'split',
    [waves([2, 6])],
    (t, x) => t.split(x, [1, 2, 3], 1)[1],
    (x) => slice(x, [0, 1], [2, 2]),
  ),
  define(
    'reverse',
    [waves([2, 3])],
    (t, x) => t.reverse(x, 1),
    (x) => build([2, 3], ([i, j]) => at(x, [i, 2 - j])),
  ),
  define(
    'where',
    [waves([2, 3]), other([2, 3]), { shape: [2, 3], data: Int32Array.of(1, 0, 0, 1, 1, 0) }],
    (t, a, b, mask) => t.where(t.greater(mask, 0), a, b),
    (a, b, mask) => zip([2, 3], (x, y, m) => (m > 0 ? x : y), a, b, mask),
  ),
  define(
    'oneHot',
    [integers(2, 0, 3)],
    (t, x) => t.oneHot(x as tf.Tensor1D, 4),
    (x) => build([3, 4], ([i, j]) => (x.data[i] === j ? 1 : 0)),
    false,
  ),
  define(
    'rows by oneHot x matMul',
    [waves([4, 3]), integers(2, 0, 3, 2)],
    (t, x, rows) => t.matMul(t.cast(t.oneHot(rows as tf.Tensor1D, 4), 'float32'), x),
    (x, rows) => build([4, 3], ([i, j]) => at(x, [rows.data[i], j])),
  ),
  define(
    'cast of a comparison',
    [waves([2, 3]), other([2, 3])],
    (t, a, b) => t.cast(t.lessEqual(a, b), 'float32'),
    (a, b) => zip([2, 3], (x, y) => (x <= y ? 1 : 0), a, b),
    false,
  ),
  define(
    'argMax',
    [waves([3, 4])],
    (t, x) => t.argMax(x, 1),
    (x) =>
      reshape(
        reduceAxis(x, 1, (v) => v.indexOf(Math.max(...v))),
        [3],
      ),
    false,
  ),
  define(
    'cumsum',
    [waves([2, 5])],
    (t, x) => t.cumsum(x, 1),
    (x) => build([2, 5], ([i, j]) => sum(Array.from({ length: j + 1 }, (_, k) => at(x, [i, k])))),
    false,
  ),
];
