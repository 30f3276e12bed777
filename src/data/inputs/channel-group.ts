import type { DatasetHeader } from '../pose.js';
import type { Bodies, BodyPlan } from './bodies.js';

/**
 * Some channels that belong together. `out` holds rows of `stride` channels, one row a frame; a group fills its
 * columns from `first` on, in the rows that `wanted` [time] marks with 1. A missing value is NaN; a flag is 1 where
 * something was observed, else 0.
 */
export interface ChannelGroup {
  readonly values: readonly string[];
  readonly flags: readonly string[];
  /** Frames before and after a frame on which its channels depend. */
  readonly reachFrames: number;
  /** Whether the channels are the same whichever animal is the focal one. */
  readonly isSymmetric: boolean;
  writeValues(bodies: Bodies, wanted: Uint8Array, out: Float32Array, stride: number, first: number): void;
  writeFlags(bodies: Bodies, wanted: Uint8Array, out: Float32Array, stride: number, first: number): void;
}

/** The sizes and body sets of a data set. */
export function bodyPlanOf(header: DatasetHeader): BodyPlan {
  return {
    animals: header.animals.names.length,
    keypoints: header.skeleton.keypoints.length,
    front: header.skeleton.front,
    back: header.skeleton.back,
  };
}

/** Names of the animals in a window's order: `focal`, then `partner` (`partner1`, `partner2`, ... if several). */
export function animalRoles(animals: number): string[] {
  return Array.from({ length: animals }, (_, animal) => {
    if (animal === 0) return 'focal';
    return animals === 2 ? 'partner' : `partner${animal}`;
  });
}

/** Writes the channels of several groups side by side, from column `first` on. */
export function writeGroups(
  groups: readonly ChannelGroup[],
  what: 'values' | 'flags',
  bodies: Bodies,
  wanted: Uint8Array,
  out: Float32Array,
  stride: number,
  first: number,
): void {
  let column = first;
  for (const group of groups) {
    if (what === 'values') group.writeValues(bodies, wanted, out, stride, column);
    else group.writeFlags(bodies, wanted, out, stride, column);
    column += group[what].length;
  }
}
