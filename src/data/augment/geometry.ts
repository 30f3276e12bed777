import type { Random } from '../../random.js';
import type { Skeleton } from '../pose.js';
import type { AugmentSettings } from './settings.js';

/** What a variation does to a whole window; inputs and targets share it. */
export interface Geometry {
  readonly mirror: boolean;
  /** Factor on all coordinates. */
  readonly scale: number;
  /** Factor on the time between frames, above 0. */
  readonly speed: number;
}

export const PLAIN_GEOMETRY: Geometry = { mirror: false, scale: 1, speed: 1 };

/** Draws a geometry; factors are uniform in their logarithm. */
export function drawGeometry(settings: AugmentSettings, random: Random): Geometry {
  const factor = (spread: number) => (spread === 0 ? 1 : (1 + spread) ** (2 * random.uniform() - 1));
  return {
    mirror: random.uniform() < settings.mirrorProbability,
    scale: factor(settings.scaleSpread),
    speed: factor(settings.speedSpread),
  };
}

/** For each keypoint the one whose name it takes in a mirror. */
export function mirrorKeypoints(skeleton: Skeleton): Int32Array {
  const partner = Int32Array.from(skeleton.keypoints, (_, keypoint) => keypoint);
  for (const [left, right] of skeleton.mirrorPairs) {
    partner[left] = right;
    partner[right] = left;
  }
  return partner;
}

/**
 * Mirrors (x to -x, left and right points exchanged) and scales poses into `out`, which must be another array.
 * Mirroring twice gives the same bits again.
 *
 * @param pose [time, animal, keypoint, space]
 * @param partners see `mirrorKeypoints`
 * @param shown [time]: rows of frames that it marks with 0 are left as they are; left out: none
 */
export function transformPose(
  pose: Float32Array,
  partners: Int32Array,
  { mirror, scale }: Geometry,
  out: Float32Array,
  shown?: Uint8Array,
): void {
  const bodySize = partners.length * 2;
  const frameSize = shown === undefined ? pose.length : pose.length / shown.length;
  const across = mirror ? -scale : scale;
  for (let body = 0; body < pose.length; body += bodySize) {
    if (shown?.[Math.floor(body / frameSize)] === 0) continue;
    for (let keypoint = 0; keypoint < partners.length; keypoint++) {
      const from = body + (mirror ? partners[keypoint] : keypoint) * 2;
      const to = body + keypoint * 2;
      out[to] = pose[from] * across;
      out[to + 1] = pose[from + 1] * scale;
    }
  }
}
