import { type HostArrays, sizeOf } from '../../src/arrays.js';
import type { Values } from './gradient.js';

/** sin(offset), sin(offset + 1), ...: weights that are neither zeros, nor ones, nor symmetric. */
export function sines(size: number, offset = 0): Float32Array {
  return Float32Array.from({ length: size }, (_, index) => Math.sin(offset + index));
}

/** The same names and shapes, filled with sines, scaled down so that nothing saturates. */
export function fillWithSines(arrays: HostArrays, scale = 0.5): HostArrays {
  let offset = 1;
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape }]) => {
      const data = sines(sizeOf(shape), offset).map((value) => scale * value);
      offset += data.length;
      return [name, { shape, data }];
    }),
  );
}

/** Float64 copies for a twin. */
export function toValues(arrays: HostArrays): Values {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { data }]) => [name, Float64Array.from(data)]),
  );
}
