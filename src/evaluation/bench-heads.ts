import { fitHeads } from './heads/fit.js';
import type { HeadProblem } from './heads/problem.js';
import type { FrameMatrix, ProductsFactory } from './heads/products.js';
import { createMoments, standardise } from './heads/standardise.js';

/** The size of a head to fit on random numbers. */
export interface BenchHeadsOptions {
  readonly frames: number;
  readonly width: number;
  readonly classCount: number;
  readonly strength: number;
}

export interface BenchHeadsResult {
  /** Placing the inputs on the device and compiling. */
  readonly setUpSeconds: number;
  readonly fitSeconds: number;
  readonly iterations: number;
  /** The whole objective at the end. */
  readonly loss: number;
  readonly status: string;
}

const FACTORS = 32;

/**
 * Times one multinomial head on made-up frames that are as correlated as pooled features: 32 slow factors behind all
 * channels, and noise. `scripts/peers/sklearn_heads.py` makes the same numbers and gives them to scikit-learn.
 */
export async function benchHeads(
  createProducts: ProductsFactory,
  options: BenchHeadsOptions,
): Promise<BenchHeadsResult> {
  const { rows, labels } = makeBenchFrames(options);
  const problem: HeadProblem = {
    kind: 'multinomial',
    classCount: options.classCount,
    labels,
    frameWeights: null,
    classWeights: null,
    strength: options.strength,
    anchor: null,
  };
  const matrix: FrameMatrix = {
    frames: options.frames,
    width: options.width,
    readRows: (start, stop) => rows.subarray(start * options.width, stop * options.width),
  };
  const begin = performance.now();
  const products = await createProducts(matrix, { columnCounts: [options.classCount], sampleCount: 16_384 });
  const ready = performance.now();
  const [fit] = await fitHeads(products, [problem], [null], {
    relativeGap: 1e-9,
    memory: 10,
    maxIterations: 500,
  });
  const done = performance.now();
  products.dispose();
  return {
    setUpSeconds: (ready - begin) / 1000,
    fitSeconds: (done - ready) / 1000,
    iterations: fit.iterations,
    loss: fit.loss,
    status: fit.status,
  };
}

/** Standardised inputs [frame, width] and labels [frame], the same on every machine. */
export function makeBenchFrames({ frames, width, classCount }: Omit<BenchHeadsOptions, 'strength'>): {
  readonly rows: Float32Array;
  readonly labels: Int16Array;
} {
  const mixing = Float64Array.from(
    { length: FACTORS * width },
    (_, index) => noise(1, index) / (1 + Math.floor(index / width)),
  );
  const truth = Float64Array.from({ length: FACTORS * classCount }, (_, index) => noise(2, index));
  const factors = new Float64Array(FACTORS);
  const rows = new Float32Array(frames * width);
  const labels = new Int16Array(frames);
  const mixed = new Float64Array(width);
  for (let frame = 0; frame < frames; frame++) {
    mixed.fill(0);
    for (let factor = 0; factor < FACTORS; factor++) {
      factors[factor] = 0.95 * factors[factor] + 0.3 * noise(3, frame * FACTORS + factor);
      for (let channel = 0; channel < width; channel++) {
        mixed[channel] += factors[factor] * mixing[factor * width + channel];
      }
    }
    for (let channel = 0; channel < width; channel++) {
      rows[frame * width + channel] = mixed[channel] + 0.1 * noise(4, frame * width + channel);
    }
    labels[frame] = drawClass(factors, truth, classCount, frame);
  }
  const moments = createMoments(width);
  moments.add(rows);
  return { rows: standardise(rows, moments.standardiser(null, null)), labels };
}

/** The class with the highest score; later classes are more frequent, noise is added. */
function drawClass(factors: Float64Array, truth: Float64Array, classCount: number, frame: number): number {
  let best = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let target = 0; target < classCount; target++) {
    let score = target + 2 * noise(5, frame * classCount + target);
    for (let factor = 0; factor < FACTORS; factor++) {
      score += factors[factor] * truth[factor * classCount + target];
    }
    if (score > highest) {
      highest = score;
      best = target;
    }
  }
  return best;
}

/** Uniform in [-sqrt 3, sqrt 3), variance 1: a 32-bit hash of (stream, index), as NumPy computes it just as well. */
function noise(stream: number, index: number): number {
  let bits = (Math.imul(stream, 0x9e3779b9) ^ index) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97) >>> 0;
  bits = (bits ^ (bits >>> 15)) >>> 0;
  return (bits / 2 ** 31 - 1) * Math.sqrt(3);
}
