import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSleapH5 } from '../../../src/data/formats/sleap-h5.js';

const golden = (name: string) => join(import.meta.dirname, 'golden', name);
const isInstalled = await import('h5wasm/node' as string).then(
  () => true,
  () => false,
);
if (!isInstalled) console.warn('skipped: HDF5 files, the optional package h5wasm is not installed');

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sleap-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** x and y of a point as scripts/golden/sleap-h5.py made them. */
const point = (frame: number, track: number, node: number) => [
  1000 * track + 100 * node + frame,
  1000 * track + 100 * node + 10 + frame,
];

describe.skipIf(!isInstalled)('readSleapH5', () => {
  it.each(['sleap.h5', 'sleap-standard.h5'])('reads %s, whatever the order of its axes', async (name) => {
    const poses = await readSleapH5(golden(name));
    expect(poses).toMatchObject({
      animals: ['mouse 1', 'mé2'],
      keypoints: ['nose', 'neck', 'tail'],
      frames: 4,
    });
    const expected = [0, 1, 2, 3].flatMap((frame) =>
      [0, 1].flatMap((track) =>
        [0, 1, 2].flatMap((node) =>
          frame === 2 && track === 0 && node === 1 ? [Number.NaN, Number.NaN] : point(frame, track, node),
        ),
      ),
    );
    expect([...poses.pose]).toEqual(expected);
    expect([...(poses.scores as Float32Array)]).toEqual([
      ...new Array(6).fill(0.5),
      ...new Array(6).fill(0.625),
      ...[0.75, 0, 0.75, 0.75, 0.75, 0.75], // the missing point
      ...[0.875, 0.875, 0.875, 0.875, 0.875, 1], // 1.0625 is limited
    ]);
  });

  it('calls the animal of a file without track names `animal`', async () => {
    const poses = await readSleapH5(golden('sleap-single.h5'));
    expect([poses.animals, poses.frames, poses.pose.length]).toEqual([['animal'], 4, 24]);
    expect([...poses.pose.slice(6, 12)]).toEqual([point(1, 0, 0), point(1, 0, 1), point(1, 0, 2)].flat());
  });

  it('names what is missing, and axes that it does not know', async () => {
    await expect(readSleapH5(golden('dlc-fixed.h5'))).rejects.toThrow(/node_names is missing/);
    const bytes = readFileSync(golden('sleap-standard.h5'));
    const at = bytes.indexOf('["frame", "track"');
    const path = join(root, 'axes.h5');
    copyFileSync(golden('sleap-standard.h5'), path);
    writeFileSync(path, bytes.fill('["frame", "frame"', at, at + 17));
    await expect(readSleapH5(path)).rejects.toThrow(/axes of tracks must be frame, track, node, xy/);
  });
});
