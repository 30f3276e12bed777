/**
 * The heavy half of fitting a linear head: products with the frames' inputs X [frame, width]. What carries them
 * out (a compiled program, or plain JavaScript) is behind one interface; the optimiser doesn't know.
 */

/** Standardised inputs of all frames, read in slices; nothing is NaN. */
export interface FrameMatrix {
  readonly frames: number;
  readonly width: number;
  /** Frames [start, stop) as [frame, width]; the caller may not write to it. */
  readRows(start: number, stop: number): Float32Array;
}

/** Numbers of several columns side by side: entry (frame, column) lies at `frame * stride + column`. */
export interface Columns {
  readonly values: Float32Array;
  readonly stride: number;
}

/** An even choice of frames, held in memory: enough to know the shape of the loss, see `precondition.ts`. */
export interface FrameSample {
  /** [sampled] frame numbers, ascending */
  readonly frames: Uint32Array;
  /** [sampled, width] */
  readonly rows: Float32Array;
}

export interface Products {
  readonly frames: number;
  readonly width: number;
  /** The most columns of one call. */
  readonly columnCount: number;
  readonly sample: FrameSample;
  /** X W: logits of each frame, valid until the next call. @param weights one [width] per column */
  multiply(weights: readonly Float64Array[]): Columns;
  /** Room for the residuals R of so many columns: [frame, stride], all zero. */
  emptyResiduals(columns: number): Columns;
  /** X^T R of the first `columns` columns: one [width] each, summed over chunks in float64. */
  accumulate(residuals: Columns, columns: number): Float64Array[];
  /** The sample's X^T diag(weights) X, [width, width]. @param weights [sampled] */
  sampleGram(weights: Float64Array): Float64Array;
  dispose(): void;
}

/** Makes the products of a matrix: the composition root decides whether an engine does the work. */
export type ProductsFactory = (matrix: FrameMatrix, options: ProductsOptions) => Promise<Products>;

export interface ProductsOptions {
  /** Columns of one call, from few to many; a call is served by the narrowest that has room. */
  readonly columnCounts: readonly number[];
  /** Frames of the sample. */
  readonly sampleCount: number;
}

/** At most `count` frames, evenly spread. */
export function sampleFrames(matrix: FrameMatrix, count: number): FrameSample {
  const taken = Math.min(count, matrix.frames);
  const frames = Uint32Array.from({ length: taken }, (_, index) =>
    Math.floor((index * matrix.frames) / taken),
  );
  const rows = new Float32Array(taken * matrix.width);
  const chunkFrames = 8192;
  let next = 0;
  for (let start = 0; start < matrix.frames && next < taken; start += chunkFrames) {
    const stop = Math.min(matrix.frames, start + chunkFrames);
    const chunk = matrix.readRows(start, stop);
    for (; next < taken && frames[next] < stop; next++) {
      const at = (frames[next] - start) * matrix.width;
      rows.set(chunk.subarray(at, at + matrix.width), next * matrix.width);
    }
  }
  return { frames, rows };
}
