import { deflateRawSync } from 'node:zlib';
import { CONFIDENCE_FRAMES, type PackedPart, POSE_STEPS } from './report-data.js';

/** Gathers arrays of a report into one blob, which is deflated as a whole. */
export interface Packer {
  add(bytes: Uint8Array): PackedPart;
  /** The blob: deflated (raw), base64. */
  finish(): string;
}

/** Collects arrays behind each other, so that a page holds one text for them all. */
export function createPacker(): Packer {
  const parts: Uint8Array[] = [];
  let length = 0;
  return {
    add(bytes) {
      parts.push(bytes);
      const start = length;
      length += bytes.length;
      return [start, length];
    },
    finish: () => deflateRawSync(Buffer.concat(parts), { level: 9 }).toString('base64'),
  };
}

/** Labels as runs: pairs of (label + 1, frames), each number a varint. Unannotated is -1. @param labels [frame] */
export function packLabels(labels: ArrayLike<number>): Uint8Array {
  const bytes: number[] = [];
  for (let frame = 0; frame < labels.length; ) {
    const start = frame;
    while (frame < labels.length && labels[frame] === labels[start]) frame++;
    pushVarint(bytes, labels[start] + 1);
    pushVarint(bytes, frame - start);
  }
  return Uint8Array.from(bytes);
}

/** The mean probability of the predicted class over each few frames, one byte each: 255 is 1. @param values [frame] */
export function packConfidence(values: Float32Array): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(values.length / CONFIDENCE_FRAMES) }, (_, index) => {
    const own = values.subarray(index * CONFIDENCE_FRAMES, (index + 1) * CONFIDENCE_FRAMES);
    return Math.round((255 * own.reduce((sum, value) => sum + value, 0)) / own.length);
  });
}

/**
 * Poses on a grid, coordinate by coordinate: 0 where missing, else 1 + the grid's step, and of that the difference to the
 * pose before, zigzag, as varints. Neighbouring poses differ by little, so most numbers take a byte.
 * @param pose [pose, coordinate] with x and y in turn, NaN where missing
 * @param box the edges that become the first and the last step
 */
export function packPoses(
  pose: Float32Array,
  coordinates: number,
  [left, top, right, bottom]: readonly [number, number, number, number],
): Uint8Array {
  const count = pose.length / coordinates;
  const bytes: number[] = [];
  for (let coordinate = 0; coordinate < coordinates; coordinate++) {
    const [low, high] = coordinate % 2 === 0 ? [left, right] : [top, bottom];
    let before = 0;
    for (let index = 0; index < count; index++) {
      const value = pose[index * coordinates + coordinate];
      const inside = Math.min(high, Math.max(low, value));
      const now = Number.isNaN(value)
        ? 0
        : 1 + Math.round((POSE_STEPS * (inside - low)) / Math.max(high - low, 1e-6));
      const difference = now - before;
      pushVarint(bytes, difference < 0 ? -2 * difference - 1 : 2 * difference);
      before = now;
    }
  }
  return Uint8Array.from(bytes);
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
}
