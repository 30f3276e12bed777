import type { ClassMeasurement } from '../evaluation/protocols/measure.js';
import type { FewLabels } from '../evaluation/protocols/task.js';
import type { Cell, ResultsTable } from '../evaluation/results/results-table.js';

/**
 * All that a report shows, as plain data: the pipeline gathers it, `render-report.ts` puts it into a page and the page's own
 * script draws it. Arrays with a number for every frame lie in one packed blob (`pack.ts`); here stand their places.
 */
export interface ReportData {
  readonly title: string;
  /** UTC ISO. */
  readonly made: string;
  /** Of Whisker. */
  readonly version: string;
  /** What a reader must know before anything else, e.g. which pictures are left out and why. */
  readonly notes: readonly string[];
  readonly heads: readonly HeadsReport[];
  readonly pretrainings: readonly PretrainingReport[];
  readonly learningCurves: readonly LearningCurve[];
  /** null: no data set could be opened. */
  readonly poses: PoseReport | null;
  readonly suggestions: SuggestionReport | null;
  readonly sweeps: readonly SweepReport[];
}

/** Frames that one number of the confidence stands for. */
export const CONFIDENCE_FRAMES = 8;

/** Steps of a coordinate from one edge of a recording's box to the other. */
export const POSE_STEPS = 4094;

/** Bytes [start, stop) of the blob. */
export type PackedPart = readonly [start: number, stop: number];

/** A run of `whisker finetune`. */
export interface HeadsReport {
  readonly name: string;
  readonly table: ResultsTable;
  readonly tasks: readonly TaskReport[];
  readonly map: MapReport | null;
  readonly facts: readonly FactGroup[];
}

/** A task with what every row says about it. */
export interface TaskReport {
  readonly name: string;
  readonly group: string;
  readonly classes: readonly string[];
  readonly scoredClasses: readonly string[];
  /** Recordings of `ReportData.poses` in which the task was scored, with what was annotated: see `packLabels`. */
  readonly truth: readonly { readonly recording: number; readonly labels: PackedPart }[];
  readonly rows: readonly TaskRowReport[];
}

/** One row of the table for one task; of several seeds the first. */
export interface TaskRowReport {
  readonly features: string;
  readonly seed: number;
  readonly transductive: boolean;
  readonly frames: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly classes: readonly ClassMeasurement[];
  /** [true class][predicted class] frames of all scored recordings */
  readonly confusion: readonly (readonly number[])[];
  readonly curves: readonly PrecisionRecallCurve[];
  /** In the order of `TaskReport.truth`; empty where the run has kept no predictions. */
  readonly predictions: readonly PackedPart[];
  /** In the same order: the probability of the predicted class, see `packConfidence`. */
  readonly confidence: readonly PackedPart[];
}

export interface PrecisionRecallCurve {
  readonly name: string;
  readonly chance: number;
  readonly averagePrecision: number;
  /** Recall rises from point to point. */
  readonly points: readonly (readonly [recall: number, precision: number])[];
}

/** Frames in two dimensions, by what the heads of a row see of them. */
export interface MapReport {
  readonly task: string;
  readonly features: string;
  readonly split: string;
  /** Shares of the variance that the two principal components carry. */
  readonly varianceShares: readonly number[];
  /** [point] int32 pairs: recording of `ReportData.poses`, frame */
  readonly places: PackedPart;
  /** [point] pairs of uint16, 65535 the right and upper edge */
  readonly principal: PackedPart;
  readonly umap: PackedPart;
}

/** A pretraining with its curves and facts. */
export interface PretrainingReport {
  readonly name: string;
  /** Its curves have the colour of all of this name: its own, or that of a variant. */
  readonly group: string;
  readonly curves: readonly Curve[];
  /** Guards by name, with their healthy range. */
  readonly guards: readonly (Curve & { readonly healthy: readonly [number, number] })[];
  readonly facts: readonly FactGroup[];
}

/** A number over training steps. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [step: number, value: number])[];
}

/** What a row reaches with how many labels. */
export interface LearningCurve {
  readonly column: string;
  readonly features: string;
  /** What is counted: recordings, share, bouts. */
  readonly unit: string;
  readonly points: readonly {
    readonly amount: number;
    /** null: all labels, drawn at the amount of training recordings. */
    readonly few: FewLabels | null;
    readonly cell: Cell;
  }[];
}

/** Bodies and the recordings whose poses are in the page. */
export interface PoseReport {
  readonly dataset: string;
  readonly animals: readonly string[];
  readonly keypoints: readonly string[];
  readonly edges: readonly (readonly [number, number])[];
  readonly recordings: readonly RecordingReport[];
}

/** A recording as the page plays it. */
export interface RecordingReport {
  readonly id: string;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Poses of every so many frames; see `packPoses`. */
  readonly step: number;
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
  readonly poses: PackedPart;
}

/** What `whisker suggest` has chosen for a task. */
export interface SuggestionReport {
  readonly task: string;
  readonly features: string;
  readonly list: readonly SuggestedStretch[];
}

/** What to label next; frames [start, stop). */
export interface SuggestedStretch {
  /** Of `ReportData.poses`; null: its poses are not in the page. */
  readonly recording: number | null;
  readonly id: string;
  readonly start: number;
  readonly stop: number;
  readonly framesPerSecond: number;
  readonly uncertainty: number;
  readonly predicted: string;
}

/** A sweep with what its variants have come to. */
export interface SweepReport {
  readonly name: string;
  /** Means of variants, differences to the baseline, means of classes: texts, the header first. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** How to read them, and what was not measured. */
  readonly notes: readonly string[];
  /** Of all its jobs; a run that several share stands here once. */
  readonly pretrainings: readonly PretrainingReport[];
}

/** Settings, versions and hashes, told in groups. */
export interface FactGroup {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}
