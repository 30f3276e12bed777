import { describe, expect, it } from 'vitest';
import { createFrontEnd, type FrontEnd, type FrontEndSettings } from '../../../src/data/inputs/front-end.js';
import type { DatasetHeader } from '../../../src/data/pose.js';
import { movePose, PAIR, SINGLE, walkingPose } from '../walking-animals.js';

const ALL = { pose: true, motion: true, keypointMotion: true, kinematics: false };
const KINEMATICS = { gapSeconds: 0.5, smoothSeconds: 0.067, lagSeconds: 0.067, roles: 'focal' as const };
const SETTINGS: FrontEndSettings = {
  framesPerSecond: 30,
  inputs: { ...ALL, flags: true },
  targets: { ...ALL, smoothSeconds: 0 },
  kinematics: KINEMATICS,
  limit: 8,
};

/** Two points a body: the smallest skeleton with a heading. */
const RODS: DatasetHeader = {
  ...PAIR,
  skeleton: { keypoints: ['head', 'tail'], edges: [[0, 1]], mirrorPairs: [], front: [0], back: [1] },
};

function encode(
  frontEnd: FrontEnd,
  pose: Float32Array,
  options: { visible?: Uint8Array; order?: number[] } = {},
) {
  const { visible = new Uint8Array(frames(pose)).fill(1), order = [0, 1] } = options;
  const out = new Float32Array(visible.length * frontEnd.channels.length);
  frontEnd.encode({ pose, visible, order, bodyLength: 60 }, null, out);
  return out;
}

function frames(pose: Float32Array): number {
  return pose.length / 28;
}

/** One frame's channels by name. */
function row(names: readonly string[], rows: Float32Array, time: number): Record<string, number> {
  return Object.fromEntries(names.map((name, column) => [name, rows[time * names.length + column]]));
}

