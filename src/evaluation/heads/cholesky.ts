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
      let sum = matrix[rowAt + column];
      for (let inner = 0; inner < column; inner++) sum -= factor[rowAt + inner] * factor[columnAt + inner];
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
    let sum = vector[row];
    for (let inner = 0; inner < row; inner++) sum -= factor[rowAt + inner] * vector[inner];
    vector[row] = sum / factor[rowAt + row];
  }
  for (let row = size - 1; row >= 0; row--) {
    const rowAt = row * size;
    const value = vector[row] / factor[rowAt + row];
    vector[row] = value;
    for (let inner = 0; inner < row; inner++) vector[inner] -= factor[rowAt + inner] * value;
  }
}
