/**
 * Factor of a symmetric positive definite matrix: A = L L^T, L lower triangular (both [size, size], row-major).
 * @throws RangeError where a pivot isn't positive
 */
export function factorCholesky(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    const rowAt = row * size;
    for (let column = 0; column <= row; column++) {
      const columnAt = column * size;
      const sum = matrix[rowAt + column] - dot(factor, rowAt, factor, columnAt, column);
      if (column < row) {
        factor[rowAt + column] = sum / factor[columnAt + column];
        continue;
      }
      if (!(sum > 0)) throw new RangeError(`the matrix isn't positive definite: pivot ${row} is ${sum}`);
      factor[rowAt + row] = Math.sqrt(sum);
    }
  }
  return factor;
}

/** Solves L L^T x = b in place. */
export function solveCholesky(factor: Float64Array, size: number, vector: Float64Array): void {
  for (let row = 0; row < size; row++) {
    const rowAt = row * size;
    vector[row] = (vector[row] - dot(factor, rowAt, vector, 0, row)) / factor[rowAt + row];
  }
  for (let row = size - 1; row >= 0; row--) {
    const rowAt = row * size;
    const value = vector[row] / factor[rowAt + row];
    vector[row] = value;
    for (let inner = 0; inner < row; inner++) vector[inner] -= factor[rowAt + inner] * value;
  }
}

/** Four sums side by side: one alone would wait for each addition before the next. */
function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, count: number): number {
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  const whole = count - (count % 4);
  for (let index = 0; index < whole; index += 4) {
    sum0 += a[aAt + index] * b[bAt + index];
    sum1 += a[aAt + index + 1] * b[bAt + index + 1];
    sum2 += a[aAt + index + 2] * b[bAt + index + 2];
    sum3 += a[aAt + index + 3] * b[bAt + index + 3];
  }
  for (let index = whole; index < count; index++) sum0 += a[aAt + index] * b[bAt + index];
  return sum0 + sum1 + (sum2 + sum3);
}