function expectSame(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let index = 0; index < actual.length; index++) {
    const [a, b] = [actual[index], expected[index]];
    if (Number.isNaN(a) !== Number.isNaN(b)) throw new Error(`${a} against ${b} at ${index}`);
    if (!Number.isNaN(a)) worst = Math.max(worst, Math.abs(a - b));
  }
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe('encode', () => {
  it('gives the numbers of hand arithmetic', () => {
    const frontEnd = createFrontEnd({ ...SETTINGS, framesPerSecond: 10 }, RODS);
    // Body length 20. The focal animal looks up (y) from (100, 90) to (100, 110): its origin is (100, 100). The partner, from
    // (130, 100) to (150, 100), looks along x. In the next frame the focal has moved by (0, 2), the partner by (-4, 0).
    const pose = Float32Array.from([
      ...[100, 110, 100, 90, 150, 100, 130, 100],
      ...[100, 112, 100, 92, 146, 100, 126, 100],
    ]);
    const visible = Uint8Array.of(1, 1);
    const out = new Float32Array(2 * frontEnd.channels.length);
    frontEnd.encode({ pose, visible, order: [0, 1], bodyLength: 20 }, null, out);
    const first = row(frontEnd.channels, out, 0);
    expect(first['focal.head.x']).toBeCloseTo(0.5, 6); // 10 pixels ahead
    expect(first['focal.head.y']).toBeCloseTo(0, 6);
    expect(first['focal.tail.x']).toBeCloseTo(-0.5, 6);
    expect(first['partner.head.x']).toBeCloseTo(0, 6);
    expect(first['partner.head.y']).toBeCloseTo(-2.5, 6); // (150 - 100) / 20; across is 90 degrees on from ahead
    expect(first['partner.heading.cos']).toBeCloseTo(0, 6);
    expect(first['partner.heading.sin']).toBeCloseTo(-1, 6);
    expect(first['focal.along']).toBeNaN();
    expect(first['focal.moving.observed']).toBe(0);
    const second = row(frontEnd.channels, out, 1);
    expect(second['focal.along']).toBeCloseTo(1, 5); // 2 pixels = .1 body lengths in .1 s
    expect(second['focal.across']).toBeCloseTo(0, 5);
    expect(second['focal.turning']).toBeCloseTo(0, 5);
    expect(second['partner.along']).toBeCloseTo(0, 5);
    expect(second['partner.across']).toBeCloseTo(2, 5); // -4 pixels along x, which is across, negative
    expect(second['focal.head.along']).toBeCloseTo(0, 5); // moves with its body
    expect(second['focal.moving.observed']).toBe(1);
  });

  it('turns with the heading, in radians a second', () => {
    const frontEnd = createFrontEnd({ ...SETTINGS, framesPerSecond: 10 }, RODS);
    const out = new Float32Array(2 * frontEnd.channels.length);
    const pose = Float32Array.from([10, 0, -10, 0, 50, 0, 30, 0, 0, 10, 0, -10, 50, 0, 30, 0]);
    frontEnd.encode({ pose, visible: Uint8Array.of(1, 1), order: [0, 1], bodyLength: 20 }, null, out);
    expect(row(frontEnd.channels, out, 1)['focal.turning']).toBeCloseTo((Math.PI / 2) * 10, 4);
  });

  it('does not see where the arena lies or how it is turned', () => {
    const frontEnd = createFrontEnd(SETTINGS, PAIR);
    const pose = walkingPose(1, 64, 2, 0.2);
    // Pixels near 1000 in float32 are known to 6e-5: 1e-6 body lengths, times 30 frames a second for velocities.
    expectSame(encode(frontEnd, movePose(pose, 2.2, 120, -340)), encode(frontEnd, pose), 5e-4);
  });

  it('holds the focal heading from the last frame that shows it, and says so', () => {
    const frontEnd = createFrontEnd(SETTINGS, RODS);
    const pose = Float32Array.from([
      ...[10, 0, -10, 0, 50, 0, 30, 0],
      ...[0, 10, NaN, NaN, 50, 0, 30, 0], // the tail is missing: held along x, origin = head
      ...[NaN, NaN, NaN, NaN, 50, 0, 30, 0], // nothing of the focal: origin held too
    ]);
    const out = new Float32Array(3 * frontEnd.channels.length);
    frontEnd.encode({ pose, visible: Uint8Array.of(1, 1, 1), order: [0, 1], bodyLength: 20 }, null, out);
    const second = row(frontEnd.channels, out, 1);
    expect(second['focal.heading.observed']).toBe(0);
    expect(second['focal.tail.observed']).toBe(0);
    expect(second['focal.tail.x']).toBeNaN();
    expect(second['partner.head.x']).toBeCloseTo(2.5, 6);
    expect(second['partner.head.y']).toBeCloseTo(-0.5, 6);
    const third = row(frontEnd.channels, out, 2);
    expect(third['partner.head.y']).toBeCloseTo(-0.5, 6);
    expect(third['focal.head.observed']).toBe(0);
    expect(third['frame.known']).toBe(1);
  });

  it('looks back from the first frame that shows the heading', () => {
    const frontEnd = createFrontEnd(SETTINGS, RODS);
    const pose = Float32Array.from([NaN, NaN, NaN, NaN, 50, 0, 30, 0, 0, 10, 0, -10, 50, 0, 30, 0]);
    const out = new Float32Array(2 * frontEnd.channels.length);
    frontEnd.encode({ pose, visible: Uint8Array.of(1, 1), order: [0, 1], bodyLength: 20 }, null, out);
    expect(row(frontEnd.channels, out, 0)['partner.head.y']).toBeCloseTo(-2.5, 6);
  });

  it('calls coordinates missing where no frame of the window shows the focal animal', () => {
    const frontEnd = createFrontEnd(SETTINGS, PAIR);
    const pose = walkingPose(2, 16, 2).map((value, index) => (index % 28 < 14 ? Number.NaN : value));
    const first = row(frontEnd.channels, encode(frontEnd, pose), 3);
    expect(first['frame.known']).toBe(0);
    expect(first['partner.nose.x']).toBeNaN();
    expect(first['partner.nose.observed']).toBe(1);
  });

  it('puts the other animal first when it is the focal one', () => {
    const frontEnd = createFrontEnd(SETTINGS, PAIR);
    const pose = walkingPose(3, 16, 2, 0.1);
    const swapped = pose.map((_, index) => pose[index % 28 < 14 ? index + 14 : index - 14]);
    expectSame(encode(frontEnd, pose, { order: [1, 0] }), encode(frontEnd, swapped), 0);
  });

  it('works for one animal', () => {
    const frontEnd = createFrontEnd(SETTINGS, SINGLE);
    expect(frontEnd.channels.some((name) => name.startsWith('partner'))).toBe(false);
    const pose = walkingPose(4, 16, 1);
    const out = new Float32Array(16 * frontEnd.channels.length);
    frontEnd.encode({ pose, visible: new Uint8Array(16).fill(1), order: [0], bodyLength: 60 }, null, out);
    expect(row(frontEnd.channels, out, 5)['focal.nose.x']).toBeGreaterThan(0.3);
  });

  it('lets hidden frames influence nothing, whatever stands in them', () => {
    const frontEnd = createFrontEnd(SETTINGS, PAIR);
    const visible = Uint8Array.from({ length: 64 }, (_, time) => (time % 16 < 7 ? 1 : 0));
    const pose = walkingPose(5, 64, 2, 0.3);
    const before = encode(frontEnd, pose, { visible });
    for (const poison of [Number.NaN, 1e30, Number.POSITIVE_INFINITY, 12.5]) {
      const poisoned = pose.map((value, index) => (visible[Math.floor(index / 28)] === 0 ? poison : value));
      expectSame(encode(frontEnd, poisoned, { visible }), before, 0);
    }
  });

  it('leaves nothing of what stood in the rows of hidden frames', () => {
    const frontEnd = createFrontEnd(SETTINGS, PAIR);
    const scale = {
      mean: new Array(frontEnd.valueCount).fill(0),
      std: new Array(frontEnd.valueCount).fill(1),
    };
    const out = new Float32Array(8 * frontEnd.channels.length).fill(5);
    const visible = Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 1);
    const window = { pose: walkingPose(5, 8, 2), visible, order: [0, 1], bodyLength: 60 };
    frontEnd.encode(window, { inputs: scale, targets: { mean: [], std: [] } }, out);
    out.forEach((value, index) => {
      if (visible[Math.floor(index / frontEnd.channels.length)] === 0) expect(value).toBe(0);
    });
    expect(out.some((value) => value === 5)).toBe(false);
  });

  it('takes half a point, or one that is not finite, for missing', () => {
    const frontEnd = createFrontEnd(SETTINGS, PAIR);
    for (const odd of [Number.POSITIVE_INFINITY, Number.NaN]) {
      const pose = walkingPose(5, 8, 2);
      pose[3 * 28] = odd; // the focal nose's x
      const third = row(frontEnd.channels, encode(frontEnd, pose), 3);
      expect(third['focal.nose.observed']).toBe(0);
      expect(third['focal.nose.y']).toBeNaN();
      expect(third['focal.neck.x']).toBeGreaterThan(0);
    }
  });

  it('flags everything that is missing, and standardises it to 0', () => {
    const frontEnd = createFrontEnd(SETTINGS, PAIR);
    const pose = walkingPose(6, 64, 2, 0.3);
    const values = frontEnd.valueCount;
    const normalisation = {
      inputs: { mean: Array.from({ length: values }, () => 3), std: Array.from({ length: values }, () => 2) },
      targets: { mean: [], std: [] },
    };
    const raw = encode(frontEnd, pose);
    const out = new Float32Array(raw.length);
    frontEnd.encode(
      { pose, visible: new Uint8Array(64).fill(1), order: [0, 1], bodyLength: 60 },
      normalisation,
      out,
    );
    let missing = 0;
    for (let index = 0; index < raw.length; index++) {
      const column = index % frontEnd.channels.length;
      if (column >= values) expect(out[index] === 0 || out[index] === 1).toBe(true);
      else if (Number.isNaN(raw[index])) {
        missing++;
        expect(out[index]).toBe(0);
      } else expect(out[index]).toBeCloseTo(Math.max(-8, Math.min(8, (raw[index] - 3) / 2)), 4);
    }
    expect(missing).toBeGreaterThan(1000);
    const flagOf = new Map(frontEnd.channels.map((name, column) => [name, column]));
    for (let time = 0; time < 64; time++) {
      const channels = row(frontEnd.channels, raw, time);
      for (const part of PAIR.skeleton.keypoints) {
        expect(flagOf.has(`partner.${part}.observed`)).toBe(true);
        expect(channels[`partner.${part}.observed`]).toBe(
          Number.isNaN(channels[`partner.${part}.x`]) ? 0 : 1,
        );
      }
    }
  });

  it('refuses to encode nothing', () => {
    const none = { pose: false, motion: false, keypointMotion: false, kinematics: false };
    expect(() => createFrontEnd({ ...SETTINGS, inputs: { ...none, flags: true } }, PAIR)).toThrow(/no input/);
  });
});

