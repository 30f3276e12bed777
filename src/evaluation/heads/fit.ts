import type { DescentState } from './descent.js';
import { type MinimiseOptions, minimiseTogether, type Start } from './minimise.js';
import { type Curvature, estimateCurvature, invertCurvature, removeShared } from './precondition.js';
import { type ActiveFrames, activeFrames, columnsOf, type HeadProblem } from './problem.js';
import type { Products } from './products.js';

/** A solved problem. */
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
  const actives = problems.map(activeFrames);
  const runFrom = (coefficients: readonly Float64Array[], relativeGap: number) =>
    minimiseTogether(
      products,
      problems.map((problem, index) => steer(products, problem, actives[index], coefficients[index])),
      { ...options, relativeGap },
    );
  const begin = problems.map((problem, index) =>
    startFrom(problem, starts[index] ?? startFrequencies(problem, actives[index], products.width)),
  );
  const rough = await runFrom(begin, Math.max(ROUGH_GAP, options.relativeGap));
  const fine = await runFrom(
    rough.map(({ coefficients }) => coefficients),
    options.relativeGap,
  );
  return fine.map((state, index) => ({
    ...state,
    iterations: state.iterations + rough[index].iterations,
    problem: problems[index],
  }));
}

/**
 * Fits the same problems at every strength, from strong to weak, each from the one before. All are steered by the
 * curvature of the first problem, which should hold all frames of the others (the folds of a cross-validation).
 * `onStrength` gets the fits of each strength as soon as they are there.
 * @returns the fits of the first problem, by strength
 */
export async function fitPath(
  products: Products,
  problems: readonly HeadProblem[],
  strengths: readonly number[],
  options: MinimiseOptions,
  onStrength: (strength: number, fits: readonly Fit[]) => void,
): Promise<Fit[]> {
  const actives = problems.map(activeFrames);
  const ordered = [...strengths].sort((a, b) => b - a);
  const whole = { ...problems[0], strength: ordered[0] };
  const begin = startFrom(whole, startFrequencies(whole, actives[0], products.width));
  const [rough] = await minimiseTogether(products, [steer(products, whole, actives[0], begin)], {
    ...options,
    relativeGap: Math.max(ROUGH_GAP, options.relativeGap),
  });
  let fits: readonly Fit[] = problems.map((problem) => ({ ...rough, problem }));
  const path: Fit[] = [];
  for (const strength of ordered) {
    const atStrength = problems.map((problem) => ({ ...problem, strength }));
    const curvature = measureCurvature(products, atStrength[0], fits[0].coefficients);
    const precondition = invertCurvature(curvature, strength, problems[0].anchor === null);
    const states = await minimiseTogether(
      products,
      atStrength.map((problem, index) => ({
        problem,
        active: actives[index],
        coefficients: fits[index].coefficients,
        precondition,
      })),
      options,
    );
    fits = states.map((state, index) => ({ ...state, problem: atStrength[index] }));
    path.push(fits[0]);
    onStrength(strength, fits);
  }
  return path;
}

/** A start that is steered by the curvature there. */
function steer(
  products: Products,
  problem: HeadProblem,
  active: ActiveFrames,
  coefficients: Float64Array,
): Start {
  const curvature = measureCurvature(products, problem, coefficients);
  const precondition = invertCurvature(curvature, problem.strength, problem.anchor === null);
  return { problem, active, coefficients, precondition };
}

/** The start without what all columns of a softmax share beyond the anchor: see `Precondition`. */
function startFrom(problem: HeadProblem, coefficients: Float64Array): Float64Array {
  if (problem.kind === 'binary') return coefficients;
  const anchor = problem.anchor?.values;
  const own = coefficients.map((value, index) => value - (anchor?.[index] ?? 0));
  removeShared(own, problem.classCount);
  return own.map((value, index) => value + (anchor?.[index] ?? 0));
}

function measureCurvature(products: Products, problem: HeadProblem, coefficients: Float64Array): Curvature {
  const columns = columnsOf(problem.kind, problem.classCount);
  const weights = sampleWeights(products, problem);
  return estimateCurvature(products, problem.kind, columns, weights, coefficients);
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
function startFrequencies(problem: HeadProblem, active: ActiveFrames, width: number): Float64Array {
  const columns = columnsOf(problem.kind, problem.classCount);
  const size = width + 1;
  if (problem.anchor !== null) return problem.anchor.values;
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
