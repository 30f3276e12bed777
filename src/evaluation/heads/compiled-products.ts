import type * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Engine, Example, Program, Step } from '../../engine/engine.js';
import {
  type Columns,
  type FrameMatrix,
  type Products,
  type ProductsOptions,
  sampleFrames,
} from './products.js';

/** Frames of a chunk: float32 sums stay this short, and a chunk is large enough to keep all cores busy. */
const CHUNK_FRAMES = 16_384;

/**
 * The products as one compiled program whose state is the inputs, in chunks: they are written to the device once, a
 * chunk at a time (no second copy on the host), and only weights, logits and residuals cross after that.
 * Rows that fill up the last chunk are zero.
 */
export async function createCompiledProducts(
  engine: Engine,
  matrix: FrameMatrix,
  options: ProductsOptions,
): Promise<Products> {
  const columnCounts = [...options.columnCounts].sort((a, b) => a - b);
  const layout = layOut(matrix, columnCounts);
  const sample = sampleFrames(matrix, options.sampleCount);
  const program = await compileProducts(engine, layout);
  uploadChunks(program, matrix, layout);
  const gram = await compileGram(engine, sample.rows, matrix.width);
  const idle = exampleBatch(layout);
  const residuals = layout.columnCounts.map(
    (stride): Columns => ({ values: new Float32Array(layout.paddedFrames * stride), stride }),
  );
  const narrowest = (columns: number) => {
    const found = columnCounts.findIndex((count) => count >= columns);
    if (found < 0) throw new RangeError(`${columns} columns, room for ${columnCounts.at(-1)}`);
    return found;
  };
  return {
    frames: matrix.frames,
    width: matrix.width,
    columnCount: columnCounts[columnCounts.length - 1],
    sample,
    multiply(weights) {
      const stride = columnCounts[narrowest(weights.length)];
      const data = new Float32Array(matrix.width * stride);
      weights.forEach((column, index) => {
        for (let channel = 0; channel < matrix.width; channel++)
          data[channel * stride + index] = column[channel];
      });
      const batch = { ...idle, [`weights${stride}`]: { shape: [matrix.width, stride], data } };
      const name = `logits${stride}`;
      return { values: program.run(batch, {}, [name])[name].data as Float32Array, stride };
    },
    emptyResiduals(columns) {
      const room = residuals[narrowest(columns)];
      room.values.fill(0);
      return room;
    },
    accumulate({ values, stride }, columns) {
      const batch = {
        ...idle,
        [`residuals${stride}`]: { shape: [layout.paddedFrames, stride], data: values },
      };
      const name = `sums${stride}`;
      const partial = program.run(batch, {}, [name])[name].data; // [chunk, column, channel]
      return sumChunks(partial, layout.chunks, stride, matrix.width).slice(0, columns);
    },
    sampleGram(weights) {
      const batch = { weights: { shape: [weights.length, 1], data: Float32Array.from(weights) } };
      return Float64Array.from(gram.run(batch, {}, ['gram']).gram.data);
    },
    dispose() {
      program.dispose();
      gram.dispose();
    },
  };
}

interface Layout {
  readonly width: number;
  readonly chunks: number;
  readonly chunkFrames: number;
  readonly paddedFrames: number;
  readonly columnCounts: readonly number[];
}

function layOut(matrix: FrameMatrix, columnCounts: readonly number[]): Layout {
  const chunks = Math.ceil(matrix.frames / CHUNK_FRAMES);
  const chunkFrames = Math.ceil(matrix.frames / chunks);
  return { width: matrix.width, chunks, chunkFrames, paddedFrames: chunks * chunkFrames, columnCounts };
}

function compileProducts(engine: Engine, layout: Layout): Promise<Program> {
  const { chunks, chunkFrames, width } = layout;
  const { tf } = engine;
  const step: Step = (state, batch) => {
    const inputs = Array.from({ length: chunks }, (_, chunk) => state[chunkName(chunk)] as tf.Tensor2D);
    const outputs: Record<string, tf.Tensor> = {};
    for (const columns of layout.columnCounts) {
      const weights = batch[`weights${columns}`] as tf.Tensor2D; // [channel, column]
      const residuals = batch[`residuals${columns}`] as tf.Tensor2D; // [frame, column]
      outputs[`logits${columns}`] = tf.concat(inputs.map((rows) => tf.matMul(rows, weights)));
      outputs[`sums${columns}`] = tf.stack(
        inputs.map((rows, chunk) => {
          const part = tf.slice(residuals, [chunk * chunkFrames, 0], [chunkFrames, columns]);
          return tf.matMul(part, rows, true, false); // R^T X reads X in its own order: [column, channel]
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
    batch: exampleBatch(layout),
    scalars: {},
  };
  return engine.compile(step, example, { mode: modeOf(engine), precision: 'float32' });
}

/** A graph computes what is fetched and nothing else: the logits or the sums, never both. */
function modeOf(engine: Engine): 'graph' | 'eager' {
  return engine.name === 'portable' ? 'eager' : 'graph';
}

function exampleBatch({ columnCounts, width, paddedFrames }: Layout): HostArrays {
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
  const { chunkFrames, width } = layout;
  for (let chunk = 0; chunk < layout.chunks; chunk++) {
    const start = chunk * chunkFrames;
    const stop = Math.min(matrix.frames, start + chunkFrames);
    const data = new Float32Array(chunkFrames * width);
    data.set(matrix.readRows(start, stop));
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
  return engine.compile(step, example, { mode: modeOf(engine), precision: 'float32' });
}

/** [chunk, column, channel] -> one [channel] per column, added in float64. */
function sumChunks(
  partial: ArrayLike<number>,
  chunks: number,
  columns: number,
  width: number,
): Float64Array[] {
  return Array.from({ length: columns }, (_, column) => {
    const sum = new Float64Array(width);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const at = (chunk * columns + column) * width;
      for (let channel = 0; channel < width; channel++) sum[channel] += partial[at + channel];
    }
    return sum;
  });
}

function chunkName(chunk: number): string {
  return `inputs${chunk}`;
}
