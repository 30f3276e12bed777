import { describe, expect, it } from 'vitest';
import { addChannelNoise } from '../../../src/data/augment/channel-noise.js';
import { addContextNoise } from '../../../src/data/augment/context-noise.js';
import { corruptPose } from '../../../src/data/augment/corrupt-pose.js';
import { drawGeometry, mirrorKeypoints, transformPose } from '../../../src/data/augment/geometry.js';
import { fillNoise } from '../../../src/data/augment/noise-table.js';
import { createFrontEnd } from '../../../src/data/inputs/front-end.js';
import { MOUSE_SKELETON } from '../../../src/data/pose.js';
import { seededRandom } from '../../../src/random.js';
import { PAIR, walkingPose } from '../walking-animals.js';
import { FRONT_END, NO_AUGMENT } from '../window-options.js';

const SHAPE = { animals: 2, keypoints: 7, framesPerSecond: 30, bodyLength: 50 };
const PARTNERS = mirrorKeypoints(MOUSE_SKELETON);
const MIRROR = { mirror: true, scale: 1, speed: 1 };

function transformed(pose: Float32Array, geometry: typeof MIRROR): Float32Array {
  const out = new Float32Array(pose.length);
  transformPose(pose, PARTNERS, geometry, out);
  return out;
}

function corrupted(pose: Float32Array, settings: Partial<typeof NO_AUGMENT>, seed = 1): Float32Array {
  const copy = pose.slice();
  corruptPose(
    copy,
    SHAPE,
    { ...NO_AUGMENT, dropSeconds: 1, driftSeconds: 0.5, ...settings },
    seededRandom(seed),
  );
  return copy;
}

function deviations(pose: Float32Array, clean: Float32Array): number[] {
  return Array.from(pose, (value, index) => value - clean[index]);
}

