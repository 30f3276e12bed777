import type { ActiveFrames } from './problem.js';
import type { Columns } from './products.js';

/** The loss along a line, and its slope. */
export interface LinePoint {
  readonly loss: number;
  readonly slope: number;
}

/**
 * Weighted cross-entropy at the logits `logits + step * change`, its derivative by `step`, and the weighted
 * residuals (probability minus truth), which are written to `residuals` from column `offset` on.
 * `logits` is [active frame, column]; `change` and `residuals` are [frame, stride]; `changeBias` is added per column.
 */
export function evaluateLine(
  active: ActiveFrames,
  logits: Float64Array,
  columns: number,
  change: Columns,
  changeBias: Float64Array,
  step: number,
  residuals: Columns,
  offset: number,
): LinePoint {
  return columns === 1
    ? evaluateBinary(active, logits, change, changeBias[0], step, residuals, offset)
    : evaluateMultinomial(active, logits, columns, change, changeBias, step, residuals, offset);
}

function evaluateMultinomial(
  active: ActiveFrames,
  logits: Float64Array,
  columns: number,
  change: Columns,
  changeBias: Float64Array,
  step: number,
  residuals: Columns,
  offset: number,
): LinePoint {
  const { frames, classes, weights } = active;
  const exponentials = new Float64Array(columns);
  let loss = 0;
  let slope = 0;
  for (let row = 0; row < frames.length; row++) {
    const at = row * columns;
    const changeAt = frames[row] * change.stride + offset;
    const residualAt = frames[row] * residuals.stride + offset;
    let highest = Number.NEGATIVE_INFINITY;
    for (let column = 0; column < columns; column++) {
      const logit = logits[at + column] + step * (change.values[changeAt + column] + changeBias[column]);
      exponentials[column] = logit;
      if (logit > highest) highest = logit;
    }
    const truth = exponentials[classes[row]];
    let sum = 0;
    for (let column = 0; column < columns; column++) {
      const value = Math.exp(exponentials[column] - highest);
      exponentials[column] = value;
      sum += value;
    }
    const weight = weights[row];
    loss += weight * (Math.log(sum) + highest - truth);
    for (let column = 0; column < columns; column++) {
      const residual = weight * (exponentials[column] / sum - (column === classes[row] ? 1 : 0));
      residuals.values[residualAt + column] = residual;
      slope += residual * (change.values[changeAt + column] + changeBias[column]);
    }
  }
  return { loss, slope };
}

function evaluateBinary(
  active: ActiveFrames,
  logits: Float64Array,
  change: Columns,
  changeBias: number,
  step: number,
  residuals: Columns,
  offset: number,
): LinePoint {
  const { frames, classes, weights } = active;
  let loss = 0;
  let slope = 0;
  for (let row = 0; row < frames.length; row++) {
    const delta = change.values[frames[row] * change.stride + offset] + changeBias;
    const logit = logits[row] + step * delta;
    const tail = Math.exp(-Math.abs(logit)); // sigmoid(-|z|) = tail / (1 + tail)
    const probability = (logit > 0 ? 1 : tail) / (1 + tail);
    const residual = weights[row] * (probability - classes[row]);
    // -log p(class) = log(1 + e^-|z|) + max(z, 0) - class z
    loss += weights[row] * (Math.log1p(tail) + Math.max(logit, 0) - classes[row] * logit);
    residuals.values[frames[row] * residuals.stride + offset] = residual;
    slope += residual * delta;
  }
  return { loss, slope };
}
