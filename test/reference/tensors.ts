import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../src/arrays.js';

/** Host arrays as tensors of the same names. */
export function toTensors(arrays: HostArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data.slice(), [...shape], data instanceof Float32Array ? 'float32' : 'int32'),
    ]),
  );
}

/** Value and gradients of a scalar function of named arrays, by tfjs. */
export function valueAndGradients(
  f: (tensors: Record<string, tf.Tensor>) => tf.Scalar,
  arrays: HostArrays,
): { value: number; gradients: Record<string, Float32Array> } {
  return tf.tidy(() => {
    const names = Object.keys(arrays);
    const tensors = toTensors(arrays);
    const result = tf.valueAndGrads((...values) =>
      f(Object.fromEntries(names.map((n, i) => [n, values[i]]))),
    )(names.map((name) => tensors[name]));
    const gradients = Object.fromEntries(
      names.map((name, index) => [name, result.grads[index].dataSync() as Float32Array]),
    );
    return { value: result.value.dataSync()[0], gradients } as never;
  });
}
