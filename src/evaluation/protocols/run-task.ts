import type { Dataset } from '../../data/store/dataset.js';
import type { EmitEvent } from '../../events/event.js';
import { seededRandom } from '../../random.js';
import type { Classifier, FitSummary, FittedClassifier } from './classifier.js';
import { takeFewLabels } from './few-labels.js';
import { openTrainingView, sealTestLabels, type TrainingView } from './label-views.js';
import { type Measurement, measureTask } from './measure.js';
import { shiftLabels } from './shift-labels.js';
import { refuseCommonPoses, splitRecordings, wholeSplit } from './split-recordings.js';
import type { FewLabels, Split, Task } from './task.js';

/** A task whose splits over a data set are known and checked. */
export interface OpenTask {
  readonly task: Task;
  readonly splits: readonly Split[];
  /** All labelled recordings of a cross-validated task, see `wholeSplit`. */
  readonly whole: Split | null;
}

export interface RunTaskOptions {
  readonly dataset: Dataset;
  readonly open: OpenTask;
  readonly classifier: Classifier;
  /** Draws few labels and shifts, and whatever is random in the classifier. */
  readonly seed: number;
  readonly few: FewLabels | null;
  /** Trains on labels shifted in time: the control that must fall to chance. */
  readonly shifted: boolean;
  /** Whether an encoder behind the row saw the scored poses. */
  readonly transductive: boolean;
  /** Whether to learn from all recordings of a cross-validated task, too, after it was scored. */
  readonly withWhole: boolean;
  /** What the classifier has learned of the task's anchor; null where the task has none. */
  readonly anchor: FittedClassifier | null;
  readonly emit: EmitEvent;
  /** Called when a split was learned and its recordings are predicted. */
  readonly onSplitDone?: () => void;
}

/** One cell of a table of results: plain data. */
export interface TaskResult extends Measurement {
  readonly task: string;
  readonly group: string;
  /** The row: its features, or the name of a baseline. */
  readonly features: string;
  /** How the row learns. */
  readonly method: string;
  readonly seed: number;
  readonly few: FewLabels | null;
  readonly transductive: boolean;
  /** One per split. */
  readonly fits: readonly FitSummary[];
  readonly seconds: number;
}

/** What the heads of a split say about a recording that they are scored on. */
export interface ScoredProbabilities {
  readonly recording: number;
  readonly split: string;
  /** [frame, class] */
  readonly probabilities: Float32Array;
}

export interface TaskOutcome {
  readonly result: TaskResult;
  /** One per split, in their order; the caller disposes of them. */
  readonly fitted: readonly FittedClassifier[];
  /** What was learned from all recordings, which no figure is about; the caller disposes of it. */
  readonly whole: FittedClassifier | null;
  readonly scored: readonly ScoredProbabilities[];
}

/** @throws UserError when the data set doesn't fit the task, or train and test share poses. */
export function openTask(dataset: Dataset, task: Task): OpenTask {
  const splits = splitRecordings(dataset, task);
  refuseCommonPoses(dataset, task, splits);
  return { task, splits, whole: wholeSplit(dataset, task) };
}

/**
 * One row of a table for one task: learns and predicts split by split, then scores all predictions once.
 * @returns null when the run was asked to stop meanwhile
 */
export async function runTask(options: RunTaskOptions): Promise<TaskOutcome | null> {
  const { dataset, open, emit, seed, classifier, shifted, anchor } = options;
  const { task, splits } = open;
  const learn = (split: Split, fold: number | null) => {
    const view = openView(options, split);
    return classifier.fit({ dataset, task, split, fold, view, shifted, seed, anchor, emit });
  };
  const begin = performance.now();
  const features = shifted ? `${classifier.name} (labels shifted)` : classifier.name;
  const sealed = sealTestLabels(dataset, task, splits);
  const scored: ScoredProbabilities[] = [];
  const fitted: FittedClassifier[] = [];
  try {
    for (const [index, split] of splits.entries()) {
      const own = await learn(split, splits.length > 1 ? index : null);
      if (own === null) return abandon(fitted);
      fitted.push(own);
      for (const recording of split.test) {
        scored.push({ recording, split: split.name, probabilities: await own.predict(recording) });
      }
      options.onSplitDone?.();
    }
  } catch (error) {
    abandon(fitted);
    throw error;
  }
  const measured = sealed.score(
    scored.map(({ probabilities }) => probabilities),
    (recordings) => measureTask(task, recordings),
  );
  emit({ type: 'result', task: task.name, features, seed, metrics: measured.metrics });
  const whole = options.withWhole && open.whole !== null ? await learn(open.whole, null) : null;
  if (whole !== null) options.onSplitDone?.();
  const result: TaskResult = {
    ...{ task: task.name, group: task.group, features, method: classifier.method, seed },
    ...{ few: options.few, transductive: options.transductive },
    fits: fitted.map(({ fit }) => fit),
    seconds: (performance.now() - begin) / 1000,
    ...measured,
  };
  return { result, fitted, whole, scored };
}

function abandon(fitted: readonly FittedClassifier[]): null {
  for (const { dispose } of fitted) dispose();
  return null;
}

/** The training labels of a split: all or few of them, in their place or shifted. */
function openView({ dataset, open, few, shifted, seed }: RunTaskOptions, split: Split): TrainingView {
  const random = seededRandom(seed, 'labels', open.task.name, split.name);
  const whole = openTrainingView(dataset, open.task, split);
  const part = few === null ? whole : takeFewLabels(whole, few, open.task.classes.length, random.fork('few'));
  return shifted ? shiftLabels(part, random.fork('shift')) : part;
}
