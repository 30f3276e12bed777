import { mean } from '../statistics/mean.js';
import { type Fit, fitPath } from './fit.js';
import type { MinimiseOptions } from './minimise.js';
import { columnsOf, type HeadProblem } from './problem.js';
import type { Columns, Products } from './products.js';

/** What a fold does with a training frame. */
export const FOLD_TRAIN = 0;
export const FOLD_HELD_OUT = 1;
/** Too near to a held-out frame to be trained on. */
export const FOLD_GAP = 2;

export interface ChooseOptions {
  /** Tried strengths. */
  readonly strengths: readonly number[];
  /**
   * `chosen`: the fit at the strength with the best score. `averaged`: the mean of the coefficients at all strengths,
   * which asks the folds nothing: where few recordings are labelled their word for one strength is mostly noise.
   */
  readonly rule: 'chosen' | 'averaged';
  /** One row of FOLD_TRAIN, FOLD_HELD_OUT, FOLD_GAP per fold: [fold][frame]. */
  readonly folds: readonly Uint8Array[];
  /**
   * How good the held-out probabilities are, higher is better. Each frame has been predicted by the fold that held
   * it out. @param frames the frames that were held out and are labelled; probabilities [frame of `frames`, class]
   */
  readonly score: (frames: Uint32Array, probabilities: Float64Array) => number;
  readonly minimise: MinimiseOptions;
}

export interface StrengthChoice {
  /** The fit of the whole problem, by the rule. */
  readonly fit: Fit;
  /** null: the mean over all. */
  readonly strength: number | null;
  /** The cross-validated score of each strength, strong to weak. */
  readonly tried: readonly { readonly strength: number; readonly score: number }[];
  readonly heldOut: HeldOut;
}

/** What the folds say, by the same rule, about frames that they held out. */
export interface HeldOut {
  /** Ascending training frames; those that no fold held out are not among them. */
  readonly frames: Uint32Array;
  /** [frame of `frames`, class] */
  readonly probabilities: Float64Array;
}

/**
 * Chooses the strength by cross-validation within the training frames and gives the fit of all of them at that
 * strength, or the mean over strengths. Whole problem and folds are fitted side by side along a path of strengths; equal
 * scores go to the stronger.
 */
export async function chooseStrength(
  products: Products,
  problem: HeadProblem,
  options: ChooseOptions,
): Promise<StrengthChoice> {
  const { folds } = options;
  const inFolds = folds.map(
    (fold): HeadProblem => ({
      ...problem,
      labels: Int16Array.from(fold, (role, frame) => (role === FOLD_TRAIN ? problem.labels[frame] : -1)),
    }),
  );
  const heldOut = listHeldOut(problem, folds);
  const tried: { strength: number; score: number }[] = [];
  let [best, bestScore] = [0, Number.NEGATIVE_INFINITY];
  let bestProbabilities: Float64Array = new Float64Array();
  const fitsByStrength: (readonly Fit[])[] = [];
  await fitPath(products, [problem, ...inFolds], options.strengths, options.minimise, (strength, fits) => {
    const probabilities = predictHeldOut(products, fits.slice(1), folds, heldOut);
    const score = options.score(heldOut, probabilities);
    if (tried.length === 0 || score > bestScore) {
      [best, bestScore, bestProbabilities] = [tried.length, score, probabilities];
    }
    tried.push({ strength, score });
    fitsByStrength.push(fits);
  });
  if (options.rule === 'chosen') {
    return {
      ...{ fit: fitsByStrength[best][0], strength: tried[best].strength, tried },
      heldOut: { frames: heldOut, probabilities: bestProbabilities },
    };
  }
  const [fit, ...ofFolds] = fitsByStrength[0].map((_, index) =>
    averageFits(fitsByStrength.map((fits) => fits[index])),
  );
  return {
    ...{ fit, strength: null, tried },
    heldOut: { frames: heldOut, probabilities: predictHeldOut(products, ofFolds, folds, heldOut) },
  };
}

/** Fits of one problem at several strengths as one: as converged as the least converged of them. */
function averageFits(fits: readonly Fit[]): Fit {
  const worst = fits.reduce((one, other) => (other.gap / other.loss > one.gap / one.loss ? other : one));
  const coefficients = worst.coefficients.map((_, at) => mean(fits.map((fit) => fit.coefficients[at])));
  return { ...worst, coefficients };
}

function listHeldOut({ labels, frameWeights }: HeadProblem, folds: readonly Uint8Array[]): Uint32Array {
  const frames: number[] = [];
  for (let frame = 0; frame < labels.length; frame++) {
    const counts = labels[frame] >= 0 && (frameWeights === null || frameWeights[frame] > 0);
    if (counts && folds.some((fold) => fold[frame] === FOLD_HELD_OUT)) frames.push(frame);
  }
  return Uint32Array.from(frames);
}

/** [held-out frame, class], each by the fold that held it out. */
function predictHeldOut(
  products: Products,
  fits: readonly Fit[],
  folds: readonly Uint8Array[],
  heldOut: Uint32Array,
): Float64Array {
  const { kind, classCount } = fits[0].problem;
  const output = new Float64Array(heldOut.length * classCount);
  fits.forEach((fit, index) => {
    const logits = multiplyFit(products, fit);
    heldOut.forEach((frame, row) => {
      if (folds[index][frame] !== FOLD_HELD_OUT) return;
      writeProbabilities(kind, logits, frame, biasOf(fit, products.width), output, row * classCount);
    });
  });
  return output;
}

function multiplyFit(products: Products, { coefficients, problem }: Fit): Columns {
  const size = products.width + 1;
  const columns = columnsOf(problem.kind, problem.classCount);
  return products.multiply(
    Array.from({ length: columns }, (_, column) =>
      coefficients.subarray(column * size, column * size + products.width),
    ),
  );
}

function biasOf({ coefficients }: Fit, width: number): Float64Array {
  const size = width + 1;
  return Float64Array.from(
    { length: coefficients.length / size },
    (_, column) => coefficients[column * size + width],
  );
}

function writeProbabilities(
  kind: HeadProblem['kind'],
  logits: Columns,
  frame: number,
  bias: Float64Array,
  output: Float64Array,
  at: number,
): void {
  const values = Array.from(bias, (value, column) => value + logits.values[frame * logits.stride + column]);
  if (kind === 'binary') values.unshift(0); // the other class has logit 0
  const highest = Math.max(...values);
  const sum = values.reduce((total, value) => total + Math.exp(value - highest), 0);
  values.forEach((value, target) => {
    output[at + target] = Math.exp(value - highest) / sum;
  });
}
