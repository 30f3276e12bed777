import type { Dataset } from '../../data/store/dataset.js';
import type { EmitEvent } from '../../events/event.js';
import type { BoutChoice } from '../bouts/choose-bouts.js';
import type { FittedInputs } from '../features/feature-source.js';
import type { HeadInputs } from '../features/head-inputs.js';
import type { Head } from '../heads/head.js';
import type { TrainingView } from './label-views.js';
import type { Split, Task } from './task.js';

/** A row of a table: what learns a task from training labels. Linear heads on frozen features, or a baseline. */
export interface Classifier {
  /** Features, or the name of a baseline. */
  readonly name: string;
  /** How it learns, in words for notes below a table. */
  readonly method: string;
  /** Learns one split. null: the run was asked to stop; what was trained so far is kept where it can be taken up. */
  fit(lesson: Lesson): Promise<FittedClassifier | null>;
}

/** One split of a task as a classifier sees it: training labels only. */
export interface Lesson {
  readonly dataset: Dataset;
  readonly task: Task;
  readonly split: Split;
  /** Number of the split in a cross-validation; null where there is one only. */
  readonly fold: number | null;
  readonly view: TrainingView;
  /** Whether the labels of the view were shifted in time. */
  readonly shifted: boolean;
  readonly seed: number;
  /** What the same classifier has learned of the task's anchor; null where the task has none. */
  readonly anchor: FittedClassifier | null;
  readonly emit: EmitEvent;
}

/** What was learned from the training recordings of a split. */
export interface FittedClassifier {
  readonly split: string;
  /** Linear heads with what they are applied to, for keeping; empty for a baseline. */
  readonly parts: readonly TaskHead[];
  readonly fit: FitSummary;
  /** Probabilities of every frame of a recording, [frame, class]. */
  predict(recording: number): Float32Array | Promise<Float32Array>;
  /** Lets go of processes and device memory; nothing is predicted after that. */
  dispose(): void;
}

/** How a split was learned: plain data. */
export interface FitSummary {
  readonly split: string;
  /** The strengths of the fused heads, null for the mean over several; empty for a baseline. */
  readonly strengths: readonly (number | null)[];
  /** How much each fused head counts, see `fuseProbabilities`; empty for a baseline. */
  readonly shares: readonly number[];
  /** By what folds something was chosen: `recording`, `within-recording`, `not chosen`, `zero-shot`. */
  readonly unit: string;
  readonly trainedFrames: number;
  /** How its probabilities become labels, chosen within the training recordings; null: not chosen. */
  readonly bouts: BoutChoice | null;
}

/** What the summary of a baseline leaves empty. */
export const NO_HEADS = { strengths: [], shares: [], bouts: null } as const;

/** A baseline that was learned for another task, applied to a split as it is. Whoever learned it disposes of it. */
export function applyUnchanged(anchor: FittedClassifier, { name }: Split): FittedClassifier {
  const fit = { ...NO_HEADS, split: name, unit: 'zero-shot', trainedFrames: 0 };
  return { ...anchor, split: name, fit, dispose() {} };
}

/** A linear head with all that it needs to be applied to a recording. */
export interface TaskHead {
  readonly inputs: HeadInputs;
  readonly fitted: readonly FittedInputs[];
  readonly head: Head;
}
