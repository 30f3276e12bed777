import seedrandom from 'seedrandom';

/**
 * Seeded random numbers with named forks. A generator is derived from `(seed, names...)`, never from how far
 * somebody else has advanced a stream, so that step 40,000 of a resumed run draws what it would have drawn.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** A whole number in [0, bound). */
  integer(bound: number): number;
  /** The numbers 0 .. count-1 in random order (Fisher-Yates). */
  permutation(count: number): Uint32Array;
  /** An independent generator named below this one; the same names give the same numbers, whatever was drawn here. */
  fork(...names: readonly (string | number)[]): Random;
}

/** The generator of `seed` under `names`, e.g. `seededRandom(1, 'mask', step)`. */
export function seededRandom(seed: number | string, ...names: readonly (string | number)[]): Random {
  const path = [String(seed), ...names.map(String)].map(encodeURIComponent).join('/');
  const draw = seedrandom.alea(path);
  let spare: number | undefined;
  const random: Random = {
    uniform: () => draw(),
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      for (;;) {
        const x = 2 * draw() - 1;
        const y = 2 * draw() - 1;
        const square = x * x + y * y;
        if (square > 0 && square < 1) {
          const factor = Math.sqrt((-2 * Math.log(square)) / square);
          spare = y * factor;
          return x * factor;
        }
      }
    },
    integer: (bound) => Math.floor(draw() * bound),
    permutation(count) {
      const order = Uint32Array.from({ length: count }, (_, index) => index);
      for (let last = count - 1; last > 0; last--) {
        const other = random.integer(last + 1);
        const held = order[last];
        order[last] = order[other];
        order[other] = held;
      }
      return order;
    },
    fork: (...more) => seededRandom(path, ...more),
  };
  return random;
}
