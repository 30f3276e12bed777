import { describe, expect, it } from 'vitest';
import { createHistogramInputs, fitHistogram } from '../../../src/evaluation/features/histogram-inputs.js';
import { wholeFeatures } from './whole-features.js';

describe('histogram pooling', () => {
  it('takes thresholds from the training recordings and fills what is missing with their mean', () => {
    const values = [
      Float32Array.from({ length: 100 }, (_, frame) => (frame === 7 ? Number.NaN : frame)),
      Float32Array.of(Number.NaN, 30, 90),
    ];
    const sizes = values.map(({ length }) => ({ frames: length, framesPerSecond: 10 }));
    const features = wholeFeatures({ name: 'ramp', width: 1, channelNames: ['x'] }, (index) => values[index]);
    const settings = {
      statistics: 'histogram',
      scalesSeconds: [0],
      quantiles: [0.2, 0.8],
      smoothSeconds: 0,
    } as const;
    const fitted = fitHistogram(features, sizes, settings, { recordings: [0], every: 1 });
    expect(fitted.fill[0]).toBeCloseTo((4950 - 7) / 99, 4); // 49.93
    expect([...fitted.thresholds]).toEqual([21, 80]); // one value moved from 7 to the middle
    const inputs = createHistogramInputs(features, sizes, fitted);
    expect(inputs.channelNames).toEqual(['x.above0.2.0s', 'x.above0.8.0s']);
    expect([...inputs.readFrames(1, Uint32Array.of(0, 1, 2))]).toEqual([1, 0, 1, 0, 1, 1]);
  });
});
