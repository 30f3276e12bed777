import { UserError } from '../../errors.js';
import { SINGLE_ANIMAL } from './deeplabcut-csv.js';
import { decodeName, type Hdf5Dataset, type OpenHdf5, readHdf5 } from './hdf5.js';
import { type AxisExtents, type PoseAxis, turnAxes } from './pose-axes.js';
import type { TrackedPoses } from './tracked-poses.js';

/** SLEAP's names of the axes. */
const AXIS_NAMES: Readonly<Record<string, PoseAxis>> = {
  frame: 'frame',
  track: 'animal',
  node: 'keypoint',
  xy: 'space',
};
/** As SLEAP itself writes it, for programs that have the first axis innermost. */
const SLEAP_AXES: readonly PoseAxis[] = ['animal', 'space', 'keypoint', 'frame'];
/** As its older versions wrote it when asked not to turn the axes. */
const UNTURNED_AXES: readonly PoseAxis[] = ['frame', 'keypoint', 'space', 'animal'];

/**
 * Reads an analysis file of SLEAP (Pereira et al. 2022; `sleap-convert --format analysis`, `save_analysis_h5`): `tracks`
 * with the axes that its attribute `dims` names, else (track, xy, node, frame), and `point_scores` without xy where they
 * are there. A track is an animal; a file without track names has one, `animal`. NaN is missing. Needs the optional
 * package h5wasm. Throws a UserError that names what is absent or has another shape.
 */
export function readSleapH5(path: string): Promise<TrackedPoses> {
  return readHdf5(path, 'analysis file of SLEAP', (file) => {
    const keypoints = readNames(file, 'node_names', path);
    const named = file.root.keys().includes('track_names') ? readNames(file, 'track_names', path) : [];
    const animals = named.length === 0 ? [SINGLE_ANIMAL] : named;
    const tracks = file.dataset(file.root, 'tracks');
    const axes = readAxes(file, tracks, path);
    const frames = tracks.shape[axes.indexOf('frame')];
    if (!(frames > 0) || keypoints.length === 0)
      throw new UserError('data', `${path} has ${frames} frames of ${keypoints.length} nodes`);
    const extents = { frame: frames, animal: animals.length, keypoint: keypoints.length, space: 2 };
    const pose = turn(tracks, axes, ['frame', 'animal', 'keypoint', 'space'], extents, `${path}, tracks`);
    for (let at = 0; at < pose.length; at += 2)
      if (Number.isNaN(pose[at] + pose[at + 1])) pose.fill(Number.NaN, at, at + 2);
    if (!file.root.keys().includes('point_scores')) return { animals, keypoints, frames, pose };
    const scoreAxes = axes.filter((axis) => axis !== 'space');
    const where = `${path}, point_scores`;
    const pointScores = file.dataset(file.root, 'point_scores');
    const scores = turn(pointScores, scoreAxes, ['frame', 'animal', 'keypoint'], extents, where);
    // peaks of a confidence map, which pass 1 by a little
    const limited = scores.map((score) => (Number.isNaN(score) ? 0 : Math.min(1, Math.max(0, score))));
    return { animals, keypoints, frames, pose, scores: limited };
  });
}

function readNames(file: OpenHdf5, dataset: string, path: string): string[] {
  const names = Array.from(file.dataset(file.root, dataset).value, decodeName);
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined)
    throw new UserError('data', `${path}: ${JSON.stringify(repeated)} is there twice in ${dataset}`);
  return names;
}

function readAxes({ root }: OpenHdf5, tracks: Hdf5Dataset, path: string): readonly PoseAxis[] {
  const told = tracks.attrs.dims?.value;
  if (told === undefined) {
    const isTurned = root.attrs.transpose?.value;
    return isTurned === undefined || Number(isTurned) !== 0 ? SLEAP_AXES : UNTURNED_AXES;
  }
  const names = String(told).match(/\w+/g) ?? []; // ["frame", "track", "node", "xy"]
  if (names.toSorted().join() !== Object.keys(AXIS_NAMES).toSorted().join())
    throw new UserError(
      'data',
      `${path}: the axes of tracks must be ${Object.keys(AXIS_NAMES).join(', ')} in some order, got ${String(told).slice(0, 80)}`,
    );
  return names.map((name) => AXIS_NAMES[name]);
}

function turn(
  dataset: Hdf5Dataset,
  axes: readonly PoseAxis[],
  wanted: readonly PoseAxis[],
  extents: AxisExtents,
  where: string,
): Float32Array {
  const values = Float32Array.from(dataset.value as ArrayLike<number>, Number);
  const hint = 'A track is an animal and a node a keypoint; is the file whole?';
  return turnAxes({ shape: dataset.shape, values }, axes, wanted, extents, where, hint);
}
