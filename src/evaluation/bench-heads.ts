import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /** Reading the inputs, placing them on the device and compiling. */
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
  const { matrix, labels, close } = makeBenchFrames(options);
  const problem: HeadProblem = {
    kind: 'multinomial',
    classCount: options.classCount,
    labels,
    frameWeights: null,
    classWeights: null,
    strength: options.strength,
    anchor: null,
  };
  try {
    const begin = performance.now();
    const products = await createProducts(matrix, {
      columnCounts: [options.classCount],
      sampleCount: 16_384,
    });
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
  } finally {
    close();
  }
}

/** Frames that are made at a time. */
const CHUNK_FRAMES = 4096;

/**
 * Standardised inputs and labels [frame], the same on every machine. Rows lie in a temporary file, as features do, and are
 * read in pieces: half a million frames of 512 features fill a gigabyte.
 */
function makeBenchFrames({ frames, width, classCount }: Omit<BenchHeadsOptions, 'strength'>): {
  readonly matrix: FrameMatrix;
  readonly labels: Int16Array;
  /** Takes the file away. */
  readonly close: () => void;
} {
  const mixing = Float64Array.from(
    { length: FACTORS * width },
    (_, index) => noise(1, index) / (1 + Math.floor(index / width)),
  );
  const truth = Float64Array.from({ length: FACTORS * classCount }, (_, index) => noise(2, index));
  const factors = new Float64Array(FACTORS);
  const labels = new Int16Array(frames);
  const mixed = new Float64Array(width);
  const moments = createMoments(width);
  const folder = mkdtempSync(join(tmpdir(), 'whisker-bench-heads-'));
  const file = openSync(join(folder, 'rows.f32'), 'wx+');
  for (let start = 0; start < frames; start += CHUNK_FRAMES) {
    const count = Math.min(CHUNK_FRAMES, frames - start);
    const rows = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      const frame = start + row;
      mixed.fill(0);
      for (let factor = 0; factor < FACTORS; factor++) {
        factors[factor] = 0.95 * factors[factor] + 0.3 * noise(3, frame * FACTORS + factor);
        for (let channel = 0; channel < width; channel++) {
          mixed[channel] += factors[factor] * mixing[factor * width + channel];
        }
      }
      for (let channel = 0; channel < width; channel++) {
        rows[row * width + channel] = mixed[channel] + 0.1 * noise(4, frame * width + channel);
      }
      labels[frame] = drawClass(factors, truth, classCount, frame);
    }
    moments.add(rows);
    writeSync(file, rows);
  }
  const standardiser = moments.standardiser(null, null);
  const readRows = (start: number, stop: number) => {
    const rows = new Float32Array((stop - start) * width);
    readSync(file, rows, 0, rows.byteLength, 4 * start * width);
    return standardise(rows, standardiser);
  };
  const close = () => {
    closeSync(file);
    rmSync(folder, { recursive: true });
  };
  return { matrix: { frames, width, readRows }, labels, close };
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
