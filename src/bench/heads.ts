import type { Engine } from '../engine/engine.js';
import { type BenchHeadsOptions, benchHeads } from '../evaluation/bench-heads.js';
import { createCompiledProducts } from '../evaluation/heads/compiled-products.js';
import type { BenchResult } from './measure.js';
import { medianOf } from './measure.js';

export interface HeadBenchResult extends BenchResult {
  /** Placing the inputs on the device and compiling: once for all heads on the same features. */
  readonly setUpMilliseconds: number;
  readonly iterations: number;
  /** The whole objective at the end; scikit-learn's must not be lower. */
  readonly objective: number;
}

/** Times the fit of one multinomial head to convergence: the work of `scripts/peers/sklearn_heads.py`. */
export async function benchHeadFit(
  engine: Engine,
  { runs, ...options }: BenchHeadsOptions & { readonly runs: number },
): Promise<HeadBenchResult> {
  const fits = [];
  for (let run = 0; run < runs; run++) {
    fits.push(await benchHeads((matrix, wanted) => createCompiledProducts(engine, matrix, wanted), options));
  }
  const milliseconds = fits.map(({ fitSeconds }) => 1000 * fitSeconds);
  const median = medianOf(milliseconds);
  return {
    program: `whisker ${engine.name}, ${engine.versions.library}, ${engine.threads} threads`,
    medianMilliseconds: median,
    minimumMilliseconds: Math.min(...milliseconds),
    framesPerSecond: (1000 * options.frames) / median,
    peakBytes: 1024 * process.resourceUsage().maxRSS,
    setUpMilliseconds: medianOf(fits.map(({ setUpSeconds }) => 1000 * setUpSeconds)),
    iterations: fits[0].iterations,
    objective: fits[0].loss,
  };
}
