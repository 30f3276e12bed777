import { setImmediate as giveTurn } from 'node:timers/promises';
import { UNANNOTATED } from '../pose.js';
import type { Dataset } from './dataset.js';
import { findJumps, type JumpReport, measureBodyLength } from './find-jumps.js';
import { findSwaps } from './find-swaps.js';
import { type InspectionWarning, warnAboutRecording, warnAboutTrack } from './inspection-warnings.js';

export interface InspectOptions {
  /** A point that moves further than this in one frame is a speed outlier. */
  readonly jumpBodyLengths: number;
  /** Keypoints and animals that are missing in more than this share of a recording's frames are warned about. */
  readonly missingShare: number;
}

/** What a data set holds and what looks wrong in it: plain data, in the order of the data set. */
export interface Inspection {
  readonly name: string;
  readonly hash: string;
  readonly subsets: readonly SubsetInspection[];
  readonly recordings: readonly RecordingInspection[];
  readonly tracks: readonly TrackInspection[];
  readonly warnings: readonly InspectionWarning[];
}

export interface SubsetInspection {
  readonly name: string;
  readonly recordings: number;
  readonly frames: number;
  readonly seconds: number;
}

export interface RecordingInspection extends JumpReport {
  readonly id: string;
  /** The file that it came from. */
  readonly file: string;
  readonly subset: string;
  readonly frames: number;
  readonly seconds: number;
  /** Share of frames in which the point is missing. [animal][keypoint] */
  readonly missing: readonly (readonly number[])[];
  /** The first frame in which the point is missing; null: it never is. [animal][keypoint] */
  readonly firstMissing: readonly (readonly (number | null)[])[];
  /** Stretches of frames in which a point is missing, over all points: how many, and how long the longest is. */
  readonly gaps: { readonly count: number; readonly longestFrames: number };
  /** Points beyond the edge of the picture, over all frames; null where its size is unknown. */
  readonly pointsOutside: number | null;
  /** Median distance from back to front of the body in pixels; NaN where it can't be measured. */
  readonly bodyLengthPixels: number;
  /** The same in the unit of the camera; null where pixels per unit are unknown. */
  readonly bodyLength: number | null;
  /** Frames at which two animals seem to have exchanged their identities. */
  readonly swapFrames: readonly number[];
}

export interface TrackInspection {
  readonly name: string;
  readonly vocabulary: readonly string[];
  readonly subsets: readonly {
    readonly name: string;
    /** Recordings in which the track was annotated. */
    readonly recordings: number;
    readonly unannotatedFrames: number;
    /** Frames and recordings with each class, in the order of the vocabulary. */
    readonly frames: readonly number[];
    readonly recordingsWith: readonly number[];
    /** The first recording with each class; null where there is none. */
    readonly firstWith: readonly (string | null)[];
  }[];
}

/** Animals that were lost for longer may have walked to each other's place. */
const SWAP_SECONDS = 1 / 3;

/** Told after each recording. */
export interface InspectProgress {
  readonly id: string;
  readonly framesDone: number;
  readonly framesTotal: number;
}

/** Reads a whole data set once and reports on it. Holds one recording in memory; signals and the screen get their turn. */
export async function inspectDataset(
  dataset: Dataset,
  options: InspectOptions,
  onProgress: (progress: InspectProgress) => void = () => {},
): Promise<Inspection> {
  const framesTotal = dataset.recordings.reduce((sum, { frames }) => sum + frames, 0);
  const recordings: RecordingInspection[] = [];
  let framesDone = 0;
  for (const [index, { id, frames }] of dataset.recordings.entries()) {
    recordings.push(inspectRecording(dataset, index, options));
    framesDone += frames;
    onProgress({ id, framesDone, framesTotal });
    await giveTurn();
  }
  const subsets = [...new Set(recordings.map(({ subset }) => subset))].map((name) => {
    const own = recordings.filter(({ subset }) => subset === name);
    const sum = (of: (recording: RecordingInspection) => number) =>
      own.reduce((total, item) => total + of(item), 0);
    return {
      name,
      recordings: own.length,
      frames: sum(({ frames }) => frames),
      seconds: sum(({ seconds }) => seconds),
    };
  });
  const tracks = dataset.header.tracks.map((track) =>
    inspectTrack(
      dataset,
      track,
      subsets.map(({ name }) => name),
    ),
  );
  return {
    name: dataset.header.name,
    hash: dataset.hash,
    subsets,
    recordings,
    tracks,
    warnings: [
      ...recordings.flatMap((recording) => warnAboutRecording(recording, dataset.header, options)),
      ...tracks.flatMap(warnAboutTrack),
    ],
  };
}

