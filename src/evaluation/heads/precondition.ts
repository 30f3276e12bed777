import { factorCholesky, solveCholesky } from './cholesky.js';
import type { HeadKind } from './problem.js';
import type { Products } from './products.js';

/**
 * The curvature of the mean cross-entropy, class by class, estimated on a sample of frames:
 * C_k = sum_i w_i p_ik (1 - p_ik) x_i x_i^T / sum_i w_i, with x_i ending in 1 for the bias. Its inverse (penalty
 * added) turns gradients into steps of the right size in every direction: strongly correlated inputs then need tens
 * of iterations instead of hundreds. It steers the way only; the optimum stays that of the problem.
 */
export interface Curvature {
  readonly width: number;
  /** One [width + 1, width + 1] per column. */
  readonly columns: readonly Float64Array[];
}

/**
 * Steps in place of gradients: solves (C_k + strength) x = gradient for each column, in place. A softmax is blind to
 * what all its columns share, and at the optimum they share nothing: steps keep to columns that add up to 0
 * (without this, the few tens of iterations become hundreds).
 */
export type Precondition = (gradient: Float64Array) => void;

/**
 * @param weights [sampled] the weights w_i of the sampled frames; 0: not part of the problem
 * @param coefficients [column, width + 1], where the curvature is taken; null: equal probabilities
 */
export function estimateCurvature(
  products: Products,
  kind: HeadKind,
  columns: number,
  weights: Float64Array,
  coefficients: Float64Array | null,
): Curvature {
  const { width, sample } = products;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const variances = sampleVariances(products, kind, columns, coefficients);
  const estimates = variances.map((variance) => {
    const scaled = variance.map((value, row) => (value * weights[row]) / total);
    return extendByBias(products.sampleGram(scaled), sample.rows, width, scaled);
  });
  return { width, columns: estimates };
}

/** The inverse of the curvature with the penalty on it. `freeBias`: the bias carries no penalty. */
export function invertCurvature(curvature: Curvature, strength: number, freeBias: boolean): Precondition {
  const size = curvature.width + 1;
  const factors = curvature.columns.map((estimate) => {
    const matrix = estimate.slice();
    const floor = 1e-6 * meanDiagonal(matrix, size) + 1e-12; // the sample may miss a direction
    for (let row = 0; row < size; row++) {
      const isBias = row === size - 1;
      matrix[row * size + row] += floor + (isBias && freeBias ? 0 : strength);
    }
    return factorCholesky(matrix, size);
  });
  return (gradient) => {
    factors.forEach((factor, column) => {
      solveCholesky(factor, size, gradient.subarray(column * size, (column + 1) * size));
    });
    if (factors.length > 1) removeShared(gradient, factors.length);
  };
}

/** Takes from every column of [column, size] the mean of all columns, in place. */
export function removeShared(values: Float64Array, columns: number): void {
  const size = values.length / columns;
  for (let index = 0; index < size; index++) {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += values[column * size + index];
    for (let column = 0; column < columns; column++) values[column * size + index] -= sum / columns;
  }
}

/** p (1 - p) of each column at each sampled frame. */
function sampleVariances(
  products: Products,
  kind: HeadKind,
  columns: number,
  coefficients: Float64Array | null,
): Float64Array[] {
  const { width, sample } = products;
  const count = sample.frames.length;
  const variances = Array.from({ length: columns }, () => new Float64Array(count));
  const logits = new Float64Array(columns);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < columns; column++) {
      logits[column] =
        coefficients === null
          ? 0
          : dotRow(sample.rows, row * width, coefficients, column * (width + 1), width);
    }
    const probabilities = kind === 'binary' ? [1 / (1 + Math.exp(-logits[0]))] : softmax(logits);
    probabilities.forEach((probability, column) => {
      variances[column][row] = probability * (1 - probability);
    });
  }
  return variances;
}

function dotRow(
  rows: Float32Array,
  rowAt: number,
  coefficients: Float64Array,
  at: number,
  width: number,
): number {
  let sum = coefficients[at + width];
  for (let channel = 0; channel < width; channel++) sum += rows[rowAt + channel] * coefficients[at + channel];
  return sum;
}

function softmax(logits: Float64Array): number[] {
  const highest = Math.max(...logits);
  const values = Array.from(logits, (logit) => Math.exp(logit - highest));
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

/** [width, width] -> [width + 1, width + 1]: the moments with the constant input of the bias. */
function extendByBias(
  gram: Float64Array,
  rows: Float32Array,
  width: number,
  weights: Float64Array,
): Float64Array {
  const size = width + 1;
  const extended = new Float64Array(size * size);
  for (let row = 0; row < width; row++) {
    extended.set(gram.subarray(row * width, (row + 1) * width), row * size);
  }
  const first = new Float64Array(size);
  weights.forEach((weight, row) => {
    if (weight === 0) return;
    for (let channel = 0; channel < width; channel++) first[channel] += weight * rows[row * width + channel];
    first[width] += weight;
  });
  for (let channel = 0; channel < size; channel++) {
    extended[channel * size + width] = first[channel];
    extended[width * size + channel] = first[channel];
  }
  return extended;
}

function meanDiagonal(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let row = 0; row < size; row++) sum += matrix[row * size + row];
  return sum / size;
}
