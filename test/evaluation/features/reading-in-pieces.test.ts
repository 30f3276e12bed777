import { describe, expect, it } from 'vitest';
import {
  createInputs,
  fitInputs,
  type InputSettings,
} from '../../../src/evaluation/features/feature-source.js';
import { everyFrame } from '../../../src/evaluation/features/head-inputs.js';
import { seededRandom } from '../../../src/random.js';

const FRAMES = 2000;
const PIECE = 100;
const random = seededRandom(3, 'pieces');
const WIDTH = 3;
/** Two channels far from zero, one of them with gaps, and one that often is exactly zero. */
const values = Float32Array.from({ length: FRAMES * WIDTH }, (_, index) => {
  if (index % WIDTH === 2) return Math.floor(index / 90) % 3 === 0 ? 1 + random.uniform() : 0;
  return index % 21 === 0 ? Number.NaN : 1000 + random.normal();
});
const sizes = [{ frames: FRAMES, framesPerSecond: 10 }];
const moments = { statistics: 'moments', scalesSeconds: [0, 0.5, 2], spread: true } as const;
const reduction = { components: 2, whiten: false } as const;
const SETTINGS: Readonly<Record<string, InputSettings>> = {
  moments: { ...moments, reduction: null, flagMissing: true },
  'reduced channels': { ...moments, reduction: { ...reduction, place: 'channels' }, flagMissing: true },
  'reduced pools': { ...moments, reduction: { ...reduction, place: 'pools' }, flagMissing: false },
  histogram: { statistics: 'histogram', scalesSeconds: [0, 2], quantiles: [0.2, 0.8], smoothSeconds: 0 },
  'smoothed histogram': {
    ...{ statistics: 'histogram', scalesSeconds: [0, 1.8], quantiles: [0.2, 0.8], smoothSeconds: 0.2 },
  },
};

describe.each(Object.entries(SETTINGS))('%s of a recording that is read in pieces', (_, settings) => {
  it('are those of the whole, and no frame is read for every piece', () => {
    let framesRead = 0;
    const features = {
      ...{ name: 'made', width: WIDTH, channelNames: ['a', 'b', 'c'] },
      read(_recording: number, start: number, stop: number) {
        framesRead += stop - start;
        return values.slice(start * WIDTH, stop * WIDTH);
      },
    };
    const fitted = fitInputs(features, sizes, settings, { recordings: [0], every: 3 });
    const inputs = createInputs(features, sizes, fitted);
    const whole = inputs.readFrames(0, everyFrame(FRAMES, 1));
    framesRead = 0;
    for (let start = 0; start < FRAMES; start += PIECE) {
      const wanted = Uint32Array.from({ length: PIECE }, (_, index) => start + index);
      const piece = inputs.readFrames(0, wanted);
      piece.forEach((value, index) => {
        const expected = whole[start * inputs.width + index];
        if (Number.isNaN(expected)) expect(value).toBeNaN();
        else expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
      });
    }
    // 20 pieces, with at most 2 s of 10 frames on either side
    expect(framesRead).toBeLessThanOrEqual(FRAMES + 20 * 2 * 20);
    expect(inputs.readFrames(0, new Uint32Array(0))).toHaveLength(0);
  });
});
