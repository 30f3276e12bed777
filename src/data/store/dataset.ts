import type { DatasetHeader, Labels, Recording } from '../pose.js';

/** Where a recording's bytes lie and where they came from. */
export interface RecordingEntry {
  readonly id: string;
  readonly subset: string;
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly hasScores: boolean;
  /** Names of the label tracks that were annotated here. */
  readonly tracks: readonly string[];
  /** sha256 of the stored pose bytes: two recordings with the same hash are the same animals at the same time. */
  readonly poseHash: string;
  readonly source: { readonly file: string; readonly sha256: string };
}

/**
 * A data set folder, opened: `dataset.json` and raw little-endian arrays, written once and read in slices.
 * Positional reads only; the operating system's page cache is the cache.
 */
export interface Dataset {
  readonly folder: string;
  readonly header: DatasetHeader;
  readonly recordings: readonly RecordingEntry[];
  /** sha256 of `dataset.json`: names the data set in runs and reports. */
  readonly hash: string;
  /** Frames [start, stop) of a recording as [frame, animal, keypoint, space]; NaN where missing. */
  readPose(recording: number, start: number, stop: number): Float32Array;
  /** Frames [start, stop) as [frame, animal, keypoint]; ones where the tracker gave no scores. */
  readScores(recording: number, start: number, stop: number): Float32Array;
  /** Labels of frames [start, stop); all UNANNOTATED where the track is absent here. */
  readLabels(recording: number, track: string, start: number, stop: number): Labels;
  close(): void;
}

/** What `writeDataset` consumes: recordings one at a time, so that memory holds only one. */
export interface DatasetSource {
  readonly header: DatasetHeader;
  readonly recordings:
    | AsyncIterable<Recording & { readonly source: RecordingEntry['source'] }>
    | Iterable<Recording & { readonly source: RecordingEntry['source'] }>;
}
