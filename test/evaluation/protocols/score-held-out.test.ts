import { expect, it } from 'vitest';
import { applyHead, correctPriors, type Head } from '../../../src/evaluation/heads/head.js';
import { correctHeldOut, scoreHeldOut } from '../../../src/evaluation/protocols/fit-task-head.js';
import { socialTask } from './made-dataset.js';

const task = { ...socialTask, classes: ['a', 'b'], scoredClasses: ['b'] };
const labels = Int16Array.of(0, -1, 1, 0);
const frames = Uint32Array.of(0, 2, 3);
const probabilities = Float64Array.of(0.8, 0.2, 0.4, 0.6, 0.3, 0.7);
const scoreBy = (chooseBy: 'map' | 'f1' | 'loss') =>
  scoreHeldOut({ task, settings: { chooseBy } as never }, labels, frames, probabilities);

it('scores what folds held out by hand numbers', () => {
  // b ranked .7 (a), .6 (b), .2: precision 1/2 at the only b. F1 of b: 1 hit of 2 predicted and 1 true: 2/3.
  expect(scoreBy('map')).toBeCloseTo(1 / 2, 12);
  expect(scoreBy('f1')).toBeCloseTo(2 / 3, 12);
  expect(scoreBy('loss')).toBeCloseTo((Math.log(0.8) + Math.log(0.6) + Math.log(0.3)) / 3, 12);
});

it('corrects priors of probabilities as it does those of the head that gave them', () => {
  const head: Head = {
    ...{ kind: 'multinomial', classNames: ['a', 'b', 'c'], strength: 1 },
    standardiser: { mean: Float64Array.of(0), scale: Float64Array.of(1), clip: 10 },
    coefficients: { columns: 3, width: 1, values: Float64Array.of(1, 0, -1, 0.5, 0.3, -0.2) },
  };
  const [weighted, counted] = [
    [1 / 3, 1 / 3, 1 / 3],
    [0.7, 0.2, 0.1],
  ];
  const inputs = Float32Array.of(0.5, -1);
  const before = Float64Array.from(applyHead(head, inputs, 2));
  const { probabilities: after } = correctHeldOut(
    { frames: Uint32Array.of(0, 1), probabilities: before },
    { weighted, counted },
  );
  const expected = applyHead(correctPriors(head, weighted, counted), inputs, 2);
  after.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index], 6);
  });
  expect(after[0] + after[1] + after[2]).toBeCloseTo(1, 12);
});
