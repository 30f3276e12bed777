import { describe, expect, it } from 'vitest';
import { createCompiledProducts } from '../../../src/evaluation/heads/compiled-products.js';
import { fitHeads } from '../../../src/evaluation/heads/fit.js';
import { createPlainProducts } from '../../../src/evaluation/heads/plain-products.js';
import type { HeadProblem } from '../../../src/evaluation/heads/problem.js';
import type { FrameMatrix } from '../../../src/evaluation/heads/products.js';
import { seededRandom } from '../../../src/random.js';
import { isNativeEngineMissing, startCpu } from '../../engine/installed.js';

// More frames than a chunk holds, and not a multiple of anything.
const [frames, width] = [16_384 + 777, 9];
const random = seededRandom(11, 'products');
const rows = Float32Array.from({ length: frames * width }, () => random.normal());
const matrix: FrameMatrix = {
  frames,
  width,
  readRows: (start, stop) => rows.slice(start * width, stop * width),
};
const options = { columnCounts: [2, 5], sampleCount: 2000 };

describe.skipIf(isNativeEngineMissing)('compiled products', () => {
  it.each([1, 3])('equal the plain ones, in every width, in %i parts', async (parts) => {
    const partBytes = Math.ceil((frames * width * 4) / parts);
    const compiled = await createCompiledProducts(await startCpu(), matrix, options, partBytes);
    const plain = createPlainProducts(matrix, options);
    for (const columns of [1, 2, 4]) {
      const weights = Array.from({ length: columns }, () =>
        Float64Array.from({ length: width }, () => random.normal()),
      );
      const [a, b] = [compiled.multiply(weights), plain.multiply(weights)];
      for (let frame = 0; frame < frames; frame += 97) {
        for (let column = 0; column < columns; column++) {
          const difference = a.values[frame * a.stride + column] - b.values[frame * b.stride + column];
          expect(Math.abs(difference)).toBeLessThan(1e-5);
        }
      }
      const [r, s] = [compiled.emptyResiduals(columns), plain.emptyResiduals(columns)];
      for (let frame = 0; frame < frames; frame++) {
        for (let column = 0; column < columns; column++) {
          const value = random.normal();
          r.values[frame * r.stride + column] = value;
          s.values[frame * s.stride + column] = value;
        }
      }
      const expected = plain.accumulate(s, columns);
      compiled.accumulate(r, columns).forEach((sum, column) => {
        sum.forEach((value, channel) => {
          expect(Math.abs(value - expected[column][channel])).toBeLessThan(1e-2); // sums of 17,161 normals, about 130
        });
      });
    }
    compiled.dispose();
  });

  it('lead to the same head', async () => {
    const labels = Int16Array.from(
      { length: frames },
      (_, frame) => Number(rows[frame * width] + random.normal() > 0) + Number(rows[frame * width + 1] > 1),
    );
    const problem: HeadProblem = {
      kind: 'multinomial',
      classCount: 3,
      labels,
      frameWeights: null,
      classWeights: null,
      strength: 0.01,
      anchor: null,
    };
    const settings = { relativeGap: 1e-10, memory: 10, maxIterations: 100 };
    const compiled = await createCompiledProducts(await startCpu(), matrix, options);
    const [a] = await fitHeads(compiled, [problem], [null], settings);
    const [b] = await fitHeads(createPlainProducts(matrix, options), [problem], [null], settings);
    expect(a.status).toBe('converged');
    expect(Math.abs(a.loss / b.loss - 1)).toBeLessThan(1e-9);
    a.coefficients.forEach((value, index) => {
      expect(Math.abs(value - b.coefficients[index])).toBeLessThan(1e-4);
    });
    compiled.dispose();
  });
});
