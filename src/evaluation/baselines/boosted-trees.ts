import type { FeatureSource } from '../features/feature-source.js';
import { everyFrame } from '../features/head-inputs.js';
import { FOLD_HELD_OUT, FOLD_TRAIN } from '../heads/choose-strength.js';
import {
  applyUnchanged,
  type Classifier,
  type FittedClassifier,
  type Lesson,
  NO_HEADS,
} from '../protocols/classifier.js';
import {
  type HeadSettings,
  joinLabels,
  planHeadFolds,
  readTrainingFrames,
  scoreHeldOut,
} from '../protocols/fit-task-head.js';
import type { LabelledFrames } from '../protocols/folds.js';
import { startTrees, type TreeOptions, type TreeProcess } from './tree-process.js';

export interface BoostedTreesOptions {
  readonly source: FeatureSource;
  /** The interpreter that has scikit-learn. */
  readonly python: string;
  readonly trees: Omit<TreeOptions, 'seed'>;
  /** Tried numbers of iterations, chosen by folds of the training recordings; a single one is taken as it is. */
  readonly iterations: readonly number[];
  /** Folds, score and frames are those of the heads. */
  readonly settings: HeadSettings;
  /** Of scikit-learn, for notes. */
  readonly version: string;
}

/** Frames that are predicted at a time. */
const PREDICT_FRAMES = 8192;

/**
 * Gradient-boosted trees on pooled features, grown by scikit-learn in a process of its own: the control for "a better
 * classifier would do". Trees can't start from others: in a task with an anchor each head is grown anew, and zero-shot
 * is the anchor as it is.
 * Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS 2017 (histograms, leaf-wise).
 */
export function createBoostedTrees(options: BoostedTreesOptions): Classifier {
  return {
    name: 'boosted-trees',
    method: `HistGradientBoostingClassifier of scikit-learn ${options.version} on ${options.source.name}`,
    fit: async (lesson) => {
      const { anchor, split, task } = lesson;
      if (anchor !== null && task.fitting === 'zero-shot') return applyUnchanged(anchor, split);
      return growTrees(options, lesson);
    },
  };
}

async function growTrees(options: BoostedTreesOptions, lesson: Lesson): Promise<FittedClassifier> {
  const { dataset, task, view, split, seed } = lesson;
  const { settings, source } = options;
  const { inputs } = source.fit(view.recordings, split);
  const places = readTrainingFrames({ view, settings, recordings: dataset.recordings });
  const labels = joinLabels(places);
  const trees = await startTrees(options.python, { ...options.trees, seed });
  try {
    await trees.train(
      readRows(places, (place) => inputs.readFrames(place.recording, place.frames)),
      inputs.width,
      labels,
      task.classes.length,
    );
    const chosen = await chooseIterations(trees, options, lesson, places, labels);
    await trees.fit(chosen.iterations, everyFrame(labels.length, 1));
    return {
      split: split.name,
      parts: [],
      fit: { ...NO_HEADS, split: split.name, unit: chosen.unit, trainedFrames: labels.length },
      async predict(recording) {
        const { frames } = dataset.recordings[recording];
        const output = new Float32Array(frames * task.classes.length);
        for (let start = 0; start < frames; start += PREDICT_FRAMES) {
          const count = Math.min(PREDICT_FRAMES, frames - start);
          const wanted = Uint32Array.from({ length: count }, (_, index) => start + index);
          const found = await trees.predict(inputs.readFrames(recording, wanted));
          output.set(found, start * task.classes.length);
        }
        return output;
      },
      dispose: trees.dispose,
    };
  } catch (error) {
    trees.dispose();
    throw error;
  }
}

function* readRows(
  places: readonly LabelledFrames[],
  read: (place: LabelledFrames) => Float32Array,
): Generator<Float32Array> {
  for (const place of places) yield read(place);
}

/** The number of iterations with the best cross-validated score; equal scores go to the fewer. */
async function chooseIterations(
  trees: TreeProcess,
  { iterations, settings }: BoostedTreesOptions,
  { task, view, dataset }: Lesson,
  places: readonly LabelledFrames[],
  labels: Int16Array,
): Promise<{ iterations: number; unit: string }> {
  const tried = [...new Set(iterations)].sort((a, b) => a - b); // a stage is told once
  if (tried.length === 1) return { iterations: tried[0], unit: 'not chosen' };
  const { folds, unit } = planHeadFolds(places, { task, view, settings, recordings: dataset.recordings });
  const classCount = task.classes.length;
  const rowsOf = (fold: Uint8Array, role: number) =>
    Uint32Array.from([...fold.keys()].filter((row) => fold[row] === role && labels[row] >= 0));
  const heldOut = folds.map((fold) => rowsOf(fold, FOLD_HELD_OUT));
  const probabilities = tried.map(
    () => new Float64Array(heldOut.reduce((sum, rows) => sum + rows.length, 0) * classCount),
  );
  let at = 0;
  for (const [fold, roles] of folds.entries()) {
    await trees.fit(tried[tried.length - 1], rowsOf(roles, FOLD_TRAIN));
    const staged = await trees.staged(tried, heldOut[fold]);
    staged.forEach((found, index) => {
      probabilities[index].set(found, at * classCount);
    });
    at += heldOut[fold].length;
  }
  const frames = Uint32Array.from(heldOut.flatMap((rows) => [...rows]));
  const scores = probabilities.map((found) => scoreHeldOut({ task, settings }, labels, frames, found));
  const best = scores.reduce((found, score, index) => (score > scores[found] ? index : found), 0);
  return { iterations: tried[best], unit };
}
