import { averagePrecisionByClass } from '../metrics/average-precision.js';
import { BOUT_OVERLAP, type BoutScore, scoreBouts } from '../metrics/bouts.js';
import { binCalibration, brierScore, type CalibrationBin, calibrationError } from '../metrics/calibration.js';
import { countConfusions, meanF1, predictClasses, scoreClasses } from '../metrics/confusion.js';
import { type Evidence, gatherEvidence } from '../statistics/evidence.js';
import { mean } from '../statistics/mean.js';
import type { ScoredRecording } from './label-views.js';
import type { Task } from './task.js';

/** The figures of one row and task: plain data. */
export interface Measurement {
  /**
   * `map`: mean average precision of the scored classes, one against the rest, frames of all recordings pooled (for the
   * rats this is TRIAL). `f1`: mean F1 of the scored classes at the most probable class. `brier`, `calibrationError`:
   * means over the scored classes.
   */
  readonly metrics: Readonly<Record<MetricName, number>>;
  readonly classes: readonly ClassMeasurement[];
  readonly frames: number;
  readonly evidence: Evidence;
}

export type MetricName = 'map' | 'f1' | 'brier' | 'calibrationError';

/** The figures of one class, over all scored frames pooled. */
export interface ClassMeasurement extends ClassLabelling {
  readonly averagePrecision: number;
  /** The share of such frames: what average precision a guess would have. */
  readonly chance: number;
}

/** How well labels of a class are, frame by frame and bout by bout. */
export interface ClassLabelling {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Frames that carry the class. */
  readonly support: number;
  /** Bouts matched at an overlap of a half. */
  readonly bouts: BoutScore;
}

const CALIBRATION_BINS = 10;
const RANKING_GROUPS = 500;

/** Scores the pooled frames of all recordings. */
export function measureTask(task: Task, scored: readonly ScoredRecording[]): Measurement {
  const classCount = task.classes.length;
  const scoredClasses = task.scoredClasses.map((name) => task.classes.indexOf(name));
  const { labels, probabilities } = poolFrames(scored, classCount);
  const predictions = scored.map((recording) => predictClasses(recording.probabilities, classCount));
  const labelling = measureLabels(task, scored, predictions);
  const precisions = averagePrecisionByClass(labels, probabilities, classCount, scoredClasses);
  const calibrations = scoredClasses.map((target) =>
    measureCalibration(labels, probabilities, classCount, target),
  );
  return {
    metrics: {
      map: mean(precisions),
      f1: labelling.f1,
      brier: mean(calibrations.map(({ brier }) => brier)),
      calibrationError: mean(calibrations.map(({ error }) => error)),
    },
    classes: labelling.classes.map((own, index) => ({
      ...own,
      averagePrecision: precisions[index],
      chance: own.support / labels.length,
    })),
    frames: labels.length,
    evidence: gatherEvidence(scored, predictions, classCount, scoredClasses, RANKING_GROUPS),
  };
}

/** Scores labels as they are, whatever probabilities they come of. @param predictions [recording][frame] */
export function measureLabels(
  task: Task,
  scored: readonly Pick<ScoredRecording, 'labels'>[],
  predictions: readonly Int16Array[],
): { readonly f1: number; readonly classes: readonly ClassLabelling[] } {
  const classCount = task.classes.length;
  const scoredClasses = task.scoredClasses.map((name) => task.classes.indexOf(name));
  const pairs = scored.map(({ labels }, place) => ({ labels, predictions: predictions[place] }));
  const perClass = scoreClasses(countConfusions(pairs, classCount));
  return {
    f1: meanF1(perClass, scoredClasses),
    classes: scoredClasses.map((target) => ({
      name: task.classes[target],
      ...perClass[target],
      bouts: scoreBouts(pairs, target, BOUT_OVERLAP),
    })),
  };
}

/** The scored frames of all recordings, one after another. */
function poolFrames(scored: readonly ScoredRecording[], classCount: number) {
  const frames = scored.reduce((sum, { labels }) => sum + labels.filter((label) => label >= 0).length, 0);
  const labels = new Int16Array(frames);
  const probabilities = new Float32Array(frames * classCount);
  let to = 0;
  for (const recording of scored) {
    recording.labels.forEach((label, frame) => {
      if (label < 0) return;
      labels[to] = label;
      probabilities.set(
        recording.probabilities.subarray(frame * classCount, (frame + 1) * classCount),
        to * classCount,
      );
      to++;
    });
  }
  return { labels, probabilities };
}

/** The reliability diagrams of the scored classes, by their names, frames pooled; bins without any frame are left out. */
export function binTask(
  task: Task,
  scored: readonly ScoredRecording[],
): Readonly<Record<string, readonly CalibrationBin[]>> {
  const classCount = task.classes.length;
  const { labels, probabilities } = poolFrames(scored, classCount);
  return Object.fromEntries(
    task.scoredClasses.map((name) => {
      const { bins } = measureCalibration(labels, probabilities, classCount, task.classes.indexOf(name));
      return [name, bins.filter(({ frames }) => frames > 0)];
    }),
  );
}

function measureCalibration(
  labels: Int16Array,
  probabilities: Float32Array,
  classCount: number,
  target: number,
) {
  const positive = Uint8Array.from(labels, (label) => Number(label === target));
  const own = Float32Array.from(labels, (_, frame) => probabilities[frame * classCount + target]);
  const bins = binCalibration(positive, own, CALIBRATION_BINS);
  return { brier: brierScore(positive, own), error: calibrationError(bins), bins };
}
