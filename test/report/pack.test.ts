import { inflateRawSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createPacker, packConfidence, packLabels, packPoses } from '../../src/report/pack.js';
import { openBlob } from '../../src/report/page/unpack.js';
import { POSE_STEPS } from '../../src/report/report-data.js';

const unpackAll = (packed: string) => openBlob(inflateRawSync(Buffer.from(packed, 'base64')));

it('gives labels back, unannotated frames and runs of more than 127 frames too', () => {
  const labels = Int16Array.from({ length: 1000 }, (_, frame) => (frame < 300 ? -1 : frame < 310 ? 2 : 130));
  const packer = createPacker();
  packer.add(Uint8Array.of(9, 9, 9));
  const part = packer.add(packLabels(labels));
  expect(part[1] - part[0]).toBeLessThan(12);
  expect(unpackAll(packer.finish()).labels(part)).toEqual(labels);
});

it('gives poses back to half a step of the grid; missing stays missing, what is outside goes to the edge', () => {
  const box = [100, 50, 300, 150] as const;
  const pose = Float32Array.of(100, 50, Number.NaN, Number.NaN, 201.3, 99.7, 299, 149, 1e4, -1e4, 300, 150);
  const packer = createPacker();
  const part = packer.add(packPoses(pose, 4, box));
  const steps = unpackAll(packer.finish()).poses(part, 3, 4);
  const found = Array.from(steps, (step, index) =>
    step < 0 ? Number.NaN : box[index % 2] + (step / POSE_STEPS) * (box[2 + (index % 2)] - box[index % 2]),
  );
  const expected = [100, 50, Number.NaN, Number.NaN, 201.3, 99.7, 299, 149, 300, 50, 300, 150];
  expected.forEach((value, index) => {
    if (Number.isNaN(value)) expect(found[index]).toBeNaN();
    else expect(Math.abs(found[index] - value)).toBeLessThanOrEqual(200 / POSE_STEPS / 2 + 1e-3);
  });
});

it('keeps the mean confidence of each eight frames', () => {
  // (8 x .5), then the rest of two frames: (1 + 0) / 2
  const values = Float32Array.of(...new Array<number>(8).fill(0.5), 1, 0);
  expect([...packConfidence(values)]).toEqual([128, 128]);
});
