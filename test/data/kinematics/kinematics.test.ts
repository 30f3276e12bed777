import { describe, expect, it } from 'vitest';
import { createFrontEnd } from '../../../src/data/inputs/front-end.js';
import { createKinematics, type KinematicSettings } from '../../../src/data/kinematics/kinematics.js';
import { readKinematics } from '../../../src/data/kinematics/recording-kinematics.js';
import { steadyPoints } from '../../../src/data/kinematics/steady-points.js';
import type { DatasetHeader } from '../../../src/data/pose.js';
import { createMemoryDataset } from '../../../src/data/store/memory-dataset.js';
import { movePose, PAIR, SINGLE, walkingPose, walkingRecording } from '../walking-animals.js';
import { FRONT_END } from '../window-options.js';

const RAW: KinematicSettings = { gapSeconds: 0, smoothSeconds: 0, lagSeconds: 0.1, roles: 'focal' };
const STEADY: KinematicSettings = {
  gapSeconds: 0.2,
  smoothSeconds: 0.07,
  lagSeconds: 0.1,
  roles: 'symmetric',
};

const RODS: DatasetHeader = {
  ...PAIR,
  skeleton: {
    keypoints: ['head', 'hip', 'tail'],
    edges: [],
    mirrorPairs: [],
    front: [0],
    back: [2],
  },
};

function features(settings: KinematicSettings, header: DatasetHeader, rate: number, points: Float64Array) {
  const kinematics = createKinematics(settings, header, rate);
  const width = kinematics.names.length;
  const size = header.animals.names.length * header.skeleton.keypoints.length * 2;
  const out = new Float32Array((points.length / size) * width);
  kinematics.compute(points, null, out, width, 0);
  return (name: string, time: number) => {
    const column = kinematics.names.indexOf(name);
    if (column < 0) throw new Error(`${name} is none of ${kinematics.names.join(' ')}`);
    return out[time * width + column];
  };
}

function bodyLengths(pose: Float32Array): Float64Array {
  return Float64Array.from(pose, (value) => value / 60);
}

/**
 * Three frames at 10 frames a second. The focal rod looks along x and moves ahead by .1; the partner stands 2 ahead
 * and looks along y, bent at a right angle in the last frame.
 */
const SCENE = Float64Array.from([
  ...[0.5, 0, 0, 0, -0.5, 0, 2, 0.5, 2, 0, 2, -0.5],
  ...[0.6, 0, 0.1, 0, -0.4, 0, 2, 0.5, 2, 0, 2, -0.5],
  ...[0.7, 0, 0.2, 0, -0.3, 0, 2, 0.5, 2, 0, 2.5, 0],
]);

