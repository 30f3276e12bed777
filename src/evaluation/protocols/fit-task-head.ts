import type { RecordingEntry } from '../../data/store/dataset.js';
import { UserError } from '../../errors.js';
import { everyFrame, type HeadInputs } from '../features/head-inputs.js';
import { createTrainingMatrix, fitStandardiser, holdRows } from '../features/training-matrix.js';
import { chooseStrength, type HeldOut } from '../heads/choose-strength.js';
import { type Fit, fitHeads } from '../heads/fit.js';
import { correctPriors, type Head } from '../heads/head.js';
import type { MinimiseOptions } from '../heads/minimise.js';
import { balanceClasses, columnsOf, type HeadProblem } from '../heads/problem.js';
import type { ProductsFactory } from '../heads/products.js';
import { averagePrecisionByClass } from '../metrics/average-precision.js';
import { countConfusion, meanF1, predictClasses, scoreClasses } from '../metrics/confusion.js';
import { mean } from '../statistics/mean.js';
import { countClasses, type FoldPlan, type LabelledFrames, planFolds } from './folds.js';
import type { TrainingView } from './label-views.js';
import type { Task } from './task.js';

/** How heads are fitted: plain data, the same for every row of a table. */
export interface HeadSettings {
  /** Strengths lambda of lambda / 2 |W|^2 beside the mean cross-entropy; a single one is taken as it is. */
  readonly strengths: readonly number[];
  /** What they measure: lambda itself, or a prior (see `priorStrength`). */
  readonly strengthUnit: 'penalty' | 'prior';
  /** What is made of several: see `ChooseOptions`. Heads that are held towards another one are always `chosen`. */
  readonly strengthRule: 'chosen' | 'averaged';
  /** The same for heads that are held towards another one: from as good as that one to free. */
  readonly tiedStrengths: readonly number[];
  /** The strength with the best cross-validated `map`, `f1` or (negative) `loss` is taken. */
  readonly chooseBy: 'map' | 'f1' | 'loss';
  /** How much each head of a fused row counts: all alike, or as the folds choose by the same figure. */
  readonly fusion: 'equal' | 'chosen';
  readonly foldCount: number;
  readonly foldUnit: 'auto' | 'recording' | 'block' | 'frame';
  /** Between training and held-out blocks of one recording: at least a window, better the widest pooling scale too. */
  readonly gapSeconds: number;
  /** Every so many frames are fitted on; all are scored. */
  readonly everyFrames: number;
  /** Standardised inputs are cut at +- this; null: not. */
  readonly clip: number | null;
  readonly classWeights: 'none' | 'balanced';
  /** After balanced weights: whether the bias goes back to the training frequencies (argmax needs that, ranking not). */
  readonly priorCorrection: boolean;
  /** See `MinimiseOptions`. */
  readonly relativeGap: number;
  readonly memory: number;
  readonly maxIterations: number;
  /** Frames that the curvature is estimated on. */
  readonly sampleFrames: number;
  /** Tried for the labels that are made of probabilities; chosen by the folds as well. */
  readonly smoothSeconds: readonly number[];
  readonly minimalBoutSeconds: readonly number[];
}

export interface FitTaskOptions {
  readonly task: Task;
  readonly inputs: HeadInputs;
  readonly view: TrainingView;
  readonly recordings: readonly RecordingEntry[];
  readonly settings: HeadSettings;
  readonly createProducts: ProductsFactory;
  /** The head that this one is held towards; must be of the same inputs and classes. */
  readonly anchor: Head | null;
  readonly onIteration: (iteration: number, loss: number) => void;
}

export interface FittedTaskHead {
  readonly head: Head;
  readonly unit: FoldPlan['unit'] | 'not chosen';
  readonly tried: readonly { readonly strength: number; readonly score: number }[];
  readonly isConverged: boolean;
  /** The training frames, and what folds say about those that they held out; null where nothing was chosen by folds. */
  readonly places: readonly LabelledFrames[];
  readonly heldOut: HeldOut | null;
}

