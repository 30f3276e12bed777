import type { BorisOptions } from './formats/boris.js';
import type { BoutsCsvLayout } from './formats/bouts-csv.js';
import type { FramesCsvLayout } from './formats/frames-csv.js';
import type { NumpyPoseLayout } from './formats/numpy-poses.js';
import type { AnimalIdentity, Camera } from './pose.js';

/** What to import: plain data, every field given. Paths and globs (`*`, `**`, `?`) are relative to a base folder. */
export type ImportSettings = Calms21ImportSettings | PoseImportSettings;

/** CalMS21 (Sun et al. 2021) as published; skeleton, animals, tracks and subsets follow from the format. */
export interface Calms21ImportSettings {
  readonly format: 'calms21';
  /** The data set's name. */
  readonly name: string;
  /** JSON files (also .gz), the archives as published (.zip), .npy files of the official script, or folders in which all files named like CalMS21's are taken. */
  readonly files: readonly string[];
  /** What files hold whose names don't say it; the first rule whose `match` (a regular expression) fits the file name. */
  readonly contents: readonly Calms21ContentRule[];
}

export interface Calms21ContentRule {
  readonly match: string;
  readonly task: 1 | 2 | 3 | 'unlabelled';
  /** Ignored for unlabelled videos. */
  readonly split: 'train' | 'test';
}

/** One file of poses per recording, and any number of annotation files. */
export type PoseImportSettings = PoseFiles & PoseLayout;

/** The format of pose files and what has to be known to read them. */
export type PoseLayout =
  | { readonly format: 'deeplabcut-csv' }
  | { readonly format: 'deeplabcut-h5' }
  | { readonly format: 'sleap-h5' }
  | ({ readonly format: 'numpy' } & NumpyPoseLayout);

/** Which files, and what becomes of them; the same for all formats. */
export interface PoseFiles {
  /** The data set's name. */
  readonly name: string;
  readonly files: readonly string[];
  /**
   * A regular expression on the file name whose first group is the recording's id (`^(\d+)DLC` makes `10` of
   * `10DLC_resnet.csv.gz`); null: the file name up to its first dot.
   */
  readonly recordingId: string | null;
  /** Which subset a recording belongs to: the first rule whose `match` (a regular expression) fits the id. */
  readonly subsets: readonly SubsetRule[];
  readonly skeleton: SkeletonSettings;
  readonly animals: AnimalSettings;
  /** Of all recordings, or by rules: the first whose `match` (a regular expression) fits the id. */
  readonly framesPerSecond: number | readonly RateRule[];
  /** What is known of the picture; null: nothing. */
  readonly camera: Camera | null;
  /** Points with a lower score are missing. */
  readonly minimalScore: number;
  /** Gaps of at most so many frames are filled along a straight line; 0: none is. */
  readonly fillGapFrames: number;
  readonly annotations: readonly AnnotationSettings[];
}

export interface SubsetRule {
  readonly name: string;
  readonly match: string;
}

export interface RateRule {
  readonly match: string;
  readonly value: number;
}

/** The body, by names. */
export interface SkeletonSettings {
  /** The keypoints to keep, in this order; others of the files are left out. */
  readonly keypoints: readonly string[];
  /** The files' names to ours, where they differ. */
  readonly rename: Readonly<Record<string, string>>;
  readonly edges: readonly (readonly [string, string])[];
  /** Pairs (left, right) that a mirror image exchanges. */
  readonly mirrorPairs: readonly (readonly [string, string])[];
  /** The heading points from the mean of `back` to the mean of `front`. */
  readonly front: readonly string[];
  readonly back: readonly string[];
}

export interface AnimalSettings {
  /** The animals to keep, in this order; others of the files are left out. */
  readonly names: readonly string[];
  /** The files' names to ours, where they differ. A single-animal file calls its animal `animal`. */
  readonly rename: Readonly<Record<string, string>>;
  readonly identity: AnimalIdentity;
}

/** Annotation files of one format. */
export type AnnotationSettings = AnnotationFiles & AnnotationLayout;

/** Which files, whose they are and what becomes of them; the same for all formats. */
export interface AnnotationFiles {
  readonly files: readonly string[];
  /** As for the pose files: an annotation file belongs to the recording with the same id. */
  readonly recordingId: string | null;
  /** Bouts behind the last frame of the poses: an error, or cut off (and counted in the result's notes). */
  readonly beyondEnd: 'refuse' | 'cut';
  readonly tracks: readonly TrackSettings[];
}

/** The format of annotation files and what has to be known to read them. */
export type AnnotationLayout =
  | { readonly format: 'caltech' }
  | { readonly format: 'bento' }
  | ({ readonly format: 'boris' } & Pick<BorisOptions, 'timeOffsetSeconds'>)
  | ({ readonly format: 'bouts-csv' } & BoutsCsvLayout)
  | ({ readonly format: 'frames-csv' } & FramesCsvLayout);

/** A track made from a stream of the annotation files. */
export interface TrackSettings {
  readonly name: string;
  /** Class names in the order of their labels. */
  readonly vocabulary: readonly string[];
  /**
   * `S1`, a Bento channel, a BORIS subject; null: all streams together. Where a file lacks the stream, the track is
   * not annotated in that recording.
   */
  readonly stream: string | null;
  /** The files' names of behaviours to classes, where they differ. */
  readonly rename: Readonly<Record<string, string>>;
  /** Behaviours of the files that are left out. */
  readonly ignore: readonly string[];
  /** The class of frames that no bout covers (needed for BORIS, which writes no `other`); null: unannotated. */
  readonly background: string | null;
}
