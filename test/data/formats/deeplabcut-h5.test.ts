import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDeepLabCutH5 } from '../../../src/data/formats/deeplabcut-h5.js';
import { parsePickle } from '../../../src/data/formats/pickle.js';

const golden = (name: string) => join(import.meta.dirname, 'golden', name);
const isInstalled = await import('h5wasm/node' as string).then(
  () => true,
  () => false,
);
if (!isInstalled) console.warn('skipped: HDF5 files, the optional package h5wasm is not installed');

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'h5-'));
});
afterAll(() => rmSync(root, { recursive: true }));

it.skipIf(isInstalled)('says what to install where the package is missing', async () => {
  await expect(readDeepLabCutH5(golden('dlc-table.h5'))).rejects.toMatchObject({
    hint: expect.stringContaining('npm install h5wasm'),
  });
});

it('reads pickles of protocol 0', () => {
  const text = '(lp0\n(Vm\\u00e91\np1\nI01\nL12L\nF2.5\ntp2\na(dp3\ng1\nNsa.';
  expect(parsePickle(Buffer.from(text), 'f')).toEqual([['mé1', true, 12, 2.5], new Map([['mé1', null]])]);
});

describe.skipIf(!isInstalled)('readDeepLabCutH5', () => {
  // made by scripts/golden/deeplabcut-h5.py with pandas 3.1.1: value (12 frame + column) / 64
  it.each(['dlc-table.h5', 'dlc-fixed.h5'])('reads %s', async (name) => {
    const poses = await readDeepLabCutH5(golden(name));
    expect(poses).toMatchObject({ animals: ['m1', 'mé2'], keypoints: ['nose', 'tail'], frames: 5 });
    const at = (frame: number, column: number) => (12 * frame + column) / 64;
    expect([...poses.pose.slice(0, 8)]).toEqual([
      at(0, 0),
      at(0, 1),
      at(0, 3),
      at(0, 4),
      at(0, 6),
      at(0, 7),
      at(0, 9),
      at(0, 10),
    ]);
    expect([...poses.pose.slice(16, 20)]).toEqual([at(2, 0), at(2, 1), Number.NaN, Number.NaN]);
    expect([...(poses.scores?.slice(8, 12) ?? [])]).toEqual([at(2, 2), 0, at(2, 8), at(2, 11)]);
  });

  it.each(['dlc-table.h5', 'dlc-fixed.h5'])('takes exact (0, 0) of %s for a lost point', async (name) => {
    const bytes = readFileSync(golden(name));
    const point = Buffer.from(new Uint8Array(Float64Array.of(36 / 64, 37 / 64).buffer)); // frame 3, first point
    const found = bytes.indexOf(point);
    expect(found).toBeGreaterThan(0);
    const path = join(root, name);
    writeFileSync(path, bytes.fill(0, found, found + point.length));
    const { pose } = await readDeepLabCutH5(path);
    expect([...pose.slice(24, 28)]).toEqual([Number.NaN, Number.NaN, 39 / 64, 40 / 64]);
  });

  const real = join(
    process.env.WHISKER_REAL_DATA ?? '../shared/data',
    'deeplabcut-h5/EGS8X2MN4SSUGFWAV976.h5',
  );
  it.skipIf(!existsSync(real))('reads the real file of three mice', async () => {
    const poses = await readDeepLabCutH5(real);
    expect([poses.animals.length, poses.keypoints.length, poses.frames]).toEqual([3, 12, 1800]);
    expect(poses.scores).toBeUndefined();
    // whole mice that were lost: written as zeros
    const bodies = Array.from({ length: 3 * 1800 }, (_, body) =>
      poses.pose.subarray(24 * body, 24 * (body + 1)),
    );
    const lost = bodies.filter((body) => body.every(Number.isNaN)).length;
    expect([lost, poses.pose.filter(Number.isNaN).length]).toEqual([562, 24 * 562]);
  });
});
