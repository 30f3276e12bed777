import { describe, expect, it } from 'vitest';
import { countPools, poolFrames } from '../../../src/evaluation/features/pool.js';
import { seededRandom } from '../../../src/random.js';

const random = seededRandom(7, 'pool');
const [frames, width] = [120, 70]; // more than one block of channels
const values = Float32Array.from({ length: frames * width }, (_, index) =>
  random.uniform() < 0.2 || index % width === 5 ? Number.NaN : 1000 + random.normal(),
);

/** Mean and population standard deviation of the known values of a window. */
function poolSlowly(frame: number, channel: number, reach: number): [number, number] {
  const known: number[] = [];
  for (let other = Math.max(0, frame - reach); other <= Math.min(frames - 1, frame + reach); other++) {
    const value = values[other * width + channel];
    if (!Number.isNaN(value)) known.push(value);
  }
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return [mean, Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length)];
}

describe('pooling', () => {
  const reaches = [0, 1, 7, 500];
  const at = Uint32Array.of(0, 3, 60, 119);
  const pooled = poolFrames(values, width, at, reaches, true);
  const pools = countPools(reaches, true);

  it('has one pool of the frame itself and two of each window', () => {
    expect(pools).toBe(7);
    expect(pooled.length).toBe(at.length * 7 * width);
    expect(countPools(reaches, false)).toBe(4);
  });

  it('equals brute force: clipped at the edges, missing values left out', () => {
    at.forEach((frame, row) => {
      for (let channel = 0; channel < width; channel++) {
        const got = (pool: number) => pooled[(row * pools + pool) * width + channel];
        expect(got(0)).toEqual(values[frame * width + channel]);
        [1, 7, 500].forEach((reach, scale) => {
          const [mean, spread] = poolSlowly(frame, channel, reach);
          if (Number.isNaN(mean)) {
            expect(got(1 + 2 * scale)).toBeNaN();
            return;
          }
          expect(Math.abs(got(1 + 2 * scale) - mean)).toBeLessThan(1e-3); // float32 near 1000
          expect(Math.abs(got(2 + 2 * scale) - spread)).toBeLessThan(1e-5);
        });
      }
    });
  });

  it('without spreads gives the same means', () => {
    const means = poolFrames(values, width, at, [7], false);
    expect(means[2 * width]).toBe(pooled[(2 * pools + 3) * width]);
  });

  it('never writes to its input', () => {
    const copy = values.slice();
    poolFrames(copy, width, at, reaches, true);
    expect(copy).toEqual(values);
  });
});
