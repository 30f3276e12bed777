import { UserError } from '../../errors.js';
import { bodyPlanOf } from '../inputs/channel-group.js';
import type { DatasetHeader } from '../pose.js';
import { bodyFeatureNames, type Frames, midlineOf, writeBodyFeatures } from './body-features.js';
import { createBodyMotion, measureMotion } from './body-motion.js';
import {
  pairFeatureNames,
  smaller,
  TOWARDS_NAMES,
  writePairFeatures,
  writeTowardsFeatures,
} from './pair-features.js';
import { steadyPoints } from './steady-points.js';

/** Hand-made features of a frame for any skeleton, one or two animals. Durations are seconds: any frame rate will do. */
export interface KinematicSettings {
  /** Gaps up to this long are filled along a straight line. */
  readonly gapSeconds: number;
  /** Standard deviation of the Gaussian that smooths points in time. */
  readonly smoothSeconds: number;
  /** Speeds are taken between this long before and this long after a frame. */
  readonly lagSeconds: number;
  /**
   * `symmetric`: the smaller and the larger value of both animals, the same whichever comes first. `focal`: those of
   * the focal animal, then those of its partner.
   */
  readonly roles: 'symmetric' | 'focal';
}

export interface Kinematics {
  readonly names: readonly string[];
  /** Frames before and after a frame on which its features depend. */
  readonly reachFrames: number;
  /** Whether they are the same whichever animal is the focal one. */
  readonly isSymmetric: boolean;
  /**
   * Features of consecutive frames, in rows of `stride` values, filled from column `first` on; NaN where unknown.
   *
   * @param points [time, animal, keypoint, space] in body lengths, the focal animal first; NaN where missing
   * @param wanted [time]: rows marked with 0 are left as they are; null fills all
   */
  compute(
    points: Float64Array,
    wanted: Uint8Array | null,
    out: Float32Array,
    stride: number,
    first: number,
  ): void;
}

/** @throws UserError for more than two animals. */
export function createKinematics(
  settings: KinematicSettings,
  header: DatasetHeader,
  framesPerSecond: number,
): Kinematics {
  const plan = bodyPlanOf(header);
  const { animals, keypoints } = plan;
  if (animals > 2) {
    throw new UserError(
      'settings',
      `Kinematic features know one or two animals, ${header.name} has ${animals}.`,
      {
        hint: 'Turn the kinematic features off.',
      },
    );
  }
  const isPair = animals === 2;
  const isSymmetric = settings.roles === 'symmetric';
  const gapFrames = Math.round(settings.gapSeconds * framesPerSecond);
  const smoothFrames = settings.smoothSeconds * framesPerSecond;
  const lag = Math.max(1, Math.round(settings.lagSeconds * framesPerSecond));
  const midline = midlineOf(header.skeleton);
  const ownNames = [...bodyFeatureNames(header.skeleton), ...(isPair ? TOWARDS_NAMES : [])];
  const roleNames = isSymmetric ? ['min', 'max'] : ['focal', 'partner'];
  const names = isPair
    ? [
        ...roleNames.flatMap((role) => ownNames.map((name) => `${role}.${name}`)),
        ...pairFeatureNames(header.skeleton, isSymmetric),
      ]
    : ownNames.map((name) => `focal.${name}`);
  const row = new Float64Array(names.length);
  return {
    names,
    isSymmetric: isSymmetric || !isPair,
    reachFrames: gapFrames + Math.floor(3 * smoothFrames + 0.5) + 2 * lag,
    compute(points, wanted, out, stride, first) {
      const count = points.length / (animals * keypoints * 2);
      const steady = new Float64Array(points.length);
      steadyPoints(points, animals * keypoints * 2, gapFrames, smoothFrames, steady);
      const motion = createBodyMotion(animals, count);
      measureMotion(plan, steady, lag, framesPerSecond, motion);
      const frames: Frames = { observed: points, steady, motion, lag, framesPerSecond };
      for (let time = 0; time < count; time++) {
        if (wanted !== null && wanted[time] === 0) continue;
        let place = 0;
        for (let animal = 0; animal < animals; animal++) {
          place = writeBodyFeatures(plan, midline, frames, time * animals + animal, row, place);
          if (isPair) place = writeTowardsFeatures(plan, frames, time, animal, row, place);
        }
        if (isPair && isSymmetric) sortPairs(row, ownNames.length);
        if (isPair) writePairFeatures(plan, frames, time, isSymmetric, row, place);
        out.set(row, time * stride + first);
      }
    },
  };
}

/** Puts the smaller of two animals' values into the first half of a row, the larger into the second. */
function sortPairs(row: Float64Array, half: number): void {
  for (let index = 0; index < half; index++) {
    const [one, other] = [row[index], row[half + index]];
    row[index] = smaller(one, other);
    row[half + index] = -smaller(-one, -other);
  }
}