describe('kinematics', () => {
  it('gives the numbers of hand arithmetic', () => {
    const at = features(RAW, RODS, 10, SCENE);
    expect(at('focal.distance.head-tail', 1)).toBeCloseTo(1, 6);
    expect(at('focal.speed.head', 1)).toBeCloseTo(Math.log(0.3 + 1), 6); // .2 in .2 s
    expect(at('focal.speed', 1)).toBeCloseTo(Math.log(1.3), 6);
    expect(at('partner.speed.hip', 1)).toBeCloseTo(Math.log(0.3), 6);
    expect(at('focal.bend.head-hip-tail', 1)).toBeCloseTo(1, 6);
    expect(at('partner.bend.head-hip-tail', 2)).toBeCloseTo(0, 6); // (0, -1) against (1, 0)
    expect(at('focal.facing', 1)).toBeCloseTo(1, 6);
    expect(at('partner.facing', 1)).toBeCloseTo(0, 6);
    expect(at('focal.approach', 1)).toBeCloseTo(1, 6);
    expect(at('partner.approach', 1)).toBeCloseTo(-0.5 / 3 / 0.2, 6); // its tail goes .5 away, one point of three
    expect(at('focal.sideways', 1)).toBeCloseTo(Math.log(0.3), 6);
    expect(at('focal.nearest.front', 1)).toBeCloseTo(Math.log(0.1 + 1.4), 6); // its head from the partner's hip
    expect(at('between.head-hip', 1)).toBeCloseTo(Math.log(0.1 + 1.4), 6);
    expect(at('between.hip-head', 1)).toBeCloseTo(Math.log(0.1 + Math.hypot(1.9, 0.5)), 6);
    expect(at('between.centres', 1)).toBeCloseTo(Math.log(0.1 + 1.9), 6);
    expect(at('nearest', 1)).toBeCloseTo(Math.log(0.1 + 1.4), 6);
    expect(at('headings.cos', 1)).toBeCloseTo(0, 6);
    expect(at('headings.sin', 1)).toBeCloseTo(1, 6);
    // The partner's centre moves to (2.1667, .1667) in frame 2: the distance from 2 to |(1.9667, .1667)|.
    expect(at('closing', 1)).toBeCloseTo((2 - Math.hypot(2 + 1 / 6 - 0.2, 1 / 6)) / 0.2, 5);
    expect(at('observed.points', 1)).toBe(6);
    expect(at('observed.both', 1)).toBe(1);
    expect(at('focal.speed', 0)).toBeNaN();
  });

  it('counts turning in radians a second, without its sign', () => {
    const turn = (angle: number) => [
      0.5 * Math.cos(angle),
      0.5 * Math.sin(angle),
      0,
      0,
      -0.5 * Math.cos(angle),
      -0.5 * Math.sin(angle),
    ];
    const single = { ...RODS, animals: SINGLE.animals };
    const points = Float64Array.from([...turn(-0.01), ...turn(0), ...turn(0.01)]);
    expect(features(RAW, single, 10, points)('focal.turning', 1)).toBeCloseTo(Math.log(0.3 + 0.1), 4); // .02 in .2 s
  });

  it('is the same whichever animal comes first where it is symmetric', () => {
    const pose = walkingPose(1, 40, 2, 0.2);
    const swapped = pose.map((_, index) => pose[index % 28 < 14 ? index + 14 : index - 14]);
    const names = createKinematics(STEADY, PAIR, 30).names;
    const [one, other] = [pose, swapped].map((walk) => features(STEADY, PAIR, 30, bodyLengths(walk)));
    for (const name of names) expect(one(name, 20)).toBeCloseTo(other(name, 20), 5);
    const [focal, partner] = [pose, swapped].map((walk) => features(RAW, PAIR, 30, bodyLengths(walk)));
    expect(focal('focal.facing', 20)).toBe(partner('partner.facing', 20));
  });

  it('does not see where the arena lies or how it is turned', () => {
    const pose = walkingPose(2, 40, 2, 0.2);
    const names = createKinematics(STEADY, PAIR, 30).names;
    const [one, other] = [pose, movePose(pose, 1.1, 300, -80)].map((walk) =>
      features(STEADY, PAIR, 30, bodyLengths(walk)),
    );
    for (const name of names) expect(one(name, 15)).toBeCloseTo(other(name, 15), 3);
  });

  it('gives much the same numbers at another frame rate', () => {
    const points = (rate: number) => {
      const frames = Math.round(2 * rate);
      const out: number[] = [];
      for (let frame = 0; frame < frames; frame++) {
        const x = (3 * frame) / rate;
        out.push(x + 0.5, 0, x, 0, x - 0.5, 0, 8, 0.5 - x, 8, -x, 8, -0.5 - x);
      }
      return Float64Array.from(out);
    };
    const settings = { ...STEADY, roles: 'focal' as const };
    const [slow, fast] = [25, 100].map((rate) => features(settings, RODS, rate, points(rate)));
    for (const name of ['focal.speed', 'focal.approach', 'closing', 'relative.speed', 'between.centres']) {
      expect(slow(name, 25)).toBeCloseTo(fast(name, 100), 2); // after one second
    }
    expect(slow('focal.speed', 25)).toBeCloseTo(Math.log(3.3), 5);
  });

  it('knows nothing of an animal that is not seen', () => {
    const pose = walkingPose(3, 40, 2).map((value, index) => (index % 28 < 14 ? value : Number.NaN));
    const at = features({ ...STEADY, roles: 'focal' }, PAIR, 30, bodyLengths(pose));
    for (const name of [
      'partner.speed',
      'focal.facing',
      'between.nose-nose',
      'nearest',
      'headings.cos',
      'closing',
    ]) {
      expect(at(name, 20)).toBeNaN();
    }
    expect(at('focal.speed', 20)).not.toBeNaN();
    expect(at('partner.observed.nose', 20)).toBe(0);
    expect(at('observed.points', 20)).toBe(7);
    expect(at('observed.both', 20)).toBe(0);
  });

  it('refuses three animals', () => {
    const three = { ...PAIR, animals: { names: ['a', 'b', 'c'], identity: 'exchangeable' as const } };
    expect(() => createKinematics(RAW, three, 30)).toThrow(/one or two/);
  });
});

