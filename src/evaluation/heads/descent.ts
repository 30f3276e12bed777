import { createLimitedMemory, dot } from './limited-memory.js';
import { evaluateLine, type LinePoint, type LogitLine, moveAlong } from './logistic-loss.js';
import type { Precondition } from './precondition.js';
import { type ActiveFrames, columnsOf, type HeadProblem } from './problem.js';
import type { Columns } from './products.js';

/** A problem on its way to the optimum. The two heavy products of each iteration come from outside. */
export interface Descent {
  readonly columns: number;
  /** The weights whose logits the next step needs: the start at first, then the direction. One [width] per column. */
  request(): Float64Array[];
  /**
   * Takes the logits of what was requested, goes as far along the direction as pays, and writes the residuals
   * there (both from column `offset` on).
   */
  advance(change: Columns, residuals: Columns, offset: number): void;
  /** Takes X^T R of the residuals, one [width] per column. */
  update(products: readonly Float64Array[]): void;
  readonly state: DescentState;
}

export interface DescentState {
  /** [column, width + 1] */
  readonly coefficients: Float64Array;
  /** The whole objective, penalty included. */
  readonly loss: number;
  readonly iterations: number;
  /** An estimate of how far the objective lies above its minimum: half of gradient^T H gradient, H the inverse curvature. */
  readonly gap: number;
  readonly status: 'running' | 'converged' | 'stalled';
}

/** Relative gap below which a problem counts as solved; float32 products resolve about 1e-12. */
export interface DescentOptions {
  readonly relativeGap: number;
  readonly memory: number;
}

export function createDescent(
  problem: HeadProblem,
  active: ActiveFrames,
  width: number,
  start: Float64Array,
  precondition: Precondition,
  options: DescentOptions,
): Descent {
  const columns = columnsOf(problem.kind, problem.classCount);
  const size = width + 1;
  const memory = createLimitedMemory(options.memory, precondition);
  const penalty = createPenalty(problem, width, columns);
  const logits = new Float64Array(active.frames.length * columns);
  let coefficients: Float64Array = new Float64Array(columns * size);
  let direction = start;
  let gradient: Float64Array | null = null;
  let move: Float64Array | null = null;
  let biasResiduals: Float64Array = new Float64Array(columns);
  let loss = Number.POSITIVE_INFINITY;
  let gap = Number.POSITIVE_INFINITY;
  let iterations = 0;
  let status: DescentState['status'] = 'running';

  function evaluate(line: LogitLine, residuals: Columns, step: number): LinePoint {
    const data = evaluateLine(active, line, step, residuals);
    const tied = penalty.evaluate(coefficients, direction, step);
    return { loss: data.loss + tied.loss, slope: data.slope + tied.slope };
  }

  return {
    columns,
    request: () => Array.from({ length: columns }, (_, k) => direction.subarray(k * size, k * size + width)),
    advance(change, residuals, offset) {
      const isStart = gradient === null;
      const changeBias = biasOf(direction, columns, size);
      const line: LogitLine = { logits, columns, change, offset, changeBias };
      const at = (step: number) => evaluate(line, residuals, step);
      const taken = isStart
        ? { step: 1, loss: at(1).loss }
        : searchLine(at, { loss, slope: dot(gradient as Float64Array, direction) });
      if (taken === null) {
        status = 'stalled';
        at(0); // the residuals of the present place
        move = new Float64Array(direction.length);
      } else {
        move = direction.map((value) => value * taken.step);
        moveAlong(active, line, taken.step);
        coefficients = coefficients.map((value, index) => value + (move as Float64Array)[index]);
        loss = taken.loss;
      }
      biasResiduals = sumResiduals(active, residuals, columns, offset);
    },
    update(products) {
      const next = new Float64Array(columns * size);
      products.forEach((product, column) => {
        next.set(product, column * size);
        next[column * size + width] = biasResiduals[column];
      });
      penalty.addGradient(coefficients, next);
      if (gradient !== null && status === 'running') {
        const before = gradient;
        memory.remember(
          move as Float64Array,
          next.map((value, index) => value - before[index]),
        );
        iterations++;
      }
      gradient = next;
      direction = memory.direction(gradient);
      gap = -dot(gradient, direction) / 2;
      if (gap <= options.relativeGap * Math.max(loss, 1e-12)) status = 'converged';
    },
    get state() {
      return { coefficients, loss, iterations, gap, status };
    },
  };
}

/** strength / 2 |coefficients - anchor|^2; without an anchor the bias is free. */
function createPenalty(problem: HeadProblem, width: number, columns: number) {
  const { strength, anchor } = problem;
  const size = width + 1;
  const isFree = (index: number) => anchor === null && index % size === width;
  const offsetFrom = (coefficients: Float64Array, index: number) =>
    coefficients[index] - (anchor === null ? 0 : anchor.values[index]);
  return {
    evaluate(coefficients: Float64Array, direction: Float64Array, step: number): LinePoint {
      let square = 0;
      let slope = 0;
      for (let index = 0; index < columns * size; index++) {
        if (isFree(index)) continue;
        const value = offsetFrom(coefficients, index) + step * direction[index];
        square += value * value;
        slope += value * direction[index];
      }
      return { loss: (strength / 2) * square, slope: strength * slope };
    },
    addGradient(coefficients: Float64Array, gradient: Float64Array): void {
      for (let index = 0; index < columns * size; index++) {
        if (!isFree(index)) gradient[index] += strength * offsetFrom(coefficients, index);
      }
    },
  };
}

/**
 * A step that lowers the objective enough (Armijo 1e-4) and leaves at most half of the slope. The objective is convex,
 * so the slope rises along the line, and its root is bracketed and approached by secants. null: nothing lower is found.
 */
function searchLine(
  evaluate: (step: number) => LinePoint,
  from: LinePoint,
): { readonly step: number; readonly loss: number } | null {
  if (!(from.slope < 0)) return null;
  let low = { step: 0, slope: from.slope };
  let high: { step: number; slope: number } | null = null;
  let step = 1;
  for (let attempt = 0; attempt < 20; attempt++) {
    const point = evaluate(step);
    const isLower = point.loss <= from.loss + 1e-4 * step * from.slope;
    if (isLower && Math.abs(point.slope) <= 0.5 * -from.slope) return { step, loss: point.loss };
    if (point.slope < 0 && isLower) low = { step, slope: point.slope };
    else high = { step, slope: point.slope };
    if (high === null) {
      const secant = (low.step * from.slope) / (from.slope - low.slope);
      step = Number.isFinite(secant) && secant > low.step ? Math.min(secant, 4 * low.step) : 4 * low.step;
    } else {
      const secant = low.step - (low.slope * (high.step - low.step)) / (high.slope - low.slope);
      const margin = 0.1 * (high.step - low.step);
      step = Math.min(Math.max(secant, low.step + margin), high.step - margin);
    }
    if (!Number.isFinite(step)) return null;
  }
  return null;
}

function biasOf(values: Float64Array, columns: number, size: number): Float64Array {
  return Float64Array.from({ length: columns }, (_, column) => values[column * size + size - 1]);
}

function sumResiduals(
  active: ActiveFrames,
  residuals: Columns,
  columns: number,
  offset: number,
): Float64Array {
  const sums = new Float64Array(columns);
  for (const frame of active.frames) {
    for (let column = 0; column < columns; column++) {
      sums[column] += residuals.values[frame * residuals.stride + offset + column];
    }
  }
  return sums;
}
