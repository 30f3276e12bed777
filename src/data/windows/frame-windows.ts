import { animalOrders } from '../inputs/animal-orders.js';
import type { Dataset } from '../store/dataset.js';

export interface FrameWindowSettings {
  /** Frames that are seen to both sides. */
  readonly reachFrames: number;
  /** Every so many of them. */
  readonly gapFrames: number;
  /** Coordinates are divided by this width and height. */
  readonly frameSizePixels: readonly [number, number];
}

/** Plain windows of poses around single frames, as CalMS21's official baseline sees them. */
export interface FrameWindows {
  readonly samples: number;
  readonly channels: number;
  /** Orders of animals, see `animalOrders`. */
  readonly orderCount: number;
  /** Writes the window around a frame: [sample, channel] from `at` on; zeros beyond the recording. */
  write(recording: number, order: number, frame: number, into: Float32Array, at: number): void;
}

/**
 * Coordinates as shares of the picture, animal by animal, keypoint by keypoint. Where the data set misses points, a
 * missing one stays where it was last (before its first time: where it is first; never seen: the middle), and each
 * keypoint gets a channel that is 1 where it is known.
 * @param hasMissing whether those channels are there
 * @param keptRecordings recordings whose samples stay in memory; others are read anew when their turn comes
 */
export function createFrameWindows(
  dataset: Dataset,
  { reachFrames, gapFrames, frameSizePixels }: FrameWindowSettings,
  hasMissing: boolean,
  keptRecordings: number,
): FrameWindows {
  const orders = animalOrders(dataset.header);
  const points = dataset.header.animals.names.length * dataset.header.skeleton.keypoints.length;
  const channels = points * (hasMissing ? 3 : 2);
  const half = Math.floor(reachFrames / gapFrames);
  const samples = 2 * half + 1;
  const kept = new Map<string, Float32Array>();
  const rowsOf = (recording: number, order: number): Float32Array => {
    const key = `${recording} ${order}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const rows = readRows(dataset, recording, orders[order], frameSizePixels, hasMissing);
    if (kept.size >= keptRecordings * orders.length) kept.delete(kept.keys().next().value as string);
    kept.set(key, rows);
    return rows;
  };
  return {
    samples,
    channels,
    orderCount: orders.length,
    write(recording, order, frame, into, at) {
      const rows = rowsOf(recording, order);
      const frames = rows.length / channels;
      for (let sample = 0; sample < samples; sample++) {
        const from = frame + (sample - half) * gapFrames;
        const to = at + sample * channels;
        if (from < 0 || from >= frames) into.fill(0, to, to + channels);
        else into.set(rows.subarray(from * channels, (from + 1) * channels), to);
      }
    },
  };
}

/** Whether any point of these recordings is missing. */
export function missesPoints(dataset: Dataset, recordings: readonly number[]): boolean {
  return recordings.some((recording) =>
    dataset.readPose(recording, 0, dataset.recordings[recording].frames).some(Number.isNaN),
  );
}

/** A whole recording, [frame, channel]: x and y of every point, then whether it is known. */
function readRows(
  dataset: Dataset,
  recording: number,
  order: readonly number[],
  size: readonly [number, number],
  hasMissing: boolean,
): Float32Array {
  const { frames } = dataset.recordings[recording];
  const pose = dataset.readPose(recording, 0, frames); // [frame, animal, keypoint, space]
  const keypoints = dataset.header.skeleton.keypoints.length;
  const points = order.length * keypoints;
  const channels = points * (hasMissing ? 3 : 2);
  const rows = new Float32Array(frames * channels);
  for (let point = 0; point < points; point++) {
    const from = order[Math.floor(point / keypoints)] * keypoints + (point % keypoints);
    const isKnown = (frame: number) => !Number.isNaN(pose[2 * (frame * points + from)]);
    let first = 0;
    while (first < frames && !isKnown(first)) first++;
    for (let axis = 0; axis < 2; axis++) {
      let value = first < frames ? pose[2 * (first * points + from) + axis] / size[axis] : 0.5;
      for (let frame = 0; frame < frames; frame++) {
        if (isKnown(frame)) value = pose[2 * (frame * points + from) + axis] / size[axis];
        rows[frame * channels + 2 * point + axis] = value;
      }
    }
    if (!hasMissing) continue;
    for (let frame = 0; frame < frames; frame++) {
      rows[frame * channels + 2 * points + point] = isKnown(frame) ? 1 : 0;
    }
  }
  return rows;
}
