import { describe, expect, it } from 'vitest';
import { createFrontEnd } from '../../../src/data/inputs/front-end.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import { fitNormalisation } from '../../../src/data/windows/fit-normalisation.js';
import { PAIR, walkingRecording } from '../walking-animals.js';
import { FRONT_END } from '../window-options.js';

const dataset = createMemoryDataset(PAIR, [
  walkingRecording(1, { frames: 900, missing: 0.2 }),
  walkingRecording(2, { frames: 900, missing: 0.2 }),
]);
const frontEnd = createFrontEnd(FRONT_END, PAIR);

function measure(
  changes: { recordings?: number[]; windows?: number; seed?: number; windowFrames?: number } = {},
) {
  const options = { recordings: [0, 1], windows: 40, seed: 1, windowFrames: 32, ...changes };
  return fitNormalisation({ dataset, frontEnd, bodyLengths: [60, 60], ...options });
}

/** Raw channels of a whole recording: what the sample is drawn from. */
function channel(recording: number, name: string): number[] {
  const out = new Float32Array(900 * frontEnd.channels.length);
  const pose = dataset.readPose(recording, 0, 900);
  frontEnd.encode({ pose, visible: new Uint8Array(900).fill(1), order: [0, 1], bodyLength: 60 }, null, out);
  const column = frontEnd.channels.indexOf(name);
  return Array.from({ length: 900 }, (_, time) => out[time * frontEnd.channels.length + column]);
}

describe('fitNormalisation', () => {
  it('measures what the recordings hold', () => {
    const { inputs, targets } = measure({ windows: 1000 });
    expect(inputs.mean.length).toBe(frontEnd.valueCount);
    expect(targets.mean.length).toBe(frontEnd.targetChannels.length);
    const column = frontEnd.channels.indexOf('focal.nose.x');
    const known = [0, 1]
      .flatMap((recording) => channel(recording, 'focal.nose.x'))
      .filter((x) => !Number.isNaN(x));
    const mean = known.reduce((sum, x) => sum + x, 0) / known.length;
    const spread = Math.sqrt(known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / known.length);
    expect(inputs.mean[column]).toBeCloseTo(mean, 1);
    expect(inputs.std[column] / spread).toBeCloseTo(1, 1);
  });

  it('follows from seed and recordings, and looks at no others', () => {
    expect(measure()).toEqual(measure());
    expect(measure({ seed: 2 })).not.toEqual(measure());
    const other = createMemoryDataset(PAIR, [
      walkingRecording(1, { frames: 900, missing: 0.2 }),
      walkingRecording(9, { frames: 900 }),
    ]);
    const options = {
      frontEnd,
      bodyLengths: [60, 60],
      recordings: [0],
      windows: 40,
      seed: 1,
      windowFrames: 32,
    };
    expect(fitNormalisation({ ...options, dataset: other })).toEqual(
      fitNormalisation({ ...options, dataset }),
    );
  });

  it('thins out what is too much to keep', () => {
    const long = createMemoryDataset(PAIR, [walkingRecording(3, { frames: 35_000 })]);
    const options = {
      dataset: long,
      frontEnd,
      bodyLengths: [60],
      recordings: [0],
      seed: 1,
      windowFrames: 500,
    };
    const [some, all] = [20, 140].map((windows) => fitNormalisation({ ...options, windows }));
    some.inputs.std.forEach((std, column) => {
      expect(std / all.inputs.std[column]).toBeGreaterThan(0.5);
      expect(std / all.inputs.std[column]).toBeLessThan(2);
    });
  });
});
