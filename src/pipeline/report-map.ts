import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings } from '../config/schema/finetune.js';
import { measureBodyLengths } from '../data/inputs/body-length.js';
import type { Dataset } from '../data/store/dataset.js';
import { createInputs } from '../evaluation/features/feature-source.js';
import { openStored } from '../evaluation/features/feature-store.js';
import type { FrameFeatures } from '../evaluation/features/frame-features.js';
import { joinInputs } from '../evaluation/features/head-inputs.js';
import { createKinematicFeatures } from '../evaluation/features/kinematic-features.js';
import { fitPrincipalComponents, projectRows } from '../evaluation/features/principal-components.js';
import { createRawPose } from '../evaluation/features/raw-pose.js';
import { seededRandom } from '../random.js';
import { placeByUmap } from '../report/embedding-map.js';
import type { Packer } from '../report/pack.js';
import type { MapReport } from '../report/report-data.js';
import { encoderKey, featuresFolder, splitRow } from './feature-rows.js';
import type { StoredHeads } from './head-files.js';

type Settings = DeepReadonly<FinetuneSettings>;

/** Frames of the map. */
const POINTS = 1500;
/** Principal components that UMAP starts from. */
const COMPONENTS = 24;

export interface MapOptions {
  readonly runFolder: string;
  readonly settings: Settings;
  readonly dataset: Dataset;
  /** Recordings by number, in the order of the report's; points lie in those that `isMapped`. */
  readonly recordings: readonly number[];
  readonly isMapped: (recording: number) => boolean;
  /** Of the map's row; the first split's inputs are drawn. */
  readonly heads: StoredHeads;
  readonly packer: Packer;
}

/** Places frames by what the heads of a row see of them; null where the features that it needs were not kept. */
export async function drawMap(options: MapOptions): Promise<MapReport | null> {
  const { dataset, heads, packer } = options;
  const mapped = [...options.recordings.entries()].filter(([, recording]) => options.isMapped(recording));
  const [split] = heads.splits;
  const [joined] = splitRow(heads.features);
  const parts = [];
  for (const [index, source] of joined.entries()) {
    const features = openFeatures(source, options);
    if (features === null) return null;
    parts.push(createInputs(features, dataset.recordings, split.parts[0].fitted[index]));
  }
  const inputs = parts.length === 1 ? parts[0] : joinInputs(parts);
  const total = mapped.reduce((sum, [, recording]) => sum + dataset.recordings[recording].frames, 0);
  const every = Math.max(1, total / POINTS);
  const places: number[] = [];
  const rows: Float32Array[] = [];
  for (const [index, recording] of mapped) {
    const count = Math.floor(dataset.recordings[recording].frames / every);
    const wanted = Uint32Array.from({ length: count }, (_, point) => Math.floor((point + 0.5) * every));
    if (count > 0) rows.push(inputs.readFrames(recording, wanted));
    for (const frame of wanted) places.push(index, frame);
    await new Promise(setImmediate);
  }
  if (rows.length === 0) return null;
  const points = places.length / 2;
  const matrix = new Float32Array(points * inputs.width);
  let at = 0;
  for (const part of rows) {
    matrix.set(part, at);
    at += part.length;
  }
  const reduction = fitPrincipalComponents(matrix, inputs.width, COMPONENTS, false);
  const reduced = projectRows(matrix, reduction).map((value) => (Number.isNaN(value) ? 0 : value));
  const plane = takeColumns(reduced, reduction.components, 2);
  const umap = placeByUmap(reduced, reduction.components, seededRandom(options.settings.seed, 'umap'));
  return {
    task: heads.task.name,
    features: heads.features,
    split: split.split,
    varianceShares: [...reduction.varianceShares.subarray(0, 2)],
    places: packer.add(bytesOf(Int32Array.from(places))),
    principal: packer.add(bytesOf(onGrid(plane))),
    umap: packer.add(bytesOf(onGrid(umap))),
  };
}

/** The features that the run has kept or that cost little; null where they are gone. */
function openFeatures(source: string, options: MapOptions): FrameFeatures | null {
  const { dataset, settings, heads } = options;
  const bodyLengths = measureBodyLengths(dataset, settings.bodyLength);
  if (source === 'raw-pose') return createRawPose(dataset, bodyLengths);
  if (source === 'kinematics' || source === 'kinematic-moments')
    return createKinematicFeatures(dataset, settings.kinematics, bodyLengths);
  return openStored({
    folder: featuresFolder(options.runFolder),
    key: encoderKey(settings, dataset, heads.encoders[0], source === 'encoder' ? null : heads.seed),
    recordings: options.recordings.filter(options.isMapped).map((recording) => ({
      recording,
      frames: dataset.recordings[recording].frames,
    })),
  });
}

function takeColumns(rows: Float32Array, width: number, count: number): Float32Array {
  return Float32Array.from({ length: (rows.length / width) * count }, (_, index) =>
    index % count < width ? rows[Math.floor(index / count) * width + (index % count)] : 0,
  );
}

/** [point, 2] on a grid of 65536 steps a side, each axis by itself; the farthest half percent goes to the edge. */
function onGrid(plane: Float32Array): Uint16Array {
  const edges = [0, 1].map((axis) => {
    const sorted = plane.filter((_, index) => index % 2 === axis).sort();
    const cut = Math.floor(0.005 * sorted.length);
    return { low: sorted[cut], high: sorted[sorted.length - 1 - cut] };
  });
  return Uint16Array.from(plane, (value, index) => {
    const { low, high } = edges[index % 2];
    const share = (value - low) / Math.max(high - low, 1e-12);
    return Math.round(65_535 * Math.min(1, Math.max(0, share)));
  });
}

function bytesOf(array: Int32Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
