import type { PackedPart } from '../report-data.js';

/** The arrays of a report, as `pack.ts` has packed them. */
export interface Blob {
  /** Frames by label; -1 where nobody annotated. */
  labels(part: PackedPart): Int16Array;
  bytes(part: PackedPart): Uint8Array;
  /** [pose, coordinate] in steps of the grid; -1 where missing */
  poses(part: PackedPart, count: number, coordinates: number): Int16Array;
  int32(part: PackedPart): Int32Array;
  uint16(part: PackedPart): Uint16Array;
}

/** @param bytes inflated */
export function openBlob(bytes: Uint8Array): Blob {
  const partOf = ([start, stop]: PackedPart) => bytes.subarray(start, stop);
  return {
    labels: (part) => unpackLabels(partOf(part)),
    bytes: partOf,
    poses: (part, count, coordinates) => unpackPoses(partOf(part), count, coordinates),
    int32: (part) => new Int32Array(partOf(part).slice().buffer),
    uint16: (part) => new Uint16Array(partOf(part).slice().buffer),
  };
}

function unpackLabels(bytes: Uint8Array): Int16Array {
  const read = varints(bytes);
  const runs: [label: number, frames: number][] = [];
  let total = 0;
  while (read.hasMore()) {
    const label = read.next() - 1;
    const frames = read.next();
    runs.push([label, frames]);
    total += frames;
  }
  const labels = new Int16Array(total);
  let at = 0;
  for (const [label, frames] of runs) {
    labels.fill(label, at, at + frames);
    at += frames;
  }
  return labels;
}

function unpackPoses(bytes: Uint8Array, count: number, coordinates: number): Int16Array {
  const read = varints(bytes);
  const poses = new Int16Array(count * coordinates);
  for (let coordinate = 0; coordinate < coordinates; coordinate++) {
    let value = 0;
    for (let index = 0; index < count; index++) {
      const zigzag = read.next();
      value += zigzag & 1 ? -((zigzag + 1) >> 1) : zigzag >> 1;
      poses[index * coordinates + coordinate] = value - 1;
    }
  }
  return poses;
}

function varints(bytes: Uint8Array) {
  let at = 0;
  return {
    hasMore: () => at < bytes.length,
    next(): number {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        value |= (byte & 127) << shift;
        if (byte < 128) return value;
      }
    },
  };
}
