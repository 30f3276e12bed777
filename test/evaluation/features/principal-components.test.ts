import { describe, expect, it } from 'vitest';
import {
  fitPrincipalComponents,
  projectRows,
} from '../../../src/evaluation/features/principal-components.js';
import { decomposeSymmetric } from '../../../src/evaluation/features/symmetric-eigen.js';
import { seededRandom } from '../../../src/random.js';

const random = seededRandom(3, 'components');

describe('symmetric eigenvectors', () => {
  it('of a 2 x 2 matrix by hand: [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, -1)', () => {
    const { values, vectors } = decomposeSymmetric(Float64Array.of(2, 1, 1, 2), 2);
    expect(values[0]).toBeCloseTo(3, 12);
    expect(values[1]).toBeCloseTo(1, 12);
    expect(Math.abs(vectors[0])).toBeCloseTo(Math.SQRT1_2, 12);
    expect(vectors[0] * vectors[1]).toBeCloseTo(0.5, 12);
  });

  for (const size of [1, 2, 3, 12, 40]) {
    it(`A v = value v, rows orthonormal, size ${size}`, () => {
      const half = Float64Array.from({ length: size * size }, () => random.normal());
      // a zero row and column, and a repeated value, are the hard cases
      const matrix = new Float64Array(size * size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          if (i === 1 || j === 1) continue;
          for (let k = 0; k < Math.max(1, size - 3); k++) {
            matrix[i * size + j] += half[i * size + k] * half[j * size + k];
          }
        }
      }
      const { values, vectors } = decomposeSymmetric(matrix, size);
      for (let one = 0; one < size; one++) {
        const row = vectors.subarray(one * size, (one + 1) * size);
        for (let other = 0; other < size; other++) {
          let [product, inner] = [0, 0];
          for (let k = 0; k < size; k++) {
            product += matrix[other * size + k] * row[k];
            inner += vectors[other * size + k] * row[k];
          }
          expect(product).toBeCloseTo(values[one] * row[other], 9);
          expect(inner).toBeCloseTo(one === other ? 1 : 0, 10);
        }
        if (one > 0) expect(values[one]).toBeLessThanOrEqual(values[one - 1]);
      }
    });
  }
});

describe('principal components', () => {
  const [frames, width] = [400, 6];
  const rows = new Float32Array(frames * width);
  for (let frame = 0; frame < frames; frame++) {
    const [a, b] = [random.normal(), random.normal()];
    for (let channel = 0; channel < width; channel++) {
      rows[frame * width + channel] =
        10 ** channel * (a * (channel + 1) + b * (channel - 2) + 0.3 * random.normal());
    }
  }

  it('whitened have unit variance and no correlation on their training frames', () => {
    const fitted = fitPrincipalComponents(rows, width, 4, true);
    const projected = projectRows(rows, fitted);
    for (let one = 0; one < 4; one++) {
      for (let other = 0; other < 4; other++) {
        let sum = 0;
        for (let frame = 0; frame < frames; frame++)
          sum += projected[frame * 4 + one] * projected[frame * 4 + other];
        expect(sum / frames).toBeCloseTo(one === other ? 1 : 0, 4);
      }
    }
  });

  it('not whitened keep distances between standardised frames when all are kept', () => {
    const fitted = fitPrincipalComponents(rows, width, width, false);
    const projected = projectRows(rows, fitted);
    let [before, after] = [0, 0];
    for (let channel = 0; channel < width; channel++) {
      before += ((rows[channel] - rows[width + channel]) / fitted.standardiser.scale[channel]) ** 2;
      after += (projected[channel] - projected[width + channel]) ** 2;
    }
    expect(after / before).toBeCloseTo(1, 5);
    expect(fitted.varianceShares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('leave out directions without variance', () => {
    const twice = Float32Array.from({ length: 40 }, (_, index) => Math.sin(index >> 1));
    expect(fitPrincipalComponents(twice, 2, 2, true).components).toBe(1);
  });

  it('know nothing of a frame of which nothing is known', () => {
    const fitted = fitPrincipalComponents(rows, width, 2, true);
    expect([...projectRows(new Float32Array(width).fill(Number.NaN), fitted)]).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
  });
});
