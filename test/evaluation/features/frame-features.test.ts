import { expect, it } from 'vitest';
import { computeInPieces } from '../../../src/evaluation/features/frame-features.js';

it('computes a long recording piece by piece, each once while a reader goes forwards', () => {
  const computed: [number, number, number][] = [];
  const features = computeInPieces(
    { name: 'made', width: 2 },
    () => 80_000,
    (recording, start, stop) => {
      computed.push([recording, start, stop]);
      return Float32Array.from({ length: (stop - start) * 2 }, (_, index) => 2 * start + index);
    },
  );
  for (let start = 0; start < 80_000; start += 10_000) {
    const [from, to] = [Math.max(0, start - 500), Math.min(80_000, start + 10_500)];
    const values = features.read(3, from, to);
    expect([values[0], values.at(-1), values.length]).toEqual([2 * from, 2 * to - 1, 2 * (to - from)]);
    expect(values[1234]).toBe(2 * from + 1234); // over the edges of pieces too
  }
  expect(computed).toEqual([
    [3, 0, 32_768],
    [3, 32_768, 65_536],
    [3, 65_536, 80_000],
  ]);
  // Three pieces are more than are kept: the first is computed anew.
  features.read(3, 0, 1);
  expect(computed).toHaveLength(4);
  expect(features.read(3, 5, 5)).toHaveLength(0);
});