function spread(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

describe('transformPose', () => {
  it('gives the same bits after mirroring twice', () => {
    const pose = walkingPose(1, 20, 2, 0.2);
    expect(transformed(transformed(pose, MIRROR), MIRROR)).toEqual(pose);
  });

  it('leaves frames that are not shown as they are', () => {
    const pose = walkingPose(1, 3, 2);
    const out = new Float32Array(pose.length);
    transformPose(pose, PARTNERS, MIRROR, out, Uint8Array.of(0, 1, 0));
    const expected = transformed(pose, MIRROR).fill(0, 0, 28).fill(0, 56);
    expect(out).toEqual(expected);
  });

  it('gives left points the place of right ones', () => {
    const pose = walkingPose(1, 1, 1);
    const mirrored = transformed(pose, MIRROR);
    expect([mirrored[2], mirrored[3]]).toEqual([-pose[4], pose[5]]); // left ear from right ear
    expect([mirrored[0], mirrored[1]]).toEqual([-pose[0], pose[1]]); // the nose is its own partner
  });

  it('keeps the left of an animal its left in the egocentric frame', () => {
    const frontEnd = createFrontEnd(
      {
        ...FRONT_END,
        inputs: { pose: true, motion: false, keypointMotion: false, kinematics: false, flags: false },
      },
      PAIR,
    );
    const encode = (pose: Float32Array) => {
      const out = new Float32Array(4 * frontEnd.channels.length);
      frontEnd.encode({ pose, visible: new Uint8Array(4).fill(1), order: [0, 1], bodyLength: 60 }, null, out);
      return (name: string) => out[frontEnd.channels.indexOf(name)];
    };
    const pose = walkingPose(2, 4, 2);
    const [plain, mirrored] = [encode(pose), encode(transformed(pose, MIRROR))];
    expect(mirrored('focal.left_ear.y')).toBeCloseTo(-plain('focal.right_ear.y'), 4);
    expect(Math.sign(mirrored('focal.left_ear.y'))).toBe(Math.sign(plain('focal.left_ear.y')));
    expect(mirrored('partner.nose.y')).toBeCloseTo(-plain('partner.nose.y'), 4);
    expect(mirrored('partner.nose.x')).toBeCloseTo(plain('partner.nose.x'), 4);
  });

  it('scales both coordinates alike and leaves its input alone', () => {
    const pose = walkingPose(3, 4, 2, 0.1);
    const copy = pose.slice();
    const scaled = transformed(pose, { mirror: false, scale: 1.25, speed: 1 });
    expect(pose).toEqual(copy);
    expect(scaled).toEqual(pose.map((value) => value * 1.25));
  });
});

describe('drawGeometry', () => {
  it('stays within its spread and never turns time around', () => {
    const settings = { ...NO_AUGMENT, mirrorProbability: 0.5, scaleSpread: 0.1, speedSpread: 0.1 };
    const random = seededRandom(4);
    const drawn = Array.from({ length: 2000 }, () => drawGeometry(settings, random));
    for (const { scale, speed } of drawn) {
      for (const factor of [scale, speed]) {
        expect(factor).toBeGreaterThanOrEqual(1 / 1.1);
        expect(factor).toBeLessThanOrEqual(1.1);
      }
    }
    const mirrored = drawn.filter(({ mirror }) => mirror).length;
    expect(Math.abs(mirrored - 1000)).toBeLessThan(100); // 4.5 standard deviations of 22
    expect(Math.min(...drawn.map(({ speed }) => speed))).toBeLessThan(0.92);
    expect(drawGeometry(NO_AUGMENT, random)).toEqual({ mirror: false, scale: 1, speed: 1 });
  });
});

describe('corruptPose', () => {
  const pose = walkingPose(5, 60, 2);

  it('does nothing where all is off', () => {
    expect(corrupted(pose, {})).toEqual(pose);
  });

  it('jitters every frame anew by the given share of a body', () => {
    const noise = deviations(corrupted(pose, { jitterBodyLengths: 0.02 }), pose);
    expect(spread(noise)).toBeCloseTo(1, 1); // .02 x 50 pixels
    const steps = noise.slice(28).map((value, index) => value - noise[index]);
    expect(spread(steps)).toBeCloseTo(Math.SQRT2, 1); // independent from frame to frame
  });

  it('leaves frames that are not shown as they are, and the others come out the same', () => {
    const settings = { ...NO_AUGMENT, jitterBodyLengths: 0.02, driftBodyLengths: 0.02, driftSeconds: 0.5 };
    const shown = Uint8Array.from({ length: 60 }, (_, time) => Number(time % 3 === 1));
    const all = corrupted(pose, settings);
    const some = pose.slice();
    corruptPose(some, SHAPE, settings, seededRandom(1), shown);
    const expected = pose.map((value, index) => (shown[Math.floor(index / 28)] === 1 ? all[index] : value));
    expect(some).toEqual(expected);
    expect(some).not.toEqual(pose);
  });

  it('drifts slowly', () => {
    const drift = deviations(corrupted(pose, { driftBodyLengths: 0.02 }), pose);
    expect(spread(drift)).toBeGreaterThan(0.5);
    const steps = drift.slice(28).map((value, index) => value - drift[index]);
    expect(spread(steps)).toBeLessThan(0.15); // about sqrt(2) in 15 frames
  });

  it('drops a keypoint for one span, and leaves the rest to the bit', () => {
    const dropped = corrupted(pose, { keypointDropProbability: 0.5 });
    for (let point = 0; point < 14; point++) {
      const missing = Array.from({ length: 60 }, (_, time) => Number.isNaN(dropped[time * 28 + point * 2]));
      const starts = missing.filter((is, time) => is && !missing[time - 1]).length;
      expect(starts).toBeLessThanOrEqual(1);
      expect(missing.filter(Boolean).length).toBeLessThanOrEqual(30);
    }
    const gone = dropped.filter(Number.isNaN).length;
    expect(gone).toBeGreaterThan(0);
    for (let index = 0; index < pose.length; index++) {
      if (!Number.isNaN(dropped[index])) expect(dropped[index]).toBe(pose[index]);
    }
  });

  it('drops whole animals', () => {
    const dropped = corrupted(pose, { animalDropProbability: 1 });
    for (let body = 0; body < 120; body++) {
      const gone = dropped.subarray(body * 14, body * 14 + 14).filter(Number.isNaN).length;
      expect(gone === 0 || gone === 14).toBe(true);
    }
    expect(dropped.filter(Number.isNaN).length).toBeGreaterThan(0);
  });
});

describe('addChannelNoise', () => {
  const rows = Float32Array.from({ length: 400 * 5 }, (_, index) =>
    index % 5 === 4 ? 1 : Math.sin(index) + 2,
  );

  function noisy(settings: Partial<typeof NO_AUGMENT>, input = rows): Float32Array {
    const copy = input.slice();
    addChannelNoise(copy, new Uint8Array(400).fill(1), 5, 4, { ...NO_AUGMENT, ...settings }, seededRandom(6));
    return copy;
  }

  it('offsets a channel for the whole window', () => {
    const noise = deviations(noisy({ channelNoise: 0.3 }), rows);
    for (let index = 5; index < noise.length; index++) expect(noise[index]).toBeCloseTo(noise[index - 5], 5);
    expect(Math.abs(noise[0])).toBeGreaterThan(1e-3);
    expect(noise[0]).not.toBeCloseTo(noise[1], 3);
  });

  it('adds noise in every frame', () => {
    const noise = deviations(noisy({ frameNoise: 0.3 }), rows).filter((_, index) => index % 5 < 4);
    expect(spread(noise)).toBeCloseTo(0.3, 1);
    expect(noise[0]).not.toBeCloseTo(noise[4], 3);
  });

  it('leaves flags, and what is missing, alone', () => {
    const sparse = rows.map((value, index) => (index % 7 === 0 ? 0 : value));
    const out = noisy({ channelNoise: 1, frameNoise: 1 }, sparse);
    for (let index = 0; index < out.length; index++) {
      if (sparse[index] === 0 || index % 5 === 4) expect(out[index]).toBe(sparse[index]);
    }
  });

  it('drops channels for the whole window', () => {
    const out = noisy({ channelDropProbability: 0.5 });
    for (let column = 0; column < 4; column++) {
      const kept = Array.from({ length: 400 }, (_, time) => out[time * 5 + column] !== 0);
      expect(new Set(kept).size).toBe(1);
    }
    expect(noisy({ channelDropProbability: 1 }).filter((value) => value !== 0).length).toBe(400); // the flags
  });
});

describe('addContextNoise', () => {
  // 2 scales x 2 quantiles x 3 channels
  const context = {
    names: Array.from({ length: 12 }, (_, index) => `${index}`),
    channelCount: 3,
    scaleCount: 2,
  };
  const spoil = (changes: Partial<typeof NO_AUGMENT>) => {
    const shares = new Float32Array(12 * 500).fill(2);
    addContextNoise(shares, context, { ...NO_AUGMENT, ...changes }, seededRandom(5));
    return shares;
  };

  it('adds noise in every token', () => {
    const noise = [...spoil({ frameNoise: 0.3 })].map((value) => value - 2);
    expect(spread(noise)).toBeCloseTo(0.3, 1);
  });

  it('drops a channel at all scales and quantiles, anew in every token', () => {
    const out = spoil({ channelDropProbability: 0.3 });
    let dropped = 0;
    for (let token = 0; token < 500; token++) {
      for (let channel = 0; channel < 3; channel++) {
        const values = [0, 3, 6, 9].map((first) => out[token * 12 + first + channel]);
        expect(new Set(values).size).toBe(1);
        if (values[0] === 0) dropped++;
      }
    }
    expect(dropped / 1500).toBeCloseTo(0.3, 1);
  });

  it('drops a scale in all channels', () => {
    const out = spoil({ scaleDropProbability: 0.25, frameNoise: 0.1 });
    let dropped = 0;
    for (let scale = 0; scale < 1000; scale++) {
      const values = out.subarray(scale * 6, (scale + 1) * 6);
      const zeros = values.filter((value) => value === 0).length;
      expect([0, 6]).toContain(zeros);
      if (zeros === 6) dropped++;
    }
    expect(dropped / 1000).toBeCloseTo(0.25, 1);
  });
});

describe('fillNoise', () => {
  it('is standard normal and follows from its generator', () => {
    const noise = new Float32Array(20_000);
    fillNoise(seededRandom(7), noise);
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(spread([...noise])).toBeCloseTo(1, 1);
    const again = new Float32Array(20_000);
    fillNoise(seededRandom(7), again);
    expect(again).toEqual(noise);
  });
});
