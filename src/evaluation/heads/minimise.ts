import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { createDescent, type Descent, type DescentOptions, type DescentState } from './descent.js';
import type { Precondition } from './precondition.js';
import type { ActiveFrames, HeadProblem } from './problem.js';
import type { Products } from './products.js';

export interface MinimiseOptions extends DescentOptions {
  readonly maxIterations: number;
  /** Called after each iteration of all problems; must not throw. */
  readonly onIteration?: (iteration: number, losses: readonly number[]) => void;
}

/** A problem, where it starts, and what it is steered by. */
export interface Start {
  readonly problem: HeadProblem;
  readonly active: ActiveFrames;
  /** [column, width + 1] */
  readonly coefficients: Float64Array;
  readonly precondition: Precondition;
}

/**
 * Solves several problems over the same frames side by side: each heavy product serves as many of them as have room
 * in its columns, which costs little more than serving one (the frames' inputs are read once for all).
 * The answers don't depend on the company.
 */
export async function minimiseTogether(
  products: Products,
  starts: readonly Start[],
  options: MinimiseOptions,
): Promise<DescentState[]> {
  const descents = starts.map(({ problem, active, coefficients, precondition }) =>
    createDescent(problem, active, products.width, coefficients, precondition, options),
  );
  for (let iteration = 0; iteration <= options.maxIterations; iteration++) {
    const running = descents.filter((descent) => descent.state.status === 'running');
    if (running.length === 0) break;
    for (const group of packColumns(running, products.columnCount)) {
      stepGroup(products, group);
      await nextMacrotask(); // products block; the process stays answerable
    }
    options.onIteration?.(
      iteration,
      descents.map((descent) => descent.state.loss),
    );
  }
  return descents.map((descent) => descent.state);
}

function stepGroup(products: Products, group: readonly Descent[]): void {
  const change = products.multiply(group.flatMap((descent) => descent.request()));
  const residuals = products.emptyResiduals(group.reduce((sum, { columns }) => sum + columns, 0));
  let offset = 0;
  for (const descent of group) {
    descent.advance(change, residuals, offset);
    offset += descent.columns;
  }
  const sums = products.accumulate(residuals, offset);
  offset = 0;
  for (const descent of group) {
    descent.update(sums.slice(offset, offset + descent.columns));
    offset += descent.columns;
  }
}

function packColumns(descents: readonly Descent[], columnCount: number): Descent[][] {
  const groups: Descent[][] = [];
  let room = 0;
  for (const descent of descents) {
    if (descent.columns > room) {
      groups.push([]);
      room = columnCount;
    }
    groups[groups.length - 1].push(descent);
    room -= descent.columns;
  }
  return groups;
}
