import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createKinematics, type KinematicSettings } from '../../../src/data/kinematics/kinematics.js';
import type { DatasetHeader } from '../../../src/data/pose.js';
import { PAIR } from '../walking-animals.js';

interface Golden {
  readonly framesPerSecond: number;
  readonly settings: KinematicSettings;
  readonly pose: readonly (number | null)[];
  readonly features: Readonly<Record<string, readonly (number | null)[]>>;
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../golden/kinematics.json', import.meta.url), 'utf8'),
);
const CHAIN: DatasetHeader = {
  ...PAIR,
  skeleton: {
    keypoints: ['p0', 'p1', 'p2', 'p3', 'p4'],
    edges: [],
    mirrorPairs: [],
    front: [0, 1],
    back: [2],
  },
};

it('gives what NumPy makes of the definitions, missing values included', () => {
  const { names, compute } = createKinematics(golden.settings, CHAIN, golden.framesPerSecond);
  expect([...names].sort()).toEqual(Object.keys(golden.features).sort());
  const points = Float64Array.from(golden.pose, (value) => value ?? Number.NaN);
  const frames = points.length / 20;
  const out = new Float32Array(frames * names.length);
  compute(points, null, out, names.length, 0);
  names.forEach((name, column) => {
    golden.features[name].forEach((expected, time) => {
      const actual = out[time * names.length + column];
      const isClose =
        expected === null
          ? Number.isNaN(actual)
          : Math.abs(actual - expected) < 1e-5 * (1 + Math.abs(expected));
      if (!isClose) throw new Error(`${name} at frame ${time}: expected ${expected}, got ${actual}`);
    });
  });
});
