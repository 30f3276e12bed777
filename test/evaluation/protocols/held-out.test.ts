import { expect, it } from 'vitest';
import { joinHeldOut } from '../../../src/evaluation/protocols/held-out.js';

const RECORDINGS = [{ framesPerSecond: 30 }, { framesPerSecond: 25 }];
/** Every fifth frame; of the first recording frame 15 carries no label. */
const PLACES = [
  { recording: 0, frames: Uint32Array.of(0, 5, 10, 20, 25), labels: Int16Array.of(0, 1, 1, 0, 0) },
  { recording: 1, frames: Uint32Array.of(0, 5, 10), labels: Int16Array.of(1, 1, 0) },
];

function fitOf(frames: readonly number[], first: readonly number[]) {
  const probabilities = Float64Array.from(first.flatMap((value) => [value, 1 - value]));
  return { places: PLACES, heldOut: { frames: Uint32Array.from(frames), probabilities } };
}

it('parts runs where a frame carries no label, was not held out, or belongs to another recording', () => {
  // Training frame 6 (recording 1, frame 5) was in no fold.
  const fit = fitOf([0, 1, 2, 3, 4, 5, 7], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
  const runs = joinHeldOut([fit], 2, 5, RECORDINGS);
  expect(runs?.map(({ labels }) => [...labels])).toEqual([[0, 1, 1], [0, 0], [1], [0]]);
  expect(runs?.map(({ framesPerSecond }) => framesPerSecond)).toEqual([6, 6, 5, 5]);
  expect(runs?.map(({ probabilities }) => Number(probabilities[0].toFixed(6)))).toEqual([0.1, 0.4, 0.6, 0.7]);
});

it('fuses what several heads say', () => {
  // sqrt(.8 x .5) : sqrt(.2 x .5) = 2 : 1
  const [run] = joinHeldOut([fitOf([0], [0.8]), fitOf([0], [0.5])], 2, 5, RECORDINGS) ?? [];
  expect(run.probabilities[0]).toBeCloseTo(2 / 3, 6);
});

it('has nothing to say where a head was fitted at one strength, without folds', () => {
  const without = { places: PLACES, heldOut: null };
  expect(joinHeldOut([fitOf([0], [0.8]), without], 2, 5, RECORDINGS)).toBeNull();
});
