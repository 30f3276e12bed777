import type { DescentState } from './descent.js';
import { type MinimiseOptions, minimiseTogether } from './minimise.js';
import { estimateCurvature, invertCurvature, type Precondition, removeShared } from './precondition.js';
import { activeFrames, columnsOf, type HeadProblem } from './problem.js';
import type { Products } from './products.js';

/** Coefficients that start or end a fit: [column, width + 1]. */
export interface Fit extends DescentState {
  readonly problem: HeadProblem;
}

/** The gap at which the curvature is measured anew: close enough for it to be that of the optimum. */
const ROUGH_GAP = 1e-3;

/**
 * Fits heads over the same frames to convergence, side by side (Products.columnCount columns at a time). First
 * roughly, steered by the curvature at the start; then to `options.relativeGap` by the curvature found there.
 * @param starts [column, width + 1] per problem; null: no weights, biases of the class frequencies
 */
export async function fitHeads(
  products: Products,
  problems: readonly HeadProblem[],
  starts: readonly (Float64Array | null)[],
  options: MinimiseOptions,
): Promise<Fit[]> {
  const begin = problems.map((problem, index) =>
    startFrom(problem, starts[index] ?? startFrequencies(problem, products.width)),
  );
  const rough = await minimiseTogether(
    products,
    problems.map((problem, index) => ({
      problem,
      coefficients: begin[index],
      precondition: measure(products, problem, begin[index]),
    })),
    { ...options, relativeGap: Math.max(ROUGH_GAP, options.relativeGap) },
  );
  const fine = await minimiseTogether(
    products,
    problems.map((problem, index) => ({
      problem,
      coefficients: rough[index].coefficients,
      precondition: measure(products, problem, rough[index].coefficients),
    })),
    options,
  );
  return fine.map((state, index) => ({
    ...state,
    iterations: state.iterations + rough[index].iterations,
    problem: problems[index],
  }));
}

/** The start without what all columns of a softmax share beyond the anchor: see `Precondition`. */
function startFrom(problem: HeadProblem, coefficients: Float64Array): Float64Array {
  if (problem.kind === 'binary') return coefficients;
  const anchor = problem.anchor?.values;
  const own = coefficients.map((value, index) => value - (anchor?.[index] ?? 0));
  removeShared(own, problem.classCount);
  return own.map((value, index) => value + (anchor?.[index] ?? 0));
}

function measure(products: Products, problem: HeadProblem, coefficients: Float64Array): Precondition {
  const columns = columnsOf(problem.kind, problem.classCount);
  const weights = sampleWeights(products, problem);
  const curvature = estimateCurvature(products, problem.kind, columns, weights, coefficients);
  return invertCurvature(curvature, problem.strength, problem.anchor === null);
}

/** The problem's weights at the sampled frames. Where the sample misses the problem, all frames stand in for it. */
function sampleWeights(products: Products, problem: HeadProblem): Float64Array {
  const { labels, frameWeights, classWeights } = problem;
  const weights = Float64Array.from(products.sample.frames, (frame) =>
    labels[frame] < 0 ? 0 : (frameWeights?.[frame] ?? 1) * (classWeights?.[labels[frame]] ?? 1),
  );
  return weights.some((weight) => weight > 0) ? weights : weights.fill(1);
}

/** The best head without inputs: the log of the (weighted) class frequencies. Classes that are absent get one frame. */
function startFrequencies(problem: HeadProblem, width: number): Float64Array {
  const columns = columnsOf(problem.kind, problem.classCount);
  const size = width + 1;
  if (problem.anchor !== null) return problem.anchor.values;
  const active = activeFrames(problem);
  const shares = new Float64Array(problem.classCount).fill(1 / active.frames.length);
  active.classes.forEach((target, row) => {
    shares[target] += active.weights[row];
  });
  const start = new Float64Array(columns * size);
  for (let column = 0; column < columns; column++) {
    start[column * size + width] =
      problem.kind === 'binary' ? Math.log(shares[1] / shares[0]) : Math.log(shares[column]);
  }
  return start;
}
