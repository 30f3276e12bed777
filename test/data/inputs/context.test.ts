import { describe, expect, it } from 'vitest';
import { createFrontEnd, type FrontEndSettings } from '../../../src/data/inputs/front-end.js';
import { measureQuantiles } from '../../../src/data/inputs/normalisation.js';
import { shareAbove } from '../../../src/data/inputs/share-above.js';
import { PAIR, walkingPose } from '../walking-animals.js';
import { FRONT_END } from '../window-options.js';

const OFF = { pose: false, motion: false, keypointMotion: false, kinematics: false };
const CONTEXT = {
  ...OFF,
  kinematics: true,
  scalesSeconds: [0.2, 1],
  quantiles: [0.2, 0.8],
  smoothSeconds: 0.17,
};
const SETTINGS: FrontEndSettings = {
  ...FRONT_END,
  inputs: { ...OFF, flags: false, context: CONTEXT },
  targets: { ...OFF, context: true, smoothSeconds: 0 },
};

describe('shareAbove', () => {
  it('counts by hand', () => {
    // one channel, thresholds 1 and 3; +-1 frame around frame 0 (clipped) and 2, and the frame itself
    const values = Float32Array.of(0, 2, 4, 2, 0);
    const shares = shareAbove(values, 1, null, [0, 2], [1, 0], Float64Array.of(1, 3));
    expect([...shares]).toEqual([1 / 2, 0, 0, 0, 1, 1 / 3, 1, 1].map(Math.fround));
  });

  it('leaves frames out that do not count', () => {
    // frame 2 is left out: of frames 1 and 3, both lie above 1; of frame 2 alone nothing is known
    const values = Float32Array.of(0, 2, 0, 2, 0);
    const counted = Uint8Array.of(1, 1, 0, 1, 1);
    expect([...shareAbove(values, 1, counted, [2], [1, 0], [1])]).toEqual([1, 0]);
    expect([...shareAbove(values, 1, counted, [2], [2], [1])]).toEqual([1 / 2]);
  });
});

describe('measureQuantiles', () => {
  it('counts what is missing as the mean', () => {
    // known 1, 3, 8: mean 4; sorted 1, 3, 4, 4, 8: entries number floor(.2 x 5) = 1 and floor(.8 x 5) = 4
    const rows = Float32Array.of(8, Number.NaN, 1, 3, Number.NaN);
    expect(measureQuantiles(rows, 1, [0.2, 0.8])).toEqual({ fill: [4], thresholds: [3, 8] });
  });
});

describe('contexts', () => {
  const { context, orders } = createFrontEnd(SETTINGS, PAIR);
  if (context === null) throw new Error('the settings ask for a context');
  const { marginFrames, channelCount, names } = context;
  const frames = 400;
  const pose = walkingPose(3, frames, 2, 0.2);
  const visible = new Uint8Array(frames).fill(1);
  const about = { order: [0, 1], bodyLength: 60 };
  const thresholds = measureQuantiles(context.measure({ ...about, pose, visible }), channelCount, [0.2, 0.8]);

  it('are shares of the channels that they are named after', () => {
    const rows = context.measure({ ...about, pose, visible });
    const [shares] = [context.shares({ ...about, pose, visible }, thresholds, [200])];
    expect(shares.length).toBe(2 * 2 * channelCount);
    const column = names.indexOf('between.centres.above0.2.1s');
    const channel = column % channelCount;
    const threshold = thresholds.thresholds[channel];
    let above = 0;
    for (let frame = 170; frame <= 230; frame++) {
      const value = rows[frame * channelCount + channel];
      if ((Number.isNaN(value) ? thresholds.fill[channel] : value) > threshold) above++;
    }
    expect(shares[column]).toBeCloseTo(above / 61, 6);
    expect(above).toBeGreaterThan(0);
  });

  it('need no more than their margin', () => {
    const whole = context.shares({ ...about, pose, visible }, thresholds, [200]);
    const [from, to] = [200 - marginFrames, 201 + marginFrames];
    const part = { pose: pose.slice(from * 28, to * 28), visible: visible.slice(from, to) };
    expect(context.shares({ ...about, ...part }, thresholds, [marginFrames])).toEqual(whole);
  });

  it('tell nothing of hidden frames', () => {
    const hidden = visible.map((_, frame) => (frame >= 190 && frame < 215 ? 0 : 1));
    const told = context.shares({ ...about, pose, visible: hidden }, thresholds, [180, 200, 230]);
    const poisoned = pose.map((value, index) => {
      const frame = Math.floor(index / 28);
      return frame >= 190 && frame < 215 ? 1e4 * Math.sin(index) : value;
    });
    const window = { ...about, pose: poisoned, visible: hidden };
    expect(context.shares(window, thresholds, [180, 200, 230])).toEqual(told);
    expect(told).not.toEqual(context.shares({ ...about, pose, visible }, thresholds, [180, 200, 230]));
  });

  it('look once where every channel is the same whichever animal is focal', () => {
    expect(orders).toEqual([[0, 1]]);
    const focal = { ...SETTINGS, kinematics: { ...SETTINGS.kinematics, roles: 'focal' as const } };
    expect(createFrontEnd(focal, PAIR).orders.length).toBe(2);
    const other = { pose, visible, order: [1, 0], bodyLength: 60 };
    expect(context.shares(other, thresholds, [100, 300])).toEqual(
      context.shares({ ...about, pose, visible }, thresholds, [100, 300]),
    );
  });

  it('are refused without channels, and as targets that are no inputs', () => {
    const none = { ...SETTINGS, inputs: { ...SETTINGS.inputs, context: { ...CONTEXT, kinematics: false } } };
    expect(() => createFrontEnd(none, PAIR)).toThrow(/no channels/);
    const inputs = { ...FRONT_END.inputs, context: null };
    expect(() => createFrontEnd({ ...SETTINGS, inputs }, PAIR)).toThrow(/inputs.context is null/);
  });
});
