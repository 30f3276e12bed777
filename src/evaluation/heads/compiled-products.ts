import type * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Engine, Example, Program, Step } from '../../engine/engine.js';
import { graphMode } from '../../engine/graph-mode.js';
import { type FrameMatrix, type Products, type ProductsOptions, sampleFrames } from './products.js';

/** Frames of a chunk: float32 sums stay this short, and a chunk is large enough to keep all cores busy. */
const CHUNK_FRAMES = 16_384;

/** Inputs of one program: a program's first state is placed as a whole, twice for a moment. */
const PART_BYTES = 128 * 2 ** 20;

/**
 * The products as compiled programs whose state is the inputs, in chunks: they are written to the device once, a
 * chunk at a time (no second copy on the host), and only weights, logits and residuals cross after that.
 * Rows that fill up the last chunk of a program have the residual 0, so that it doesn't matter what they are.
 * @param partBytes inputs of one program; tests make it small
 */
export async function createCompiledProducts(
  engine: Engine,
  matrix: FrameMatrix,
  options: ProductsOptions,
  partBytes = PART_BYTES,
): Promise<Products> {
  const { frames, width } = matrix;
  const columnCounts = [...options.columnCounts].sort((a, b) => a - b);
  const sample = sampleFrames(matrix, options.sampleCount);
  const parts: Part[] = [];
  for (const layout of layOut(matrix, columnCounts, partBytes))
    parts.push(await createPart(engine, matrix, layout));
  const gram = await compileGram(engine, sample.rows, width);
  const narrowest = (columns: number) => {
    const found = columnCounts.find((count) => count >= columns);
    if (found === undefined) throw new RangeError(`${columns} columns, room for ${columnCounts.at(-1)}`);
    return found;
  };
  const logits = new Map(columnCounts.map((stride) => [stride, new Float32Array(frames * stride)]));
  const residuals = new Map(columnCounts.map((stride) => [stride, new Float32Array(frames * stride)]));
  return {
    frames,
    width,
    columnCount: columnCounts[columnCounts.length - 1],
    sample,
    multiply(weights) {
      const stride = narrowest(weights.length);
      const interleaved = interleave(weights, width, stride);
      const values = logits.get(stride) as Float32Array;
      for (const { layout, program, idle } of parts) {
        const batch = { ...idle, [`weights${stride}`]: { shape: [width, stride], data: interleaved } };
        const name = `logits${stride}`;
        const own = program.run(batch, {}, [name])[name].data as Float32Array;
        values.set(own.subarray(0, (layout.stop - layout.start) * stride), layout.start * stride);
      }
      return { values, stride };
    },
    emptyResiduals(columns) {
      const stride = narrowest(columns);
      const values = residuals.get(stride) as Float32Array;
      values.fill(0);
      return { values, stride };
    },
    accumulate({ values, stride }, columns) {
      const sums = Array.from({ length: columns }, () => new Float64Array(width));
      for (const { layout, program, idle } of parts) {
        const data = new Float32Array(layout.paddedFrames * stride);
        data.set(values.subarray(layout.start * stride, layout.stop * stride));
        const batch = { ...idle, [`residuals${stride}`]: { shape: [layout.paddedFrames, stride], data } };
        const name = `sums${stride}`;
        addChunks(program.run(batch, {}, [name])[name].data, layout.chunks, stride, sums);
      }
      return sums;
    },
    sampleGram(weights) {
      const batch = { weights: { shape: [weights.length, 1], data: Float32Array.from(weights) } };
      return Float64Array.from(gram.run(batch, {}, ['gram']).gram.data);
    },
    dispose() {
      for (const { program } of parts) program.dispose();
      gram.dispose();
    },
  };
}

/** Frames [start, stop) of the matrix, in equal chunks. */
interface Layout {
  readonly width: number;
  readonly start: number;
  readonly stop: number;
  readonly chunks: number;
  readonly chunkFrames: number;
  readonly paddedFrames: number;
  readonly columnCounts: readonly number[];
}

interface Part {
  readonly layout: Layout;
  readonly program: Program;
  /** A batch of zeros: a run replaces the one field that it is about. */
  readonly idle: HostArrays;
}

/** Equal parts of at most `partBytes`. */
function layOut(
  { frames, width }: FrameMatrix,
  columnCounts: readonly number[],
  partBytes: number,
): Layout[] {
  const count = Math.ceil((frames * width * 4) / partBytes);
  return Array.from({ length: count }, (_, part) => {
    const start = Math.floor((part * frames) / count);
    const stop = Math.floor(((part + 1) * frames) / count);
    const chunks = Math.ceil((stop - start) / CHUNK_FRAMES);
    const chunkFrames = Math.ceil((stop - start) / chunks);
    return { width, start, stop, chunks, chunkFrames, paddedFrames: chunks * chunkFrames, columnCounts };
  });
}

