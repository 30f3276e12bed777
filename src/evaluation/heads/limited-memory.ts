import type { Precondition } from './precondition.js';

/**
 * Search directions of L-BFGS (Nocedal & Wright 2006, algorithm 7.4) around a given inverse curvature: the newest
 * `memory` pairs of (change of place, change of gradient) correct it.
 */
export interface LimitedMemory {
  remember(move: Float64Array, gradientChange: Float64Array): void;
  /** -H gradient, with H the present estimate of the inverse curvature. */
  direction(gradient: Float64Array): Float64Array;
}

export function createLimitedMemory(memory: number, precondition: Precondition): LimitedMemory {
  const moves: Float64Array[] = [];
  const changes: Float64Array[] = [];
  const curvatures: number[] = [];
  return {
    remember(move, gradientChange) {
      const curvature = dot(move, gradientChange);
      if (!(curvature > 0)) return; // rounding has eaten the curvature: this pair tells nothing
      moves.push(move);
      changes.push(gradientChange);
      curvatures.push(curvature);
      if (moves.length > memory) {
        moves.shift();
        changes.shift();
        curvatures.shift();
      }
    },
    direction(gradient) {
      const vector = gradient.map((value) => -value);
      const factors = new Float64Array(moves.length);
      for (let pair = moves.length - 1; pair >= 0; pair--) {
        factors[pair] = dot(moves[pair], vector) / curvatures[pair];
        addScaled(vector, changes[pair], -factors[pair]);
      }
      precondition(vector);
      for (let pair = 0; pair < moves.length; pair++) {
        const correction = dot(changes[pair], vector) / curvatures[pair];
        addScaled(vector, moves[pair], factors[pair] - correction);
      }
      return vector;
    },
  };
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}

/** target += factor * other */
function addScaled(target: Float64Array, other: Float64Array, factor: number): void {
  for (let index = 0; index < target.length; index++) target[index] += factor * other[index];
}
