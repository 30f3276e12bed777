/** Eigenvalues from large to small, and their unit eigenvectors as rows: [component, size]. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * Eigenvectors of a symmetric matrix [size, size]: Householder's reduction to tridiagonal form and implicit QL
 * (Wilkinson & Reinsch 1971, `tred2` and `tql2`). About 5 size^3 operations.
 */
export function decomposeSymmetric(matrix: Float64Array, size: number): Eigen {
  const vectors = matrix.slice();
  const diagonal = new Float64Array(size);
  const off = new Float64Array(size);
  reduceToTridiagonal(vectors, diagonal, off, size);
  const transposed = transpose(vectors, size); // rows are what the rotations mix: contiguous
  solveTridiagonal(transposed, diagonal, off, size);
  const order = [...diagonal.keys()].sort((a, b) => diagonal[b] - diagonal[a]);
  const sorted = new Float64Array(size * size);
  order.forEach((from, to) => {
    sorted.set(transposed.subarray(from * size, (from + 1) * size), to * size);
  });
  return { values: Float64Array.from(order, (index) => diagonal[index]), vectors: sorted };
}

function transpose(matrix: Float64Array, size: number): Float64Array {
  const output = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) output[column * size + row] = matrix[row * size + column];
  }
  return output;
}

/** On return `a` holds the orthogonal transformation, `d` the diagonal, `e` the off-diagonal from 1 on. */
function reduceToTridiagonal(a: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(a[row + k]);
    if (i === 1 || scale === 0) {
      e[i] = a[row + i - 1];
      d[i] = 0;
      continue;
    }
    let h = 0;
    for (let k = 0; k < i; k++) {
      a[row + k] /= scale;
      h += a[row + k] * a[row + k];
    }
    const f = a[row + i - 1];
    const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
    e[i] = scale * g;
    h -= f * g;
    a[row + i - 1] = f - g;
    applyReflection(a, e, n, i, h);
    d[i] = h;
  }
  d[0] = 0;
  e[0] = 0;
  accumulateReflections(a, d, n);
}

/** p = A u / h, K = u^T p / 2h, q = p - K u, A -= q u^T + u q^T. */
function applyReflection(a: Float64Array, e: Float64Array, n: number, i: number, h: number): void {
  const row = i * n;
  let f = 0;
  for (let j = 0; j < i; j++) {
    a[j * n + i] = a[row + j] / h;
    let g = 0;
    for (let k = 0; k <= j; k++) g += a[j * n + k] * a[row + k];
    for (let k = j + 1; k < i; k++) g += a[k * n + j] * a[row + k];
    e[j] = g / h;
    f += e[j] * a[row + j];
  }
  const half = f / (h + h);
  for (let j = 0; j < i; j++) {
    const u = a[row + j];
    const q = e[j] - half * u;
    e[j] = q;
    for (let k = 0; k <= j; k++) a[j * n + k] -= u * e[k] + q * a[row + k];
  }
}

function accumulateReflections(a: Float64Array, d: Float64Array, n: number): void {
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    if (d[i] !== 0) {
      sums.fill(0, 0, i);
      for (let k = 0; k < i; k++) for (let j = 0; j < i; j++) sums[j] += a[row + k] * a[k * n + j];
      for (let k = 0; k < i; k++) for (let j = 0; j < i; j++) a[k * n + j] -= sums[j] * a[k * n + i];
    }
    d[i] = a[row + i];
    a[row + i] = 1;
    for (let j = 0; j < i; j++) {
      a[j * n + i] = 0;
      a[row + j] = 0;
    }
  }
}

/** Turns `d` into the eigenvalues and the rows of `z` into the eigenvectors. */
function solveTridiagonal(z: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let attempt = 0; ; attempt++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
      if (m === l) break;
      if (attempt === 60) throw new RangeError('the eigenvalues did not converge');
      rotate(z, d, e, n, l, m);
    }
  }
}

/** One implicit QL step on rows l .. m. */
function rotate(z: Float64Array, d: Float64Array, e: Float64Array, n: number, l: number, m: number): void {
  let g = (d[l + 1] - d[l]) / (2 * e[l]);
  let r = Math.hypot(g, 1);
  g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
  let [s, c, p] = [1, 1, 0];
  let i = m - 1;
  for (; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      break;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    const [low, high] = [i * n, (i + 1) * n];
    for (let k = 0; k < n; k++) {
      const upper = z[high + k];
      z[high + k] = s * z[low + k] + c * upper;
      z[low + k] = c * z[low + k] - s * upper;
    }
  }
  if (r === 0 && i >= l) return;
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}
