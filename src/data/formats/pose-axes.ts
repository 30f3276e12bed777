import { sizeOf } from '../../arrays.js';
import { UserError } from '../../errors.js';

/** The axes of poses in files that hold arrays; scores have the same without `space`. */
export type PoseAxis = 'frame' | 'animal' | 'space' | 'keypoint';

export type AxisExtents = Readonly<Record<PoseAxis, number>>;

/**
 * Turns an array with `axes` into one with the axes `wanted`, in C order. An axis of `wanted` that the array lacks has
 * one entry. Throws a UserError where the shape isn't that of `extents`.
 */
export function turnAxes(
  array: { readonly shape: readonly number[]; readonly values: Float32Array },
  axes: readonly PoseAxis[],
  wanted: readonly PoseAxis[],
  extents: AxisExtents,
  where: string,
  hint: string,
): Float32Array {
  const expected = axes.map((axis) => extents[axis]);
  if (array.shape.join() !== expected.join()) {
    const names = axes.map((axis) => `${axis} ${axis === 'frame' ? 'any' : extents[axis]}`);
    throw new UserError(
      'data',
      `${where}: expected the shape (${names.join(', ')}), got (${array.shape.join(', ')})`,
      { hint },
    );
  }
  const from = array.values;
  const to = new Float32Array(from.length);
  const strides = wanted.map((axis) => {
    const at = axes.indexOf(axis);
    return at < 0 ? 0 : sizeOf(expected.slice(at + 1));
  });
  const position = wanted.map(() => 0);
  for (let at = 0; at < to.length; at++) {
    let source = 0;
    for (let axis = 0; axis < wanted.length; axis++) source += position[axis] * strides[axis];
    to[at] = from[source];
    for (let axis = wanted.length - 1; axis >= 0 && ++position[axis] === extents[wanted[axis]]; axis--)
      position[axis] = 0;
  }
  return to;
}
