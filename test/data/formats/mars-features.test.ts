import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMarsFeatures } from '../../../src/data/formats/mars-features.js';
import { formatNpz } from '../../../src/data/formats/npy.js';
import { packZip } from '../../../src/data/formats/zip-entries.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mars-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('readMarsFeatures', () => {
  it('turns [animal, frame, feature] into [frame, animal, feature], with names and rate', async () => {
    const { features, ...rest } = await readMarsFeatures(join(import.meta.dirname, 'golden/mars.npz'));
    expect(rest).toEqual({
      frames: 4,
      framesPerSecond: 30,
      video: 'videos/mouse001.seq',
      featureNames: ['speed', 'social_angle', 'nose_nose_distance'],
    });
    // scripts/golden/mars-features.py: 100 mouse + 10 frame + feature
    const value = (frame: number, animal: number, feature: number) => 100 * animal + 10 * frame + feature;
    expect([...features]).toEqual(
      [0, 1, 2, 3].flatMap((frame) =>
        [0, 1].flatMap((animal) => [0, 1, 2].map((feature) => value(frame, animal, feature))),
      ),
    );
  });

  it('names the array that is absent', async () => {
    const path = join(root, 'a.npz');
    writeFileSync(path, formatNpz(new Map([['data', { shape: [2, 1, 1], data: Float32Array.of(1, 2) }]])));
    await expect(readMarsFeatures(path)).rejects.toThrow(/no array features; it has data/);
  });

  it('stops where more arrives than a header announces', async () => {
    const header = Buffer.alloc(128, ' ');
    header.write('\x93NUMPY\x01\x00\x76\x00', 'latin1');
    header.write("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 1), }", 10, 'latin1');
    const bytes = Buffer.concat([header, Buffer.alloc(50_000_000)]);
    const path = join(root, 'bomb.npz');
    writeFileSync(path, packZip(['data.npy', 'features.npy'].map((name) => ({ name, bytes }))));
    await expect(readMarsFeatures(path)).rejects.toThrow(
      /longer than the 136 bytes that its header announces/,
    );
  });
});
