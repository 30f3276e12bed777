import type { Dataset } from './dataset.js';

/** Frames [start, stop) of a recording. */
export interface Stretch {
  /** Index into `dataset.recordings`. */
  readonly recording: number;
  readonly id: string;
  readonly start: number;
  readonly stop: number;
}

/** The same poses, bit for bit, on both sides; both stretches have the same length. */
export interface Overlap {
  readonly a: Stretch;
  readonly b: Stretch;
}

/** One side is cut into blocks of this many frames; the other side is searched at every frame. */
const BLOCK_FRAMES = 64;

/**
 * Stretches of identical poses between two parts of data sets (they may be parts of one data set, also the same
 * part). Finds every common stretch of at least 2 x 64 - 1 frames at any offset, and many shorter ones of at least
 * 64. Stretches in which nothing moves or nobody is tracked don't count. Like rsync (Tridgell & Mackerras 1996):
 * hashes of blocks on one side, a rolling hash on the other. Reads both parts once.
 *
 * `subsetA`, `subsetB`: names of subsets; undefined for all.
 */
export function findOverlaps(
  datasetA: Dataset,
  subsetA: string | undefined,
  datasetB: Dataset,
  subsetB: string | undefined,
): Overlap[] {
  const framesOfA = new Map<number, Uint32Array>();
  const blocks = new Map<number, { recording: number; start: number }[]>();
  for (const recording of recordingsOf(datasetA, subsetA)) {
    const frames = hashFrames(datasetA, recording);
    framesOfA.set(recording, frames);
    for (let start = 0; start + BLOCK_FRAMES <= frames.length; start += BLOCK_FRAMES) {
      if (!isTelling(frames, start)) continue;
      const key = hashBlock(frames, start);
      const places = blocks.get(key);
      if (places) places.push({ recording, start });
      else blocks.set(key, [{ recording, start }]);
    }
  }
  const isSame = datasetA.hash === datasetB.hash;
  const overlaps: Overlap[] = [];
  for (const recording of recordingsOf(datasetB, subsetB)) {
    const frames = hashFrames(datasetB, recording);
    /** How far the match with a recording of A at an offset has been followed, by `recording:offset`. */
    const followed = new Map<string, number>();
    slideBlock(frames, (key, at) => {
      for (const place of blocks.get(key) ?? []) {
        if (isSame && place.recording === recording && place.start === at) continue;
        const diagonal = `${place.recording}:${place.start - at}`;
        if ((followed.get(diagonal) ?? 0) > at) continue;
        const other = framesOfA.get(place.recording) as Uint32Array;
        const { before, after } = extendMatch(other, place.start, frames, at);
        if (after < BLOCK_FRAMES) continue;
        followed.set(diagonal, at + after);
        overlaps.push({
          a: stretch(datasetA, place.recording, place.start - before, place.start + after),
          b: stretch(datasetB, recording, at - before, at + after),
        });
      }
    });
  }
  return overlaps;
}

function recordingsOf(dataset: Dataset, subset: string | undefined): number[] {
  return [...dataset.recordings.keys()].filter(
    (index) => subset === undefined || dataset.recordings[index].subset === subset,
  );
}

function stretch(dataset: Dataset, recording: number, start: number, stop: number): Stretch {
  return { recording, id: dataset.recordings[recording].id, start, stop };
}

/** A 32-bit hash per frame (FNV-1a over the words of its coordinates); 0 where every point is missing. [frame] */
function hashFrames(dataset: Dataset, recording: number): Uint32Array {
  const { frames } = dataset.recordings[recording];
  const values = dataset.header.animals.names.length * dataset.header.skeleton.keypoints.length * 2;
  const hashes = new Uint32Array(frames);
  const pieceFrames = 16_384;
  for (let start = 0; start < frames; start += pieceFrames) {
    const stop = Math.min(frames, start + pieceFrames);
    const pose = dataset.readPose(recording, start, stop);
    const words = new Uint32Array(pose.buffer, pose.byteOffset, pose.length);
    for (let frame = start; frame < stop; frame++) {
      let hash = 0x811c9dc5;
      let isMissing = true;
      for (let at = (frame - start) * values; at < (frame - start + 1) * values; at++) {
        const isNumber = !Number.isNaN(pose[at]);
        if (isNumber) isMissing = false;
        hash = Math.imul(hash ^ (isNumber ? words[at] : 0), 0x01000193);
        hash ^= hash >>> 15;
      }
      hashes[frame] = isMissing ? 0 : hash >>> 0 || 1;
    }
  }
  return hashes;
}

/** Whether a block holds at least two different frames with somebody in them. */
function isTelling(frames: Uint32Array, start: number): boolean {
  let first = 0;
  for (let frame = start; frame < start + BLOCK_FRAMES; frame++) {
    if (frames[frame] === 0) continue;
    if (first !== 0 && frames[frame] !== first) return true;
    first = frames[frame];
  }
  return false;
}

const MULTIPLIERS = [0x9e3779b1 | 0, 0x85ebca6b | 0] as const;
/** MULTIPLIER ** (BLOCK_FRAMES - 1), modulo 2^32: the weight of the frame that leaves the block. */
const LEAVING = MULTIPLIERS.map((multiplier) => {
  let power = 1;
  for (let count = 1; count < BLOCK_FRAMES; count++) power = Math.imul(power, multiplier);
  return power;
});

/** 53 bits of two polynomial hashes, as an exact double. */
function joinHashes(first: number, second: number): number {
  return (first >>> 0) * 2 ** 21 + (second >>> 11);
}

function hashBlock(frames: Uint32Array, start: number): number {
  let [first, second] = [0, 0];
  for (let frame = start; frame < start + BLOCK_FRAMES; frame++) {
    first = (Math.imul(first, MULTIPLIERS[0]) + frames[frame]) | 0;
    second = (Math.imul(second, MULTIPLIERS[1]) + frames[frame]) | 0;
  }
  return joinHashes(first, second);
}

/** Calls `visit` with the hash of the block that starts at each frame. */
function slideBlock(frames: Uint32Array, visit: (key: number, at: number) => void): void {
  let [first, second] = [0, 0];
  for (let last = 0; last < frames.length; last++) {
    const leaving = last - BLOCK_FRAMES;
    if (leaving >= 0) {
      first -= Math.imul(frames[leaving], LEAVING[0]);
      second -= Math.imul(frames[leaving], LEAVING[1]);
    }
    first = (Math.imul(first, MULTIPLIERS[0]) + frames[last]) | 0;
    second = (Math.imul(second, MULTIPLIERS[1]) + frames[last]) | 0;
    const at = last - BLOCK_FRAMES + 1;
    if (at >= 0) visit(joinHashes(first, second), at);
  }
}

/** How many frames agree before and from the two places on. */
function extendMatch(
  one: Uint32Array,
  oneAt: number,
  other: Uint32Array,
  otherAt: number,
): { before: number; after: number } {
  let after = 0;
  while (
    oneAt + after < one.length &&
    otherAt + after < other.length &&
    one[oneAt + after] === other[otherAt + after]
  )
    after++;
  let before = 0;
  while (before < Math.min(oneAt, otherAt) && one[oneAt - before - 1] === other[otherAt - before - 1])
    before++;
  return { before, after };
}
