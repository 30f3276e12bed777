import { UserError } from '../../errors.js';
import { type NumpyArray, readNpy, readNpz, toFloat32 } from './npy.js';
import { type AxisExtents, type PoseAxis, turnAxes } from './pose-axes.js';
import type { TrackedPoses } from './tracked-poses.js';

/** How poses lie in a `.npy` or `.npz` file, which doesn't say it itself. */
export interface NumpyPoseLayout {
  /** Names of the arrays in a `.npz` file (MARS: `keypoints` and `scores`); a `.npy` file has only the pose. */
  readonly arrays: { readonly pose: string; readonly scores: string | null };
  /**
   * The axes of the pose in their order; without `animal` for one animal. MARS and CalMS21: frame, animal, space,
   * keypoint. Scores have the same axes without `space`.
   */
  readonly axes: readonly PoseAxis[];
  /** The names of the animals and keypoints along their axes. */
  readonly animalNames: readonly string[];
  readonly keypointNames: readonly string[];
}

/** Reads poses from a NumPy file (`.npz`, else `.npy`). Missing points are NaN in it. */
export async function readNumpyPoses(path: string, layout: NumpyPoseLayout): Promise<TrackedPoses> {
  const { arrays, axes, animalNames, keypointNames } = layout;
  const isPacked = /\.npz$/i.test(path);
  const names = arrays.scores === null ? [arrays.pose] : [arrays.pose, arrays.scores];
  const read = isPacked ? await readNpz(path, names) : new Map([[arrays.pose, await readNpy(path)]]);
  const pose = read.get(arrays.pose) as NumpyArray;
  const frames = pose.shape[axes.indexOf('frame')];
  const extents = { frame: frames, animal: animalNames.length, keypoint: keypointNames.length, space: 2 };
  const arranged = arrange(
    pose,
    axes,
    ['frame', 'animal', 'keypoint', 'space'],
    extents,
    `${path}, ${arrays.pose}`,
  );
  if (frames < 1) throw new UserError('data', `${path} has no frames`);
  const scores = arrays.scores === null ? undefined : read.get(arrays.scores);
  if (!scores) return { animals: animalNames, keypoints: keypointNames, frames, pose: arranged };
  const scoreAxes = axes.filter((axis) => axis !== 'space');
  const where = `${path}, ${arrays.scores}`;
  const arrangedScores = arrange(scores, scoreAxes, ['frame', 'animal', 'keypoint'], extents, where);
  return {
    animals: animalNames,
    keypoints: keypointNames,
    frames,
    pose: arranged,
    scores: arrangedScores.map((score) => (Number.isNaN(score) ? 0 : score)),
  };
}

/** Turns an array with `axes` into one with the axes `wanted`, in C order. */
function arrange(
  array: NumpyArray,
  axes: readonly PoseAxis[],
  wanted: readonly PoseAxis[],
  extents: AxisExtents,
  where: string,
): Float32Array {
  const isComplete = wanted.every(
    (axis) => axes.includes(axis) || (axis === 'animal' && extents.animal === 1),
  );
  if (!isComplete || axes.some((axis) => !wanted.includes(axis)) || new Set(axes).size !== axes.length)
    throw new UserError(
      'settings',
      `axes must be ${wanted.join(', ')} in some order, got ${axes.join(', ')}`,
    );
  return turnAxes(
    { shape: array.shape, values: toFloat32(array) },
    axes,
    wanted,
    extents,
    where,
    'Correct axes, animalNames or keypointNames in the settings.',
  );
}