function inspectRecording(dataset: Dataset, index: number, options: InspectOptions): RecordingInspection {
  const { id, subset, frames, framesPerSecond, source } = dataset.recordings[index];
  const { skeleton, animals, camera } = dataset.header;
  const pose = dataset.readPose(index, 0, frames);
  const [animalCount, keypointCount] = [animals.names.length, skeleton.keypoints.length];
  const absent = new Uint32Array(animalCount * keypointCount);
  const firstAbsent = new Array<number | null>(absent.length).fill(null);
  for (let at = 0; at < pose.length; at += 2) {
    if (!Number.isNaN(pose[at])) continue;
    const point = (at / 2) % absent.length;
    absent[point]++;
    firstAbsent[point] ??= Math.floor(at / 2 / absent.length);
  }
  const byPoint = <Item>(itemOf: (point: number) => Item) =>
    animals.names.map((_, animal) =>
      skeleton.keypoints.map((_, keypoint) => itemOf(animal * keypointCount + keypoint)),
    );
  const missing = byPoint((point) => absent[point] / frames);
  const firstMissing = byPoint((point) => firstAbsent[point]);
  const bodyLengthPixels = measureBodyLength(pose, frames, animalCount, skeleton);
  const limitPixels = bodyLengthPixels * options.jumpBodyLengths;
  const jumps = findJumps(pose, frames, animalCount, keypointCount, limitPixels);
  const mostFrames = Math.max(1, Math.round(framesPerSecond * SWAP_SECONDS));
  const seconds = frames / framesPerSecond;
  return {
    id,
    file: source.file,
    subset,
    frames,
    seconds,
    missing,
    firstMissing,
    gaps: measureGaps(pose, frames),
    pointsOutside: camera?.frameSize ? countOutside(pose, camera.frameSize) : null,
    bodyLengthPixels,
    bodyLength: camera?.pixelsPerUnit ? bodyLengthPixels / camera.pixelsPerUnit : null,
    ...jumps,
    swapFrames: findSwaps(pose, frames, animalCount, keypointCount, limitPixels, mostFrames),
  };
}

/** `pose`: [frame, ..., space] */
function measureGaps(pose: Float32Array, frames: number): RecordingInspection['gaps'] {
  const row = pose.length / frames;
  let [count, longestFrames] = [0, 0];
  for (let x = 0; x < row; x += 2)
    for (let frame = 0, length = 0; frame < frames; frame++) {
      if (!Number.isNaN(pose[frame * row + x])) {
        length = 0;
        continue;
      }
      if (length === 0) count++;
      longestFrames = Math.max(longestFrames, ++length);
    }
  return { count, longestFrames };
}

function countOutside(pose: Float32Array, [width, height]: readonly [number, number]): number {
  let count = 0;
  for (let at = 0; at < pose.length; at += 2) {
    const [x, y] = [pose[at], pose[at + 1]];
    if (x < 0 || x > width || y < 0 || y > height) count++; // a missing one is not outside
  }
  return count;
}

function inspectTrack(
  dataset: Dataset,
  { name, vocabulary }: Dataset['header']['tracks'][number],
  subsets: readonly string[],
): TrackInspection {
  const rows = subsets.map((subset) => {
    const frames = vocabulary.map(() => 0);
    const recordingsWith = vocabulary.map(() => 0);
    const firstWith = vocabulary.map((): string | null => null);
    let [recordings, unannotatedFrames] = [0, 0];
    for (const [index, entry] of dataset.recordings.entries()) {
      if (entry.subset !== subset || !entry.tracks.includes(name)) continue;
      recordings++;
      const counts = vocabulary.map(() => 0);
      for (const label of dataset.readLabels(index, name, 0, entry.frames)) {
        if (label === UNANNOTATED) unannotatedFrames++;
        else counts[label]++;
      }
      for (const [label, count] of counts.entries()) {
        frames[label] += count;
        if (count === 0) continue;
        recordingsWith[label]++;
        firstWith[label] ??= entry.id;
      }
    }
    return { name: subset, recordings, unannotatedFrames, frames, recordingsWith, firstWith };
  });
  return { name, vocabulary, subsets: rows.filter(({ recordings }) => recordings > 0) };
}
