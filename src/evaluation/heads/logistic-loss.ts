import type { ActiveFrames } from './problem.js';
import type { Columns } from './products.js';

/** The loss along a line, and its slope. */
export interface LinePoint {
  readonly loss: number;
  readonly slope: number;
}

/** Where a problem's logits go with the step: `logits + step * (change + changeBias)`. */
export interface LogitLine {
  /** [active frame, column] */
  readonly logits: Float64Array;
  readonly columns: number;
  /** [frame, stride], beside those of other problems: this one's from column `offset` on. */
  readonly change: Columns;
  readonly offset: number;
  /** [column] */
  readonly changeBias: Float64Array;
}

/**
 * Weighted cross-entropy at a place of the line, its derivative by `step`, and the weighted residuals (probability minus
 * truth), which are written to `residuals` [frame, stride], also from column `offset` on.
 */
export function evaluateLine(
  active: ActiveFrames,
  line: LogitLine,
  step: number,
  residuals: Columns,
): LinePoint {
  return line.columns === 1
    ? evaluateBinary(active, line, step, residuals)
    : evaluateMultinomial(active, line, step, residuals);
}

/** Goes to a place of the line: writes its logits. */
export function moveAlong(active: ActiveFrames, line: LogitLine, step: number): void {
  const { logits, columns, change, offset, changeBias } = line;
  active.frames.forEach((frame, row) => {
    for (let column = 0; column < columns; column++) {
      logits[row * columns + column] +=
        step * (change.values[frame * change.stride + offset + column] + changeBias[column]);
    }
  });
}

function evaluateMultinomial(
  active: ActiveFrames,
  { logits, columns, change, offset, changeBias }: LogitLine,
  step: number,
  residuals: Columns,
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
  { logits, change, offset, changeBias }: LogitLine,
  step: number,
  residuals: Columns,
): LinePoint {
  const [bias] = changeBias;
  const { frames, classes, weights } = active;
  let loss = 0;
  let slope = 0;
  for (let row = 0; row < frames.length; row++) {
    const delta = change.values[frames[row] * change.stride + offset] + bias;
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