describe('steadyPoints', () => {
  const run = (values: number[], gapFrames: number, smoothFrames: number) => {
    const out = new Float64Array(values.length);
    steadyPoints(Float64Array.from(values), 1, gapFrames, smoothFrames, out);
    return Array.from(out);
  };
  const no = Number.NaN;

  it('fills short gaps only, and no end', () => {
    expect(run([no, 0, no, no, 3, no, no, no, 7, no], 3, 0)).toEqual([no, 0, 1, 2, 3, no, no, no, 7, no]);
  });

  it('smooths with a Gaussian over what is valid', () => {
    // Deviation 1, reach 3: weights 1, e^-.5, e^-2, e^-4.5.
    const weights = [1, Math.exp(-0.5), Math.exp(-2), Math.exp(-4.5)];
    const smoothed = run([0, 0, 0, 1, 0, 0, 0], 0, 1);
    const sum = weights[0] + 2 * (weights[1] + weights[2] + weights[3]);
    expect(smoothed[3]).toBeCloseTo(1 / sum, 12);
    expect(smoothed[0]).toBeCloseTo(weights[3] / (weights[0] + weights[1] + weights[2] + weights[3]), 12);
    expect(run([5, 5, no, no, no, no, no, no, no], 0, 1).map((value) => Number.isNaN(value))).toEqual(
      [false, false, false, false, true, true, true, true, true], // support (e^-2 + e^-4.5) / 2.51 = .058, then .004
    );
  });
});

describe('readKinematics', () => {
  it('gives every frame what the whole recording gives it', () => {
    const frames = 4096 + 500;
    const walk = walkingRecording(4, { frames, missing: 0.3 });
    const dataset = createMemoryDataset(PAIR, [walk]);
    const settings = { ...STEADY, roles: 'focal' as const };
    const options = { dataset, recording: 0, settings, order: [1, 0], bodyLength: 60 };
    const chunks = [...readKinematics(options)];
    const { names, compute } = createKinematics(settings, PAIR, 30);
    const swapped = walk.pose.map((_, index) => walk.pose[index % 28 < 14 ? index + 14 : index - 14]);
    const whole = new Float32Array(frames * names.length);
    compute(bodyLengths(swapped), null, whole, names.length, 0);
    expect(chunks.map(({ start }) => start)).toEqual([0, 4096]);
    const joined = Buffer.concat(chunks.map(({ values }) => Buffer.from(values.buffer)));
    expect(joined.length).toBe(whole.byteLength);
    expect(joined.equals(Buffer.from(whole.buffer))).toBe(true);
  });
});

describe('as channels of the front-end', () => {
  const settings = {
    ...FRONT_END,
    inputs: { ...FRONT_END.inputs, kinematics: true },
    targets: { pose: false, motion: false, keypointMotion: false, kinematics: true, smoothSeconds: 0 },
  };
  const frontEnd = createFrontEnd(settings, PAIR);

  it('lets hidden frames influence nothing', () => {
    const visible = Uint8Array.from({ length: 64 }, (_, time) => (time % 12 < 5 ? 1 : 0));
    const pose = walkingPose(5, 64, 2, 0.2);
    const encode = (walk: Float32Array) => {
      const out = new Float32Array(64 * frontEnd.channels.length);
      frontEnd.encode({ pose: walk, visible, order: [0, 1], bodyLength: 60 }, null, out);
      return out;
    };
    const clean = encode(pose);
    for (const poison of [Number.NaN, 1e20, 7]) {
      const spoilt = pose.map((value, index) => (visible[Math.floor(index / 28)] === 0 ? poison : value));
      expect(encode(spoilt)).toEqual(clean);
    }
  });

  it('weighs no target in frames that do not show both animals', () => {
    const pose = walkingPose(6, 32, 2);
    pose.fill(Number.NaN, 10 * 28, 10 * 28 + 14);
    const width = frontEnd.targetChannels.length;
    const out = new Float32Array(32 * width);
    const weights = new Float32Array(32 * width);
    const visible = new Uint8Array(32).fill(1);
    frontEnd.targets({ pose, visible, order: [0, 1], bodyLength: 60 }, visible, null, out, weights);
    expect(weights.subarray(10 * width, 11 * width).every((weight) => weight === 0)).toBe(true);
    expect(weights.subarray(11 * width, 12 * width).some((weight) => weight === 1)).toBe(true);
    expect(frontEnd.targetChannels.some((name) => name.includes('observed'))).toBe(false);
  });
});