/** Reads the training frames, chooses the strength within them and fits. Nothing outside the view is looked at. */
export async function fitTaskHead(options: FitTaskOptions): Promise<FittedTaskHead> {
  const { task, settings, anchor } = options;
  checkAnchor(task, options.inputs, anchor);
  const places = readTrainingFrames(options);
  const strengths = anchor === null ? strengthsOf(options, places.length) : settings.tiedStrengths;
  const inputs = holdRows(options.inputs, places);
  const labels = joinLabels(places);
  const standardiser = anchor?.standardiser ?? fitStandardiser(inputs, places, settings.clip);
  const kind = task.kind === 'binary' ? 'binary' : 'multinomial';
  const classCount = task.classes.length;
  const classWeights = settings.classWeights === 'balanced' ? balanceClasses(labels, classCount) : null;
  const priors = findPriors(options, classWeights, labels);
  // An anchor believes in true frequencies; this head in weighted ones, until its own priors are corrected.
  const towards =
    anchor === null || priors === null ? anchor : correctPriors(anchor, priors.counted, priors.weighted);
  const problem: HeadProblem = {
    kind,
    classCount,
    labels,
    frameWeights: null,
    classWeights,
    strength: strengths[0],
    anchor: towards?.coefficients ?? null,
  };
  const plan = strengths.length > 1 ? planHeadFolds(places, options) : null;
  const columns = columnsOf(kind, classCount);
  const products = await options.createProducts(createTrainingMatrix(inputs, places, standardiser), {
    columnCounts: plan === null ? [columns] : [columns, columns * (plan.folds.length + 1)],
    sampleCount: settings.sampleFrames,
  });
  try {
    const corrected = (held: HeldOut) => (priors === null ? held : correctHeldOut(held, priors));
    const { fit, strength, tried, heldOut } =
      plan === null
        ? {
            fit: (await fitHeads(products, [problem], [null], minimiseOptions(options)))[0],
            strength: problem.strength,
            tried: [],
            heldOut: null,
          }
        : await chooseStrength(products, problem, {
            strengths,
            rule: anchor === null ? settings.strengthRule : 'chosen',
            folds: plan.folds,
            score: (frames, probabilities) =>
              scoreHeldOut(options, labels, frames, corrected({ frames, probabilities }).probabilities),
            minimise: minimiseOptions(options),
          });
    const head = makeHead(options, fit, strength, standardiser);
    return {
      head: priors === null ? head : correctPriors(head, priors.weighted, priors.counted),
      unit: plan?.unit ?? 'not chosen',
      tried,
      isConverged: fit.status === 'converged' || (fit.status === 'stalled' && fit.gap <= 1e-6 * fit.loss),
      places,
      heldOut: heldOut === null ? null : corrected(heldOut),
    };
  } finally {
    products.dispose();
  }
}

function strengthsOf({ settings, inputs }: FitTaskOptions, recordings: number): readonly number[] {
  const { strengths, strengthUnit } = settings;
  if (strengthUnit === 'penalty') return strengths;
  return strengths.map((strength) => priorStrength(strength, inputs.width, recordings));
}

/**
 * lambda of lambda / 2 |W|^2 beside the mean cross-entropy for a prior of one width whatever the features, and however
 * many the labels: weights with variance 1 / (strength x inputs), so that logits of standardised inputs spread alike at
 * any number of inputs, against the evidence of the labelled recordings, which are what is independent of each other.
 */
function priorStrength(strength: number, inputs: number, recordings: number): number {
  return (strength * inputs) / recordings;
}

/** Labelled frames of the view, every so many; recordings without any are left out. */
export function readTrainingFrames({
  view,
  settings,
  recordings,
}: Pick<FitTaskOptions, 'view' | 'recordings'> & {
  readonly settings: Pick<HeadSettings, 'everyFrames'>;
}): LabelledFrames[] {
  return view.recordings
    .map((recording): LabelledFrames => {
      const all = view.labels(recording);
      const frames = everyFrame(recordings[recording].frames, settings.everyFrames).filter(
        (frame) => all[frame] >= 0,
      );
      return { recording, frames, labels: Int16Array.from(frames, (frame) => all[frame]) };
    })
    .filter(({ frames }) => frames.length > 0);
}

/** The labels of all recordings one after another: [frame of `frames`] class indices, negative where there is none. */
export function joinLabels(places: readonly LabelledFrames[]): Int16Array {
  const labels = new Int16Array(places.reduce((sum, place) => sum + place.labels.length, 0));
  let offset = 0;
  for (const place of places) {
    labels.set(place.labels, offset);
    offset += place.labels.length;
  }
  return labels;
}

