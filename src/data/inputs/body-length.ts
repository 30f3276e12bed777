import { UserError } from '../../errors.js';
import type { Dataset } from '../store/dataset.js';

/** How the unit of length is found. */
export interface BodyLengthSettings {
  /** `recording`: each recording has its own (cameras and animals differ). `dataset`: one for all. */
  readonly scope: 'recording' | 'dataset';
  /** Frames that are looked at in each recording, in stretches spread evenly over it. */
  readonly framesPerRecording: number;
}

const STRETCH_FRAMES = 32;
/** A recording with fewer bodies than this in its sample takes the data set's length. */
const FEWEST_BODIES = 50;

/**
 * Pixels of one body length for each recording: the median distance between front and back (means of their valid
 * points) over all animals. It depends on the recordings alone, not on any seed.
 *
 * @throws UserError when no recording shows front and back of an animal at once.
 */
export function measureBodyLengths(dataset: Dataset, settings: BodyLengthSettings): number[] {
  const perRecording = dataset.recordings.map((_, recording) =>
    sampleLengths(dataset, recording, settings.framesPerRecording),
  );
  const all = median(perRecording.flat());
  if (!(all > 0)) {
    const { skeleton, name } = dataset.header;
    const named = (set: readonly number[]) => set.map((keypoint) => skeleton.keypoints[keypoint]).join(', ');
    throw new UserError(
      'data',
      `${name}: no body length can be measured: no frame shows the front (${named(skeleton.front)}) and the back (${named(skeleton.back)}) of an animal apart from each other.`,
      { hint: "Name other keypoints as the skeleton's front and back." },
    );
  }
  if (settings.scope === 'dataset') return perRecording.map(() => all);
  return perRecording.map((lengths) => (lengths.length < FEWEST_BODIES ? all : median(lengths)));
}

function sampleLengths(dataset: Dataset, recording: number, frames: number): number[] {
  const total = dataset.recordings[recording].frames;
  const stretches = Math.max(
    1,
    Math.min(Math.round(frames / STRETCH_FRAMES), Math.floor(total / STRETCH_FRAMES)),
  );
  const lengths: number[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch / stretches) * total);
    const stop = Math.min(total, start + STRETCH_FRAMES);
    collectLengths(dataset, dataset.readPose(recording, start, stop), lengths);
  }
  return lengths;
}

/** @param pose [frame, animal, keypoint, space] */
function collectLengths({ header }: Dataset, pose: Float32Array, lengths: number[]): void {
  const { front, back, keypoints } = header.skeleton;
  const bodySize = keypoints.length * 2;
  for (let body = 0; body < pose.length; body += bodySize) {
    const x = meanOf(pose, body, front) - meanOf(pose, body, back);
    const y = meanOf(pose, body + 1, front) - meanOf(pose, body + 1, back);
    const length = Math.hypot(x, y);
    if (length > 0 && Number.isFinite(length)) lengths.push(length);
  }
}

/** Mean of one coordinate over the valid ones of some keypoints; NaN where there are none. */
function meanOf(pose: Float32Array, from: number, keypoints: readonly number[]): number {
  const valid = keypoints
    .map((keypoint) => pose[from + keypoint * 2])
    .filter((value) => !Number.isNaN(value));
  return valid.reduce((sum, value) => sum + value, 0) / valid.length;
}

/** The middle value (the lower of two); NaN of nothing. */
function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? Number.NaN : sorted[(sorted.length - 1) >> 1];
}
