import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseNpy } from '../../src/data/formats/npy.js';
import { MOUSE_SKELETON, type Recording } from '../../src/data/pose.js';
import { writeDataset } from '../../src/data/store/write-dataset.js';
import { embedDataset } from '../../src/pipeline/embed.js';
import { seededRandom } from '../../src/random.js';
import { createContext } from './finetuned-run.js';
import { writePretrainedRun } from './pretrained-run.js';

const WINDOW_FRAMES = 32;
const ANIMALS = 2;
const KEYPOINTS = MOUSE_SKELETON.keypoints.length;

/** Two bodies that wander; `lost` says which animals are never seen, and from which frame on nothing is. */
function wander(
  id: string,
  frames: number,
  framesPerSecond: number,
  lost: (animal: number, frame: number) => boolean,
) {
  const random = seededRandom(1, id);
  const pose = new Float32Array(frames * ANIMALS * KEYPOINTS * 2);
  for (let frame = 0; frame < frames; frame++) {
    for (let animal = 0; animal < ANIMALS; animal++) {
      for (let keypoint = 0; keypoint < KEYPOINTS; keypoint++) {
        const at = ((frame * ANIMALS + animal) * KEYPOINTS + keypoint) * 2;
        const isLost = lost(animal, frame);
        pose[at] = isLost ? Number.NaN : 300 + 200 * animal + frame - 15 * keypoint + random.normal();
        pose[at + 1] = isLost ? Number.NaN : 300 + 10 * (keypoint % 2) + random.normal();
      }
    }
  }
  const source = { file: `${id}.csv`, sha256: id };
  return {
    id,
    subset: 'all',
    frames,
    framesPerSecond,
    pose,
    labels: new Map(),
    source,
  } satisfies Recording & {
    source: object;
  };
}

it('recordings of any length and rate, with animals missing, give finite features for every frame', async () => {
  const never = () => false;
  const lengths = [1, 13, WINDOW_FRAMES - 1, WINDOW_FRAMES, WINDOW_FRAMES + 1, 96, 200];
  const recordings = [
    ...lengths.map((frames) => wander(`frames${frames}`, frames, 30, never)),
    wander('slow', 50, 12.5, never),
    wander('one animal', 70, 30, (animal) => animal === 1),
    wander('no animal', 70, 30, () => true),
    wander('half lost', 70, 30, (_, frame) => frame >= 35),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'odd-'));
  const data = join(folder, 'data');
  const header = {
    name: 'odd',
    skeleton: MOUSE_SKELETON,
    animals: { names: ['a', 'b'], identity: 'exchangeable' as const },
    tracks: [],
  };
  await writeDataset(data, { header, recordings }, { overwrite: false, origin: 'odd' });
  const run = await writePretrainedRun(folder, data, 'run', [`window.windowFrames=${WINDOW_FRAMES}`]);
  const job = { runFolder: run.folder, checkpoint: 'last' as const, datasetFolder: data };
  const outFolder = join(folder, 'features');
  const common = { device: 'cpu', layers: [-1], stride: 0.5, batchWindows: 8 } as const;
  const embed = (format: 'npy' | 'csv', components: number | null = null, out = outFolder) =>
    embedDataset({ ...job, ...common, outFolder: out, format, components }, createContext());
  const { width } = await embed('npy');
  await embed('csv');
  expect(width).toBe(2 * 16); // mean and difference over both orders
  for (const { id, frames } of recordings) {
    const file = join(outFolder, `${id}.npy`);
    const { shape, data: values } = parseNpy(readFileSync(file), file);
    expect(shape, id).toEqual([frames, width]);
    expect(Array.from(values as Float32Array).every(Number.isFinite), id).toBe(true);
    const [head, ...lines] = readFileSync(join(outFolder, `${id}.csv`), 'utf8')
      .trimEnd()
      .split('\n');
    expect(head, id).toMatch(/^recording,frame,feature0,/);
    const last = [id, frames - 1, ...values.subarray((frames - 1) * width)].join(',');
    expect([lines.length, lines.at(-1)], id).toEqual([frames, last]);
  }

  // Components that were to be learned when it was stopped are not made of what was read so far.
  const nowhere = join(folder, 'stopped');
  const stopped = await embedDataset(
    { ...job, ...common, outFolder: nowhere, format: 'npy', components: 3 },
    { ...createContext(), signal: AbortSignal.abort() },
  );
  expect(stopped).toMatchObject({ ending: 'stopped', recordings: 0, varianceShares: null });
  expect(readdirSync(nowhere)).toEqual(['index.json']);

  // Principal components are what the written projection makes of the features.
  const reducedFolder = join(folder, 'reduced');
  const reduced = await embed('npy', 3, reducedFolder);
  expect(reduced.width).toBe(3);
  const shares = reduced.varianceShares as readonly number[];
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
  const { mean, scale, projection } = JSON.parse(
    readFileSync(join(reducedFolder, 'principal-components.json'), 'utf8'),
  ) as Record<'mean' | 'scale', number[]> & { readonly projection: number[][] };
  for (const { id, frames } of recordings) {
    const whole = parseNpy(readFileSync(join(outFolder, `${id}.npy`)), id).data as Float32Array;
    const parts = parseNpy(readFileSync(join(reducedFolder, `${id}.npy`)), id);
    expect(parts.shape).toEqual([frames, 3]);
    const expected = projection.map((row) =>
      row.reduce(
        (sum, weight, channel) => sum + (weight * (whole[channel] - mean[channel])) / scale[channel],
        0,
      ),
    );
    expected.forEach((value, component) => {
      expect((parts.data as Float32Array)[component]).toBeCloseTo(value, 4);
    });
  }
  await expect(embed('npy', 1000, join(folder, 'never'))).rejects.toThrow(
    /--pca 1000: the 32 features vary in \d+ directions/,
  );
  const deep = { ...job, ...common, layers: [0, 9], outFolder: join(folder, 'deep'), components: null };
  await expect(embedDataset({ ...deep, format: 'npy' }, createContext())).rejects.toThrow(
    /the encoder has \d+ layers, layer 9 is not among them/,
  );
}, 120_000);