/** The folds within the training recordings that whatever is tunable is chosen by. */
export function planHeadFolds(
  places: readonly LabelledFrames[],
  { task, settings, view, recordings }: Pick<FitTaskOptions, 'task' | 'settings' | 'view' | 'recordings'>,
): FoldPlan {
  const framesPerSecond = Math.max(
    ...view.recordings.map((recording) => recordings[recording].framesPerSecond),
  );
  return planFolds(places, task.classes.length, {
    count: settings.foldCount,
    unit: settings.foldUnit,
    gapFrames: Math.ceil(settings.gapSeconds * framesPerSecond),
  });
}

function minimiseOptions({ settings, onIteration }: FitTaskOptions): MinimiseOptions {
  const { relativeGap, memory, maxIterations } = settings;
  return {
    relativeGap,
    memory,
    maxIterations,
    onIteration: (iteration, losses) => onIteration(iteration, losses[0]),
  };
}

/** How good held-out probabilities are by `chooseBy`; higher is better. @param probabilities [frame of `frames`, class] */
export function scoreHeldOut(
  { task, settings }: Pick<FitTaskOptions, 'task' | 'settings'>,
  labels: Int16Array,
  frames: Uint32Array,
  probabilities: Float64Array,
): number {
  const classCount = task.classes.length;
  const own = Int16Array.from(frames, (frame) => labels[frame]);
  const scored = task.scoredClasses.map((name) => task.classes.indexOf(name));
  if (settings.chooseBy === 'map') {
    const precisions = averagePrecisionByClass(own, probabilities, classCount, scored);
    return mean(precisions);
  }
  if (settings.chooseBy === 'f1') {
    const confusion = countConfusion(own, predictClasses(probabilities, classCount), classCount);
    return meanF1(scoreClasses(confusion), scored);
  }
  let sum = 0;
  own.forEach((label, row) => {
    sum += Math.log(Math.max(probabilities[row * classCount + label], 1e-30));
  });
  return sum / own.length;
}

function makeHead(
  { task, inputs }: FitTaskOptions,
  fit: Fit,
  strength: Head['strength'],
  standardiser: Head['standardiser'],
): Head {
  const { kind, classCount } = fit.problem;
  const columns = columnsOf(kind, classCount);
  return {
    kind,
    classNames: task.classes,
    standardiser,
    coefficients: { columns, width: inputs.width, values: fit.coefficients },
    strength,
  };
}

/** Class frequencies that weights made a head believe in, and true ones. */
interface Priors {
  readonly weighted: readonly number[];
  readonly counted: readonly number[];
}

/** null where there is nothing to correct. */
function findPriors(
  { settings, task }: FitTaskOptions,
  classWeights: HeadProblem['classWeights'],
  labels: Int16Array,
): Priors | null {
  if (classWeights === null || !settings.priorCorrection) return null;
  const counts = [...countClasses(labels, task.classes.length)];
  const weighted = counts.map((count, target) => count * classWeights[target]);
  // A class without frames keeps its bias: there is nothing to go back to.
  const orOne = (values: readonly number[]) => values.map((value) => (value > 0 ? value : 1));
  return { weighted: normalise(orOne(weighted)), counted: normalise(orOne(counts)) };
}

/** As `correctPriors`, on the probabilities of frames that folds held out. */
export function correctHeldOut({ frames, probabilities }: HeldOut, { weighted, counted }: Priors): HeldOut {
  const classCount = weighted.length;
  const corrected = probabilities.map(
    (value, index) => (value * counted[index % classCount]) / weighted[index % classCount],
  );
  for (let at = 0; at < corrected.length; at += classCount) {
    const row = corrected.subarray(at, at + classCount);
    const sum = row.reduce((total, value) => total + value, 0);
    for (let target = 0; target < classCount; target++) row[target] /= sum;
  }
  return { frames, probabilities: corrected };
}

function normalise(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

function checkAnchor(task: Task, inputs: HeadInputs, anchor: Head | null): void {
  if (anchor === null) return;
  if (anchor.coefficients.width !== inputs.width || anchor.classNames.join() !== task.classes.join()) {
    throw new UserError(
      'settings',
      `${task.name} is tied to a head of ${anchor.coefficients.width} features and the classes ${anchor.classNames.join(', ')}; it has ${inputs.width} features and the classes ${task.classes.join(', ')}`,
    );
  }
}