describe('targets', () => {
  function targets(frontEnd: FrontEnd, pose: Float32Array) {
    const out = new Float32Array(frames(pose) * frontEnd.targetChannels.length);
    const weights = new Float32Array(out.length);
    const visible = new Uint8Array(frames(pose)).fill(1);
    frontEnd.targets({ pose, visible, order: [0, 1], bodyLength: 60 }, visible, null, out, weights);
    return { out, weights };
  }

  it('weighs nothing that was not observed: no held frame, no missing point', () => {
    const frontEnd = createFrontEnd(SETTINGS, PAIR);
    const pose = walkingPose(7, 32, 2);
    for (const keypoint of PAIR.skeleton.back)
      pose.fill(Number.NaN, 10 * 28 + keypoint * 2, 10 * 28 + keypoint * 2 + 2);
    const { out, weights } = targets(frontEnd, pose);
    const names = frontEnd.targetChannels;
    for (let index = 0; index < out.length; index++)
      expect(weights[index]).toBe(Number.isNaN(out[index]) ? 0 : 1);
    const without = row(names, weights, 10);
    expect(without['focal.nose.x']).toBe(0); // the nose is there, but the frame that it is told in is not
    expect(without['partner.nose.x']).toBe(0);
    expect(row(names, weights, 9)['focal.nose.x']).toBe(1);
    expect(row(names, weights, 11)['focal.turning']).toBe(0);
    expect(row(names, weights, 12)['focal.turning']).toBe(1);
  });

  it('smooths over valid neighbours only', () => {
    const smooth = createFrontEnd({ ...SETTINGS, targets: { ...ALL, smoothSeconds: 0.1 } }, PAIR); // 3 frames
    const raw = createFrontEnd(SETTINGS, PAIR);
    const pose = walkingPose(8, 16, 2);
    pose.fill(Number.NaN, 5 * 28 + 14, 5 * 28 + 16); // the partner's nose
    const names = raw.targetChannels;
    const at = (rows: Float32Array, time: number) => row(names, rows, time)['partner.nose.x'];
    const [before, after] = [targets(raw, pose), targets(smooth, pose)];
    expect(at(after.out, 8)).toBeCloseTo((at(before.out, 7) + at(before.out, 8) + at(before.out, 9)) / 3, 5);
    expect(at(after.out, 4)).toBeCloseTo((at(before.out, 3) + at(before.out, 4)) / 2, 5);
    expect(at(after.weights, 5)).toBe(0);
    expect(at(after.out, 5)).toBeNaN();
  });

  it('smooths with neighbours that are not asked for themselves', () => {
    const smooth = createFrontEnd({ ...SETTINGS, targets: { ...ALL, smoothSeconds: 0.1 } }, PAIR);
    const pose = walkingPose(8, 16, 2);
    const wanted = Uint8Array.from({ length: 16 }, (_, time) => (time === 8 ? 1 : 0));
    const out = new Float32Array(16 * smooth.targetChannels.length);
    const visible = new Uint8Array(16).fill(1);
    smooth.targets({ pose, visible, order: [0, 1], bodyLength: 60 }, wanted, null, out, out.slice());
    expect(row(smooth.targetChannels, out, 8)).toEqual(
      row(smooth.targetChannels, targets(smooth, pose).out, 8),
    );
  });
});
