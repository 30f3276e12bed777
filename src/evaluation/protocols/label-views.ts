import type { Dataset } from '../../data/store/dataset.js';
import { classIndices, readTaskLabels } from './split-recordings.js';
import type { Split, Task } from './task.js';

/** The labels that may be trained on. */
export interface TrainingView {
  readonly recordings: readonly number[];
  /**
   * [frame] indices into the task's classes; -1: not labelled.
   * @throws Error for a recording that isn't part of the training
   */
  labels(recording: number): Int16Array;
}

/** Labels that can be scored against and not be read. */
export interface SealedLabels {
  /** The recordings that want probabilities, with their frames. */
  readonly recordings: readonly { readonly recording: number; readonly frames: number }[];
  /**
   * Takes the probabilities of every recording ([frame, class] each, in the order of `recordings`) and hands labels
   * and probabilities to `measure`, once: a second call throws, so that nothing can be tuned on the score.
   */
  score<Result>(
    probabilities: readonly Float32Array[],
    measure: (scored: readonly ScoredRecording[]) => Result,
  ): Result;
}

/** What a metric sees. */
export interface ScoredRecording {
  readonly recording: number;
  readonly id: string;
  /** [frame] indices into the task's classes; -1: not scored */
  readonly labels: Int16Array;
  /** [frame, class] */
  readonly probabilities: Float32Array;
}

export function openTrainingView(dataset: Dataset, task: Task, split: Split): TrainingView {
  const indices = classIndices(dataset, task);
  return {
    recordings: split.train,
    labels(recording) {
      if (!split.train.includes(recording)) {
        throw new Error(`${dataset.recordings[recording]?.id ?? recording} isn't part of the training`);
      }
      return readTaskLabels(dataset, task, indices, recording);
    },
  };
}

/** Seals the labels of the scored recordings of all splits. */
export function sealTestLabels(dataset: Dataset, task: Task, splits: readonly Split[]): SealedLabels {
  const indices = classIndices(dataset, task);
  const recordings = splits.flatMap(({ test }) =>
    test.map((recording) => ({ recording, frames: dataset.recordings[recording].frames })),
  );
  let isScored = false;
  return {
    recordings,
    score(probabilities, measure) {
      if (isScored) throw new Error(`${task.name} was scored already: open it anew for another row`);
      recordings.forEach(({ recording, frames }, index) => {
        const got = probabilities[index]?.length;
        const expected = frames * task.classes.length;
        if (got !== expected) {
          const { id } = dataset.recordings[recording];
          throw new Error(`${task.name}: ${id} wants ${expected} probabilities, got ${got}`);
        }
      });
      isScored = true;
      return measure(
        recordings.map(({ recording }, index) => ({
          recording,
          id: dataset.recordings[recording].id,
          labels: readTaskLabels(dataset, task, indices, recording),
          probabilities: probabilities[index],
        })),
      );
    },
  };
}
