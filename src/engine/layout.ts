/** Names, shapes and dtypes of what goes into and comes out of a program: fixed by the example, checked per call. */
import { type HostArray, type HostArrays, sizeOf } from '../arrays.js';
import { UserError } from '../errors.js';

export type ElementType = 'float32' | 'int32';

export interface ArrayLayout {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

export function elementTypeOf(array: HostArray): ElementType {
  return array.data instanceof Float32Array ? 'float32' : 'int32';
}

/** The layouts of named arrays, in the order of their names, so that nothing depends on the order of keys. */
export function layoutsOf(arrays: HostArrays, where: string): ArrayLayout[] {
  return Object.keys(arrays)
    .sort()
    .map((name) => {
      const array = arrays[name] as HostArray;
      if (array.data.length !== sizeOf(array.shape)) {
        throw new UserError(
          'failure',
          `${where}.${name}: the shape [${array.shape}] holds ${sizeOf(array.shape)} values, got ${array.data.length}`,
        );
      }
      return { name, shape: [...array.shape], dtype: elementTypeOf(array) };
    });
}

/** `float32[8, 64, 28]` */
export function describeLayout(layout: {
  readonly shape: readonly number[];
  readonly dtype: string;
}): string {
  return `${layout.dtype}[${layout.shape.join(', ')}]`;
}

/**
 * Checks one call's arrays against the example's.
 * @param partial allows some of the names to be left out
 * @throws UserError naming the array, what was expected and what came
 */
export function checkArrays(
  where: string,
  layouts: readonly ArrayLayout[],
  arrays: HostArrays,
  partial = false,
): void {
  for (const layout of layouts) {
    const array = arrays[layout.name];
    if (array === undefined) {
      if (partial) continue;
      throw new UserError(
        'failure',
        `${where}.${layout.name} is missing; expected ${describeLayout(layout)}`,
      );
    }
    const found = { shape: array.shape, dtype: elementTypeOf(array) };
    const isSame =
      found.dtype === layout.dtype &&
      found.shape.length === layout.shape.length &&
      found.shape.every((extent, axis) => extent === layout.shape[axis]) &&
      array.data.length === sizeOf(layout.shape);
    if (!isSame) {
      throw new UserError(
        'failure',
        `${where}.${layout.name} must be ${describeLayout(layout)}, got ${describeLayout(found)} with ${array.data.length} values; a program has one shape`,
      );
    }
  }
  assertKnownNames(where, layouts, Object.keys(arrays));
}

/** @throws UserError naming the first name that the example did not have */
export function assertKnownNames(
  where: string,
  layouts: readonly { readonly name: string }[],
  names: readonly string[],
): void {
  const known = new Set(layouts.map((layout) => layout.name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new UserError(
      'failure',
      `${where} has no "${unknown}"; it has ${[...known].map((name) => `"${name}"`).join(', ') || 'nothing'}`,
    );
  }
}
