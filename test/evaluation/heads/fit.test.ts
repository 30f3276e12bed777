import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Fit, fitHeads } from '../../../src/evaluation/heads/fit.js';
import { applyHead } from '../../../src/evaluation/heads/head.js';
import { createPlainProducts } from '../../../src/evaluation/heads/plain-products.js';
import type { HeadProblem } from '../../../src/evaluation/heads/problem.js';
import type { FrameMatrix } from '../../../src/evaluation/heads/products.js';
import { createMoments, standardise } from '../../../src/evaluation/heads/standardise.js';
import { seededRandom } from '../../../src/random.js';

interface Solution {
  strength: number;
  loss: number;
  probabilities: number[];
}
interface Golden {
  frames: number;
  width: number;
  classCount: number;
  inputs: number[];
  labels: number[];
  frameWeights: number[];
  classWeights: number[];
  multinomial: Solution[];
  weighted: Solution;
  binary: Solution[];
}
const golden: Golden = JSON.parse(
  readFileSync(new URL('../../golden/sklearn-heads.json', import.meta.url), 'utf8'),
);
const options = { relativeGap: 1e-10, memory: 10, maxIterations: 200 };
const inputs = Float32Array.from(golden.inputs);
const moments = createMoments(golden.width);
moments.add(inputs);
const standardiser = moments.standardiser(null, null);

function matrixOf(rows: Float32Array, width: number): FrameMatrix {
  return {
    frames: rows.length / width,
    width,
    readRows: (start, stop) => rows.subarray(start * width, stop * width),
  };
}

function productsOf(rows: Float32Array, width: number) {
  return createPlainProducts(matrixOf(rows, width), { columnCounts: [4], sampleCount: 1000 });
}

const problem: HeadProblem = {
  kind: 'multinomial',
  classCount: golden.classCount,
  labels: golden.labels,
  frameWeights: null,
  classWeights: null,
  strength: 0.03,
  anchor: null,
};

function probabilitiesOf(fit: Fit): Float32Array {
  const { kind, classCount, strength } = fit.problem;
  const classNames = Array.from({ length: classCount }, (_, index) => `class ${index}`);
  const columns = kind === 'binary' ? 1 : classCount;
  const coefficients = { columns, width: golden.width, values: fit.coefficients };
  return applyHead({ kind, classNames, standardiser, coefficients, strength }, inputs, golden.frames);
}

async function expectSolution(given: HeadProblem, solution: Solution) {
  const products = productsOf(standardise(inputs, standardiser), golden.width);
  const [fit] = await fitHeads(products, [{ ...given, strength: solution.strength }], [null], options);
  expect(fit.status).toBe('converged');
  expect(Math.abs(fit.loss / solution.loss - 1)).toBeLessThan(1e-6);
  probabilitiesOf(fit).forEach((probability, index) => {
    expect(Math.abs(probability - solution.probabilities[index])).toBeLessThan(1e-4);
  });
}

describe('a head has the optimum of scikit-learn', () => {
  for (const solution of golden.multinomial) {
    it(`multinomial, strength ${solution.strength}`, () => expectSolution(problem, solution));
  }
  for (const solution of golden.binary) {
    const labels = golden.labels.map((label) => Number(label === 1));
    it(`binary, strength ${solution.strength}`, () =>
      expectSolution({ ...problem, kind: 'binary', classCount: 2, labels }, solution));
  }
  it('with frame and class weights', () =>
    expectSolution(
      { ...problem, frameWeights: golden.frameWeights, classWeights: golden.classWeights },
      golden.weighted,
    ));
});

describe('laws of fitting', () => {
  const rows = standardise(inputs, standardiser);
  const all = productsOf(rows, golden.width);

  it('ignoring frames is removing them', async () => {
    const kept = golden.labels.map((_, frame) => frame % 3 !== 0);
    const ignored = {
      ...problem,
      labels: golden.labels.map((label, frame) => (kept[frame] || frame % 2 === 0 ? label : -1)),
      frameWeights: golden.labels.map((_, frame) => Number(kept[frame] || frame % 2 === 1)),
    };
    const frames = golden.labels.map((_, frame) => frame).filter((frame) => kept[frame]);
    const removed = Float32Array.from(
      frames.flatMap((frame) => [...rows.subarray(frame * golden.width, (frame + 1) * golden.width)]),
    );
    const [a] = await fitHeads(all, [ignored], [null], options);
    const fewer = { ...problem, labels: frames.map((frame) => golden.labels[frame]) };
    const [b] = await fitHeads(productsOf(removed, golden.width), [fewer], [null], options);
    expect(a.loss).toBeCloseTo(b.loss, 8);
    a.coefficients.forEach((value, index) => {
      // the biases of a softmax are only known up to a common number
      if (index % (golden.width + 1) !== golden.width) expect(value).toBeCloseTo(b.coefficients[index], 4);
    });
  });

  it('a tied head of infinite strength is its anchor, of no strength it is free', async () => {
    const random = seededRandom(1, 'anchor');
    const values = Float64Array.from({ length: 4 * (golden.width + 1) }, () => random.normal());
    const anchor = { columns: 4, width: golden.width, values };
    const [tied] = await fitHeads(all, [{ ...problem, anchor, strength: 1e9 }], [null], options);
    tied.coefficients.forEach((value, index) => {
      expect(value).toBeCloseTo(values[index], 6);
    });
    const [free] = await fitHeads(all, [{ ...problem, strength: 1e-6 }], [null], options);
    const [loose] = await fitHeads(all, [{ ...problem, anchor, strength: 1e-6 }], [null], options);
    expect(loose.loss).toBeCloseTo(free.loss, 3);
  });

  it('company changes nothing, and a warm start arrives at the same place', async () => {
    const binary = {
      ...problem,
      kind: 'binary' as const,
      classCount: 2,
      labels: golden.labels.map((k) => +(k > 1)),
    };
    const [alone] = await fitHeads(all, [problem], [null], options);
    const together = await fitHeads(
      all,
      [problem, { ...problem, strength: 1 }, binary],
      [null, null, null],
      options,
    );
    expect(together[0].coefficients).toEqual(alone.coefficients);
    const [warm] = await fitHeads(all, [problem], [together[1].coefficients], options);
    expect(warm.loss).toBeCloseTo(alone.loss, 8);
  });

  it('the class frequencies are met exactly: a free bias leaves no mean residual', async () => {
    const [fit] = await fitHeads(all, [problem], [null], options);
    const probabilities = probabilitiesOf(fit);
    for (let target = 0; target < 4; target++) {
      let believed = 0;
      for (let frame = 0; frame < golden.frames; frame++) believed += probabilities[frame * 4 + target];
      expect(believed).toBeCloseTo(golden.labels.filter((label) => label === target).length, 1);
    }
  });

  it('refuses a problem with one class, and a strength of 0', async () => {
    const alone = { ...problem, labels: golden.labels.map(() => 1) };
    await expect(fitHeads(all, [alone], [null], options)).rejects.toThrow(/two classes/);
    await expect(fitHeads(all, [{ ...problem, strength: 0 }], [null], options)).rejects.toThrow(/above 0/);
  });
});
