import type { HostArray } from '../../arrays.js';
import { sizeOf } from '../../arrays.js';
import type { Random } from '../../random.js';

/** A float32 array with the same value everywhere. */
export function constantArray(shape: readonly number[], value: number): HostArray {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(value) };
}

/** Independent normal numbers of mean 0. */
export function normalArray(random: Random, shape: readonly number[], deviation: number): HostArray {
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.normal()) };
}

/**
 * Uniform in +-sqrt(6 / (inputs + outputs)): keeps the variance of activations and of gradients through a layer.
 * Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010, eq. 16.
 */
export function glorotKernel(random: Random, inputs: number, outputs: number): HostArray {
  const bound = Math.sqrt(6 / (inputs + outputs));
  const data = Float32Array.from({ length: inputs * outputs }, () => bound * (2 * random.uniform() - 1));
  return { shape: [inputs, outputs], data };
}
