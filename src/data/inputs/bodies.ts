/**
 * What a window shows of each animal, and the focal animal's egocentric frame. Every channel of the front-end is
 * derived from this and from nothing else. A hidden frame is entered as missing, so that whatever is derived later
 * (centring, held heading, velocity) cannot depend on it; missing values are NaN and arithmetic carries them on.
 */

/** A window of poses at the model's rate, before the front-end. */
export interface PoseWindow {
  /** [time, animal, keypoint, space] in pixels, animals as stored; NaN where missing. */
  readonly pose: Float32Array;
  /** [time] 1 where the frame may be looked at, 0 where it is hidden. */
  readonly visible: Uint8Array;
  /** Animals by number, the focal one first. */
  readonly order: readonly number[];
  /** Pixels of one body length in this recording. */
  readonly bodyLength: number;
}

/** Sizes and body sets that a window is read with. */
export interface BodyPlan {
  readonly animals: number;
  readonly keypoints: number;
  /** Keypoints whose mean is the front, and those whose mean is the back. */
  readonly front: readonly number[];
  readonly back: readonly number[];
}

/** Lengths are body lengths, animals are in the window's order, missing and hidden is NaN. */
export interface Bodies {
  readonly frames: number;
  /** [time, animal, keypoint, space] */
  readonly points: Float64Array;
  /** [time, animal, space] mean of the valid points. */
  readonly origin: Float64Array;
  /** [time, animal, space] unit vector from the mean of the back to the mean of the front. */
  readonly heading: Float64Array;
  /** [time, space] origin of the focal animal, held where it is not observed. */
  readonly frameOrigin: Float64Array;
  /** [time, space] heading of the focal animal, held where it is not observed. */
  readonly frameHeading: Float64Array;
}

/** Fronts and backs nearer than this (body lengths) give no heading. */
const SMALLEST_AXIS = 1e-4;

/** Room for the bodies of windows of `frames` frames; `trackBodies` fills it. */
export function createBodies(plan: BodyPlan, frames: number): Bodies {
  return {
    frames,
    points: new Float64Array(frames * plan.animals * plan.keypoints * 2),
    origin: new Float64Array(frames * plan.animals * 2),
    heading: new Float64Array(frames * plan.animals * 2),
    frameOrigin: new Float64Array(frames * 2),
    frameHeading: new Float64Array(frames * 2),
  };
}

/**
 * Reads a window into `bodies`.
 *
 * @param hold whether the focal frame is held over frames that don't show it: from the last frame that does, before
 *   the first one from that one. Where no frame of the window shows it, it is NaN. Without `hold` it is NaN wherever
 *   it is not observed: for targets, which must be true.
 */
export function trackBodies(plan: BodyPlan, window: PoseWindow, hold: boolean, bodies: Bodies): void {
  placePoints(plan, window, bodies);
  placeOrigins(plan, window.visible, bodies);
  placeHeadings(plan, window.visible, bodies);
  placeFrame(bodies.origin, plan.animals, hold, bodies.frameOrigin);
  placeFrame(bodies.heading, plan.animals, hold, bodies.frameHeading);
}

function placePoints(plan: BodyPlan, window: PoseWindow, { frames, points }: Bodies): void {
  const { pose, visible, order } = window;
  const bodySize = plan.keypoints * 2;
  const frameSize = plan.animals * bodySize;
  const perPixel = 1 / window.bodyLength;
  for (let time = 0; time < frames; time++) {
    const target = time * frameSize;
    if (visible[time] === 0) {
      points.fill(Number.NaN, target, target + frameSize);
      continue;
    }
    for (let animal = 0; animal < plan.animals; animal++) {
      const from = target + order[animal] * bodySize;
      const to = target + animal * bodySize;
      for (let index = 0; index < bodySize; index += 2) {
        // An infinite coordinate or half a point is a missing point: x - x is NaN for both.
        const x = pose[from + index];
        const y = pose[from + index + 1];
        const isPoint = x - x + (y - y) === 0;
        points[to + index] = isPoint ? x * perPixel : Number.NaN;
        points[to + index + 1] = isPoint ? y * perPixel : Number.NaN;
      }
    }
  }
}

function placeOrigins(plan: BodyPlan, visible: Uint8Array, { frames, points, origin }: Bodies): void {
  const bodySize = plan.keypoints * 2;
  for (let body = 0; body < frames * plan.animals; body++) {
    if (visible[Math.floor(body / plan.animals)] === 0) {
      origin[body * 2] = Number.NaN;
      origin[body * 2 + 1] = Number.NaN;
      continue;
    }
    let sumX = 0;
    let sumY = 0;
    let count = 0;
    const from = body * bodySize;
    for (let index = from; index < from + bodySize; index += 2) {
      const x = points[index];
      if (!Number.isNaN(x)) {
        sumX += x;
        sumY += points[index + 1];
        count++;
      }
    }
    origin[body * 2] = sumX / count; // 0 / 0 is NaN: no point, no origin
    origin[body * 2 + 1] = sumY / count;
  }
}

function placeHeadings(plan: BodyPlan, visible: Uint8Array, { frames, points, heading }: Bodies): void {
  const { front, back, keypoints } = plan;
  for (let body = 0; body < frames * plan.animals; body++) {
    if (visible[Math.floor(body / plan.animals)] === 0) {
      heading[body * 2] = Number.NaN;
      heading[body * 2 + 1] = Number.NaN;
      continue;
    }
    const from = body * keypoints * 2;
    const x = meanOf(points, from, front) - meanOf(points, from, back);
    const y = meanOf(points, from + 1, front) - meanOf(points, from + 1, back);
    const length = Math.sqrt(x * x + y * y);
    const isAxis = length > SMALLEST_AXIS;
    heading[body * 2] = isAxis ? x / length : Number.NaN;
    heading[body * 2 + 1] = isAxis ? y / length : Number.NaN;
  }
}

/** Mean of one coordinate over the valid ones of some keypoints; NaN where there are none. */
function meanOf(points: Float64Array, from: number, keypoints: readonly number[]): number {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < keypoints.length; index++) {
    const value = points[from + keypoints[index] * 2];
    if (!Number.isNaN(value)) {
      sum += value;
      count++;
    }
  }
  return sum / count;
}

/** Copies the focal animal's vectors (the first of each frame), held over what is missing. */
function placeFrame(vectors: Float64Array, animals: number, hold: boolean, frame: Float64Array): void {
  const stride = animals * 2;
  const frames = frame.length / 2;
  let held = -1;
  for (let time = 0; time < frames && hold && held < 0; time++) {
    if (!Number.isNaN(vectors[time * stride])) held = time;
  }
  for (let time = 0; time < frames; time++) {
    if (!hold || held < 0 || !Number.isNaN(vectors[time * stride])) held = time;
    frame[time * 2] = vectors[held * stride];
    frame[time * 2 + 1] = vectors[held * stride + 1];
  }
}
