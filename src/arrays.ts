/** A dense array on the host, C order. Its element type is its `data`'s: float32 or int32. */
export interface HostArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Arrays by name: parameters by path (`encoder/block0/attention/query/kernel`), batch fields, outputs. */
export type HostArrays = Readonly<Record<string, HostArray>>;

/** The number of elements of a shape; 1 for a scalar's empty shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}