async function createPart(engine: Engine, matrix: FrameMatrix, layout: Layout): Promise<Part> {
  const idle = emptyBatch(layout);
  const program = await compileProducts(engine, layout, idle);
  uploadChunks(program, matrix, layout);
  return { layout, program, idle };
}

function compileProducts(engine: Engine, layout: Layout, batch: HostArrays): Promise<Program> {
  const { chunks, chunkFrames, width } = layout;
  const { tf } = engine;
  const step: Step = (state, fields) => {
    const inputs = Array.from({ length: chunks }, (_, chunk) => state[chunkName(chunk)] as tf.Tensor2D);
    const outputs: Record<string, tf.Tensor> = {};
    for (const columns of layout.columnCounts) {
      const weights = fields[`weights${columns}`] as tf.Tensor2D; // [channel, column]
      const residuals = fields[`residuals${columns}`] as tf.Tensor2D; // [frame, column]
      outputs[`logits${columns}`] = tf.concat(inputs.map((rows) => tf.matMul(rows, weights)));
      outputs[`sums${columns}`] = tf.stack(
        inputs.map((rows, chunk) => {
          const own = tf.slice(residuals, [chunk * chunkFrames, 0], [chunkFrames, columns]);
          return tf.matMul(own, rows, true, false); // R^T X reads X in its own order: [column, channel]
        }),
      );
    }
    return { state, outputs };
  };
  const empty = new Float32Array(chunkFrames * width);
  const example: Example = {
    state: Object.fromEntries(
      Array.from({ length: chunks }, (_, chunk) => [
        chunkName(chunk),
        { shape: [chunkFrames, width], data: empty },
      ]),
    ),
    batch,
    scalars: {},
  };
  return engine.compile(step, example, { mode: graphMode(engine), precision: 'float32' });
}

function emptyBatch({ columnCounts, width, paddedFrames }: Layout): HostArrays {
  return Object.fromEntries(
    columnCounts.flatMap((columns) => [
      [`weights${columns}`, { shape: [width, columns], data: new Float32Array(width * columns) }],
      [
        `residuals${columns}`,
        { shape: [paddedFrames, columns], data: new Float32Array(paddedFrames * columns) },
      ],
    ]),
  );
}

function uploadChunks(program: Program, matrix: FrameMatrix, layout: Layout): void {
  const { chunkFrames, width, start, stop } = layout;
  const data = new Float32Array(chunkFrames * width); // a program copies what is written
  for (let chunk = 0; chunk < layout.chunks; chunk++) {
    const from = start + chunk * chunkFrames;
    data.set(matrix.readRows(from, Math.min(stop, from + chunkFrames)));
    program.write({ [chunkName(chunk)]: { shape: [chunkFrames, width], data } });
  }
}

async function compileGram(engine: Engine, rows: Float32Array, width: number): Promise<Program> {
  const { tf } = engine;
  const count = rows.length / width;
  const step: Step = (state, batch) => {
    const inputs = state.rows as tf.Tensor2D;
    const weighted = tf.mul(inputs, batch.weights) as tf.Tensor2D;
    return { state, outputs: { gram: tf.matMul(weighted, inputs, true, false) } };
  };
  const example: Example = {
    state: { rows: { shape: [count, width], data: rows } },
    batch: { weights: { shape: [count, 1], data: new Float32Array(count) } },
    scalars: {},
  };
  return engine.compile(step, example, { mode: graphMode(engine), precision: 'float32' });
}

/** One [channel] per column -> [channel, stride]. */
function interleave(weights: readonly Float64Array[], width: number, stride: number): Float32Array {
  const data = new Float32Array(width * stride);
  weights.forEach((column, index) => {
    for (let channel = 0; channel < width; channel++) data[channel * stride + index] = column[channel];
  });
  return data;
}

/** Adds [chunk, column, channel] to one [channel] per column, in float64. */
function addChunks(
  partial: ArrayLike<number>,
  chunks: number,
  columns: number,
  sums: readonly Float64Array[],
): void {
  sums.forEach((sum, column) => {
    for (let chunk = 0; chunk < chunks; chunk++) {
      const at = (chunk * columns + column) * sum.length;
      for (let channel = 0; channel < sum.length; channel++) sum[channel] += partial[at + channel];
    }
  });
}

function chunkName(chunk: number): string {
  return `inputs${chunk}`;
}
