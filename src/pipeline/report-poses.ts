import { deflateRawSync } from 'node:zlib';
import type { Dataset } from '../data/store/dataset.js';
import { type Packer, packPoses } from '../report/pack.js';
import type { PoseReport, RecordingReport } from '../report/report-data.js';

/** Poses a second that a player needs; those of faster recordings are thinned out. */
const POSES_PER_SECOND = 15;
/** What all poses of a page may take, deflated: with base64 a third more. */
const POSE_BYTES = 4_500_000;
/** The frame of the picture leaves out this share of the points on each side, and clips them: they are tracking errors. */
const OUTSIDE_SHARE = 0.001;
const MARGIN_SHARE = 0.03;

/**
 * Scored recordings that a page shows: of the first list, which the page opens with, up to half of all, then one of each
 * list in turn; evenly spread over each.
 * @param lists recordings of each task
 */
export function chooseShown(lists: readonly (readonly number[])[], most: number): number[] {
  const queues = lists.map(spread);
  const chosen = new Set((queues[0] ?? []).slice(0, Math.ceil(most / 2)));
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  for (let turn = 0; turn < longest; turn++) {
    for (const queue of queues) {
      if (turn < queue.length && chosen.size < most) chosen.add(queue[turn]);
    }
  }
  return [...chosen];
}

/** The same numbers, so that any beginning of them is spread over the whole: bit-reversed order. */
function spread(list: readonly number[]): number[] {
  const bits = Math.ceil(Math.log2(Math.max(2, list.length)));
  const reversed = (index: number) =>
    Array.from({ length: bits }, (_, bit) => ((index >> bit) & 1) << (bits - 1 - bit)).reduce(
      (a, b) => a | b,
    );
  return Array.from({ length: 1 << bits }, (_, index) => reversed(index)).flatMap((index) =>
    index < list.length ? [list[index]] : [],
  );
}

/** Packs the poses of recordings: as many a second as the page has room for. */
export function packRecordings(dataset: Dataset, recordings: readonly number[], packer: Packer): PoseReport {
  const { skeleton, animals } = dataset.header;
  const coordinates = animals.names.length * skeleton.keypoints.length * 2;
  let perSecond = POSES_PER_SECOND;
  let packed = recordings.map((recording) => packRecording(dataset, recording, coordinates, perSecond));
  for (let size = deflatedSize(packed); size > POSE_BYTES && perSecond > 1; size = deflatedSize(packed)) {
    perSecond = Math.max(1, Math.min(perSecond * 0.75, (perSecond * POSE_BYTES) / size));
    packed = recordings.map((recording) => packRecording(dataset, recording, coordinates, perSecond));
  }
  return {
    dataset: dataset.header.name,
    animals: animals.names,
    keypoints: skeleton.keypoints,
    edges: skeleton.edges,
    recordings: packed.map(({ bytes, ...about }) => ({ ...about, poses: packer.add(bytes) })),
  };
}

type PackedRecording = Omit<RecordingReport, 'poses'> & { readonly bytes: Uint8Array };

function packRecording(
  dataset: Dataset,
  recording: number,
  coordinates: number,
  perSecond: number,
): PackedRecording {
  const { id, frames, framesPerSecond } = dataset.recordings[recording];
  const step = Math.max(1, Math.round(framesPerSecond / perSecond));
  const pose = new Float32Array(Math.ceil(frames / step) * coordinates);
  const chunk = 4096 * step;
  for (let start = 0; start < frames; start += chunk) {
    const stop = Math.min(frames, start + chunk);
    const values = dataset.readPose(recording, start, stop);
    for (let frame = start; frame < stop; frame += step) {
      const from = (frame - start) * coordinates;
      pose.set(values.subarray(from, from + coordinates), (frame / step) * coordinates);
    }
  }
  const box = frameOf(pose);
  return { id, frames, framesPerSecond, step, box, bytes: packPoses(pose, coordinates, box) };
}

/** The edges that hold nearly all points. */
function frameOf(pose: Float32Array): RecordingReport['box'] {
  const edges = (axis: 0 | 1): [number, number] => {
    const values = pose.filter((value, index) => index % 2 === axis && !Number.isNaN(value)).sort();
    if (values.length === 0) return [0, 1];
    const cut = Math.floor(OUTSIDE_SHARE * values.length);
    const [low, high] = [values[cut], values[values.length - 1 - cut]];
    const margin = MARGIN_SHARE * Math.max(high - low, 1);
    return [Math.round(low - margin), Math.round(high + margin)];
  };
  const [left, right] = edges(0);
  const [top, bottom] = edges(1);
  return [left, top, right, bottom];
}

function deflatedSize(packed: readonly PackedRecording[]): number {
  return deflateRawSync(Buffer.concat(packed.map(({ bytes }) => bytes)), { level: 4 }).length;
}
