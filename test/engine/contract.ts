import type * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostArray, HostArrays } from '../../src/arrays.js';
import type { Engine, Mode, Precision, Step } from '../../src/engine/engine.js';
import type { Dense } from './float64.js';
import { OP_CASES, type OpCase } from './op-cases.js';

/** How far an engine may be from the float64 twins, as a part of the largest expected entry. */
const VALUE_TOLERANCE = 3e-6;
const GRADIENT_TOLERANCE = 2e-5;

const toDense = ({ shape, data }: HostArray): Dense => ({ shape, data: Float64Array.from(data) });
const isFloat = (array: HostArray) => array.data instanceof Float32Array;

/** Weights of the sum whose gradient is taken: another one for each entry. */
const weightsOf = (size: number) => Float64Array.from({ length: size }, (_, i) => Math.cos(0.9 * i + 0.4));

/** All cases in one program: outputs `NAME/value` and `NAME/gradient INDEX`. */
function stepOfCases(tfjs: typeof tf, cases: readonly OpCase[]): { step: Step; batch: HostArrays } {
  const batch: Record<string, HostArray> = {};
  for (const { name, inputs } of cases)
    inputs.forEach((input, index) => {
      batch[`${name}/${index}`] = input;
    });
  const step: Step = (state, given) => {
    const outputs: Record<string, tf.Tensor> = {};
    for (const { name, inputs, apply, isDifferentiable } of cases) {
      const tensors = inputs.map((_, index) => given[`${name}/${index}`]);
      const value = apply(tfjs, ...tensors);
      outputs[`${name}/value`] = value.dtype === 'bool' ? tfjs.cast(value, 'float32') : value;
      if (!isDifferentiable) continue;
      const floats = inputs.flatMap((input, index) => (isFloat(input) ? [index] : []));
      const gradients = tfjs.grads((...moved: tf.Tensor[]) => {
        const arguments_ = tensors.map((tensor, index) =>
          floats.includes(index) ? moved[floats.indexOf(index)] : tensor,
        );
        const result = apply(tfjs, ...arguments_);
        const weights = tfjs.tensor(Float32Array.from(weightsOf(result.size)), result.shape);
        return tfjs.sum(tfjs.mul(result, weights));
      })(floats.map((index) => tensors[index]));
      floats.forEach((index, position) => {
        outputs[`${name}/gradient ${index}`] = gradients[position];
      });
    }
    return { state, outputs };
  };
  return { step, batch };
}

function expectClose(actual: HostArray, expected: Dense, relative: number): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = Math.max(1e-3, ...expected.data.map(Math.abs));
  expected.data.forEach((value, index) => {
    const error = Math.abs(actual.data[index] - value);
    if (!(error <= relative * scale)) {
      expect.fail(`entry ${index}: got ${actual.data[index]}, expected ${value}, off by ${error / scale}`);
    }
  });
}

/** Central differences in float64 through the twin. */
function differentiateTwin({ inputs, twin }: OpCase, index: number): Dense {
  const dense = inputs.map(toDense);
  const total = (shift: number, entry: number) => {
    const moved = dense.map((input, other) => {
      if (other !== index) return input;
      const data = input.data.slice();
      data[entry] += shift;
      return { shape: input.shape, data };
    });
    const { data } = twin(...moved);
    const weights = weightsOf(data.length);
    return data.reduce((sum, value, i) => sum + value * weights[i], 0);
  };
  const step = 1e-5;
  const data = dense[index].data.map((_, entry) => (total(step, entry) - total(-step, entry)) / (2 * step));
  return { shape: dense[index].shape, data };
}

/** What every engine and mode must do. */
export function describeOps(
  start: () => Promise<Engine>,
  mode: Mode,
  precision: Precision = 'float32',
): void {
  describe(`ops, ${mode}`, () => {
    let results: HostArrays;
    beforeAll(async () => {
      const engine = await start();
      const { step, batch } = stepOfCases(engine.tf, OP_CASES);
      const program = await engine.compile(step, { state: {}, batch, scalars: {} }, { mode, precision });
      expect(program.mode).toBe(mode);
      results = program.run(batch, {});
      program.dispose();
    });
    it.each(OP_CASES)('$name', (opCase) => {
      const expected = opCase.twin(...opCase.inputs.map(toDense));
      expectClose(results[`${opCase.name}/value`], expected, VALUE_TOLERANCE);
      if (!opCase.isDifferentiable) return;
      opCase.inputs.forEach((input, index) => {
        if (!isFloat(input)) return;
        expectClose(
          results[`${opCase.name}/gradient ${index}`],
          differentiateTwin(opCase, index),
          GRADIENT_TOLERANCE,
        );
      });
    });
  });
}
