import type { Dataset } from '../store/dataset.js';

/**
 * From original frames to the model's rate. Model frame i of a recording lies at i / framesPerSecond seconds, the
 * first on original frame 0, so original frame = i x (recording's rate / model's rate). At equal or whole-numbered
 * rates frames are copied, otherwise interpolated between the two nearest.
 */

/** Model frames that lie within a recording. */
export function modelFrameCount(frames: number, recordingRate: number, modelRate: number): number {
  return frames === 0 ? 0 : Math.floor(((frames - 1) * modelRate) / recordingRate + 1e-6) + 1;
}

/** Original frames [start, ...) of a recording, and where the window's model frames lie among them. */
export interface RawWindow {
  /** [frame, animal, keypoint, space]; NaN where missing. */
  readonly pose: Float32Array;
  /** The original frame that `pose` starts with. */
  readonly start: number;
  /** Model frame i of the window lies at original frame `first + i x step`. */
  readonly first: number;
  readonly step: number;
}

/** A window of a recording, in model frames. */
export interface WindowPlace {
  readonly start: number;
  readonly windowFrames: number;
  /** A factor on the time between frames: the window keeps its middle (but stays within the recording). Left out: 1. */
  readonly speed?: number;
  /** Read before and after the window as well, where the recording has them. Left out: none. */
  readonly marginFrames?: number;
}

/**
 * Reads what a window needs.
 *
 * @param modelRate model frames per second
 */
export function readRawWindow(
  dataset: Dataset,
  recording: number,
  modelRate: number,
  { start, windowFrames, speed = 1, marginFrames = 0 }: WindowPlace,
): RawWindow {
  const { frames, framesPerSecond } = dataset.recordings[recording];
  const ratio = framesPerSecond / modelRate;
  const step = ratio * speed;
  let first = start * ratio;
  if (speed !== 1) {
    const extent = (windowFrames - 1) * step;
    const centred = first + ((windowFrames - 1) * ratio - extent) / 2;
    first = Math.max(0, Math.min(centred, frames - 1 - extent));
  }
  first -= marginFrames * step;
  const last = first + (windowFrames - 1 + 2 * marginFrames) * step;
  const rawStart = Math.min(frames, Math.max(0, Math.floor(first)));
  const rawStop = Math.min(frames, Math.ceil(last) + 1);
  const pose = dataset.readPose(recording, rawStart, Math.max(rawStart, rawStop));
  return { pose, start: rawStart, first, step };
}

/**
 * Hides, in place, the original frames that belong to hidden model frames: each belongs to the nearest one, or to
 * two equally near. What is interpolated afterwards cannot know them.
 */
export function hideRawFrames(raw: RawWindow, frameSize: number, visible: Uint8Array): void {
  const { pose, start, first, step } = raw;
  const isHidden = (time: number) => time >= 0 && time < visible.length && visible[time] === 0;
  for (let frame = 0; frame * frameSize < pose.length; frame++) {
    const owner = (start + frame - first) / step;
    if (!isHidden(Math.floor(owner + 0.5)) && !isHidden(Math.ceil(owner - 0.5))) continue;
    const from = frame * frameSize;
    for (let index = from; index < from + frameSize; index++) pose[index] = Number.NaN;
  }
}

/**
 * The poses of a window's model frames, into `out` [time, animal, keypoint, space]. A point between two frames is
 * interpolated where both are valid, else it is that of the nearer frame. Beyond the recording all is missing.
 *
 * @param shown [time]: rows of frames that it marks with 0 are left as they are; left out: none
 */
export function resampleWindow(
  raw: RawWindow,
  frameSize: number,
  out: Float32Array,
  shown?: Uint8Array,
): void {
  const { pose } = raw;
  const rawFrames = pose.length / frameSize;
  const frames = out.length / frameSize;
  for (let time = 0; time < frames; time++) {
    if (shown?.[time] === 0) continue;
    const position = raw.first + time * raw.step - raw.start;
    const nearest = Math.round(position);
    const target = time * frameSize;
    if (nearest < 0 || nearest >= rawFrames) {
      out.fill(Number.NaN, target, target + frameSize);
      continue;
    }
    const source = nearest * frameSize;
    const distance = Math.abs(position - nearest);
    const other = nearest + (position > nearest ? 1 : -1);
    const isBetween = distance > 1e-6 && other >= 0 && other < rawFrames;
    if (!isBetween) {
      for (let index = 0; index < frameSize; index++) out[target + index] = pose[source + index];
      continue;
    }
    const beside = other * frameSize;
    for (let index = 0; index < frameSize; index++) {
      const here = pose[source + index];
      const there = pose[beside + index];
      out[target + index] = Number.isNaN(there) ? here : here + distance * (there - here);
    }
  }
}

/** Marks with 0 the model frames of a window that lie beyond its recording; leaves the others as they are. */
export function hideBeyond(raw: RawWindow, frameSize: number, visible: Uint8Array): void {
  const rawFrames = raw.pose.length / frameSize;
  for (let time = 0; time < visible.length; time++) {
    const nearest = Math.round(raw.first + time * raw.step - raw.start);
    if (nearest < 0 || nearest >= rawFrames) visible[time] = 0;
  }
}
