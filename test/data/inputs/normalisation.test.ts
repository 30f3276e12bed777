import { expect, it } from 'vitest';
import { measureChannels, standardise } from '../../../src/data/inputs/normalisation.js';

it('measures valid values only', () => {
  // Column 0: 1, 3 (one missing): mean 2, std 1. Column 1 is constant, column 2 not measured.
  const rows = Float32Array.from([1, 5, 9, Number.NaN, 5, 9, 3, 5, 9]);
  expect(measureChannels(rows, 3, 2, 0)).toEqual({ mean: [2, 5], std: [1, 1] });
});

it('is not stretched by a few jumps', () => {
  const values = Float32Array.from({ length: 1000 }, (_, index) =>
    index < 3 ? 1e6 : index < 6 ? -3e6 : index % 2 === 0 ? -1 : 1,
  );
  const { mean, std } = measureChannels(values, 1, 1, 0.005);
  expect(mean[0]).toBeCloseTo(0, 1);
  expect(std[0]).toBeCloseTo(1, 2);
});

it('gives a channel that was never seen a harmless scale', () => {
  expect(measureChannels(Float32Array.of(Number.NaN, Number.NaN), 1, 1, 0.005)).toEqual({
    mean: [0],
    std: [1],
  });
});

it('standardises, limits, and turns missing into 0', () => {
  const rows = Float32Array.from([4, 1, Number.NaN, 1, 100, 1]);
  standardise(rows, Uint8Array.of(1, 1, 1), 2, { mean: [2], std: [4] }, 8);
  expect([...rows]).toEqual([0.5, 1, 0, 1, 8, 1]);
});
