import { describe, expect, it } from 'vitest';
import { chooseStrength, FOLD_HELD_OUT, FOLD_TRAIN } from '../../../src/evaluation/heads/choose-strength.js';
import { fitHeads } from '../../../src/evaluation/heads/fit.js';
import { createPlainProducts } from '../../../src/evaluation/heads/plain-products.js';
import type { HeadProblem } from '../../../src/evaluation/heads/problem.js';
import { mean } from '../../../src/evaluation/statistics/mean.js';
import { seededRandom } from '../../../src/random.js';

const [frames, width] = [300, 8];
const random = seededRandom(21, 'strength');
const rows = Float32Array.from({ length: frames * width }, () => random.normal());
const products = createPlainProducts(
  { frames, width, readRows: (start, stop) => rows.subarray(start * width, stop * width) },
  { columnCounts: [12], sampleCount: 300 },
);
const minimise = { relativeGap: 1e-12, memory: 10, maxIterations: 200 };
const folds = [0, 1, 2].map((fold) =>
  Uint8Array.from({ length: frames }, (_, frame) =>
    Math.floor(frame / 100) === fold ? FOLD_HELD_OUT : FOLD_TRAIN,
  ),
);

function problemOf(label: (frame: number) => number): HeadProblem {
  const labels = Int16Array.from({ length: frames }, (_, frame) => label(frame));
  return {
    kind: 'multinomial',
    classCount: 3,
    labels,
    frameWeights: null,
    classWeights: null,
    strength: 1,
    anchor: null,
  };
}

function logLoss(problem: HeadProblem) {
  return (held: Uint32Array, probabilities: Float64Array) =>
    held.reduce((sum, frame, row) => sum + Math.log(probabilities[row * 3 + problem.labels[frame]]), 0) /
    held.length;
}

describe('choosing the strength', () => {
  const telling = problemOf((frame) =>
    rows[frame * width] + 0.3 * random.normal() > 0.4 ? 2 : Number(rows[frame * width + 1] > 0),
  );

  it('takes the best of the grid, and the fit of all frames at it', async () => {
    const strengths = [0.01, 10, 0.3, 1e-5];
    const choice = await chooseStrength(products, telling, {
      strengths,
      rule: 'chosen',
      folds,
      score: logLoss(telling),
      minimise,
    });
    expect(choice.tried.map(({ strength }) => strength)).toEqual([10, 0.3, 0.01, 1e-5]);
    const best = Math.max(...choice.tried.map(({ score }) => score));
    expect(choice.tried.find(({ score }) => score === best)?.strength).toBe(choice.strength);
    expect(choice.strength).toBeLessThan(1);
    const strength = choice.strength as number;
    const [direct] = await fitHeads(products, [{ ...telling, strength }], [null], minimise);
    expect(choice.fit.loss).toBeCloseTo(direct.loss, 7);
  });

  it('scores each frame by a head that has not seen it', async () => {
    const choice = await chooseStrength(products, telling, {
      strengths: [0.1],
      rule: 'chosen',
      folds,
      score: (held, probabilities) => {
        expect(held).toHaveLength(frames);
        return logLoss(telling)(held, probabilities);
      },
      minimise,
    });
    let sum = 0;
    for (const fold of folds) {
      const labels = telling.labels as Int16Array;
      const without = {
        ...telling,
        strength: 0.1,
        labels: labels.map((label, frame) => (fold[frame] === FOLD_TRAIN ? label : -1)),
      };
      const [fit] = await fitHeads(products, [without], [null], minimise);
      for (let frame = 0; frame < frames; frame++) {
        if (fold[frame] !== FOLD_HELD_OUT) continue;
        const logits = [0, 1, 2].map((column) => {
          let logit = fit.coefficients[column * 9 + 8];
          for (let k = 0; k < 8; k++) logit += rows[frame * 8 + k] * fit.coefficients[column * 9 + k];
          return logit;
        });
        sum += logits[labels[frame]] - Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0));
      }
    }
    expect(choice.tried[0].score).toBeCloseTo(sum / frames, 5);
  });

  it('takes a strong penalty where there is nothing to learn', async () => {
    const noise = problemOf(() => random.integer(3));
    const strengths = [10, 0.1, 0.001];
    const choice = await chooseStrength(products, noise, {
      strengths,
      rule: 'chosen',
      folds,
      score: logLoss(noise),
      minimise,
    });
    expect(choice.strength).toBe(10);
  });

  it('of equal scores takes the strongest', async () => {
    const options = { strengths: [0.1, 10, 1], rule: 'chosen' as const, folds, score: () => 0.5, minimise };
    expect((await chooseStrength(products, telling, options)).strength).toBe(10);
  });

  it('averages the heads of all strengths, those of the folds too', async () => {
    const strengths = [10, 0.3, 0.01];
    const { fit, strength, heldOut } = await chooseStrength(products, telling, {
      strengths,
      rule: 'averaged',
      folds,
      score: logLoss(telling),
      minimise,
    });
    expect(strength).toBeNull();
    const averageOf = async (problem: HeadProblem) => {
      const fits = await Promise.all(
        strengths.map((own) => fitHeads(products, [{ ...problem, strength: own }], [null], minimise)),
      );
      return fits[0][0].coefficients.map((_, at) => mean(fits.map(([one]) => one.coefficients[at])));
    };
    const whole = await averageOf(telling);
    whole.forEach((value, at) => {
      expect(fit.coefficients[at]).toBeCloseTo(value, 4);
    });
    const first = await averageOf({
      ...telling,
      labels: (telling.labels as Int16Array).map((label, frame) => (frame < 100 ? -1 : label)),
    });
    const logits = [0, 1, 2].map((column) => {
      let logit = first[column * 9 + 8];
      for (let k = 0; k < 8; k++) logit += rows[k] * first[column * 9 + k];
      return logit;
    });
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    logits.forEach((logit, target) => {
      expect(heldOut.probabilities[target]).toBeCloseTo(Math.exp(logit) / sum, 4);
    });
  });
});
