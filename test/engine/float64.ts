/** Dense float64 arrays and the operations of a transformer on them, written to be obviously right. */

export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);

/** Every entry from its index along each axis. */
export function build(shape: readonly number[], entry: (index: number[]) => number): Dense {
  const data = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = entry(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return { shape, data };
}

/** Entry at an index; extents of 1 stretch, leading axes may be left out of the array. */
export function at(dense: Dense, index: readonly number[]): number {
  const skip = index.length - dense.shape.length;
  return dense.data[
    dense.shape.reduce((flat, extent, axis) => flat * extent + (extent === 1 ? 0 : index[axis + skip]), 0)
  ];
}

export function map(a: Dense, f: (value: number) => number): Dense {
  return { shape: a.shape, data: a.data.map(f) };
}

/** Elementwise with broadcasting; `shape` is the broadcast shape. */
export function zip(
  shape: readonly number[],
  f: (...values: number[]) => number,
  ...parts: readonly Dense[]
): Dense {
  return build(shape, (index) => f(...parts.map((part) => at(part, index))));
}

/** Over one axis, which stays with extent 1. */
export function reduceAxis(a: Dense, axis: number, f: (values: number[]) => number): Dense {
  const shape = a.shape.map((extent, other) => (other === axis ? 1 : extent));
  return build(shape, (index) =>
    f(
      Array.from({ length: a.shape[axis] }, (_, along) =>
        at(
          a,
          index.map((i, other) => (other === axis ? along : i)),
        ),
      ),
    ),
  );
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function reshape(a: Dense, shape: readonly number[]): Dense {
  return { shape, data: a.data };
}

export function transpose(a: Dense, order: readonly number[]): Dense {
  return build(
    order.map((axis) => a.shape[axis]),
    (index) => {
      const source = a.shape.map(() => 0);
      order.forEach((axis, position) => {
        source[axis] = index[position];
      });
      return at(a, source);
    },
  );
}

/** Matrices in the last two axes; the others must be equal. */
export function matMul(a: Dense, b: Dense): Dense {
  const [inner, columns] = [a.shape.at(-1) as number, b.shape.at(-1) as number];
  return build([...a.shape.slice(0, -1), columns], (index) => {
    const [lead, row, column] = [index.slice(0, -2), index.at(-2) as number, index.at(-1) as number];
    return sum(
      Array.from({ length: inner }, (_, k) => at(a, [...lead, row, k]) * at(b, [...lead, k, column])),
    );
  });
}

export function concat(parts: readonly Dense[], axis: number): Dense {
  const extents = parts.map((part) => part.shape[axis]);
  const shape = parts[0].shape.map((extent, other) => (other === axis ? sum(extents) : extent));
  return build(shape, (index) => {
    let offset = index[axis];
    const part = extents.findIndex((extent) => {
      if (offset < extent) return true;
      offset -= extent;
      return false;
    });
    return at(
      parts[part],
      index.map((i, other) => (other === axis ? offset : i)),
    );
  });
}

export function slice(a: Dense, begin: readonly number[], size: readonly number[]): Dense {
  return build(size, (index) =>
    at(
      a,
      index.map((i, axis) => i + begin[axis]),
    ),
  );
}

/** The error function by its series around 0, good to 1e-15 for |x| < 4. */
export function erf(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; n < 200; n++) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

export const softmaxOf = (values: readonly number[], value: number): number =>
  Math.exp(value) / sum(values.map((other) => Math.exp(other)));
