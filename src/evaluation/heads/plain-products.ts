import {
  type Columns,
  type FrameMatrix,
  type Products,
  type ProductsOptions,
  sampleFrames,
} from './products.js';

/** The products in plain JavaScript, sums in float64: what the compiled ones are tested against. Needs no engine. */
export function createPlainProducts(matrix: FrameMatrix, options: ProductsOptions): Products {
  const { frames, width } = matrix;
  const columnCount = Math.max(...options.columnCounts);
  const sample = sampleFrames(matrix, options.sampleCount);
  const inputs = readAll(matrix);
  const logits: Columns = { values: new Float32Array(frames * columnCount), stride: columnCount };
  return {
    frames,
    width,
    columnCount,
    sample,
    emptyResiduals: () => ({ values: new Float32Array(frames * columnCount), stride: columnCount }),
    multiply(weights) {
      for (let frame = 0; frame < frames; frame++) {
        const at = frame * width;
        weights.forEach((column, index) => {
          let sum = 0;
          for (let channel = 0; channel < width; channel++) sum += inputs[at + channel] * column[channel];
          logits.values[frame * columnCount + index] = sum;
        });
      }
      return logits;
    },
    accumulate(residuals, columns) {
      const sums = Array.from({ length: columns }, () => new Float64Array(width));
      for (let frame = 0; frame < frames; frame++) {
        const at = frame * width;
        sums.forEach((sum, index) => {
          const residual = residuals.values[frame * columnCount + index];
          if (residual === 0) return;
          for (let channel = 0; channel < width; channel++) sum[channel] += residual * inputs[at + channel];
        });
      }
      return sums;
    },
    sampleGram: (weights) => weightedGram(sample.rows, width, weights),
    dispose() {},
  };
}

/** rows^T diag(weights) rows, [width, width]. */
function weightedGram(rows: Float32Array, width: number, weights: Float64Array): Float64Array {
  const gram = new Float64Array(width * width);
  weights.forEach((weight, row) => {
    if (weight === 0) return;
    const at = row * width;
    for (let one = 0; one < width; one++) {
      const scaled = weight * rows[at + one];
      for (let other = 0; other <= one; other++) gram[one * width + other] += scaled * rows[at + other];
    }
  });
  for (let one = 0; one < width; one++) {
    for (let other = 0; other < one; other++) gram[other * width + one] = gram[one * width + other];
  }
  return gram;
}

function readAll(matrix: FrameMatrix): Float32Array {
  const chunkFrames = 16_384;
  const inputs = new Float32Array(matrix.frames * matrix.width);
  for (let start = 0; start < matrix.frames; start += chunkFrames) {
    inputs.set(matrix.readRows(start, Math.min(matrix.frames, start + chunkFrames)), start * matrix.width);
  }
  return inputs;
}
