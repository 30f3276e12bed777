import { dirname, join } from 'node:path';
import { formatNpy } from '../data/formats/npy.js';
import type { Dataset, RecordingEntry } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Device } from '../engine/engine.js';
import { startEngine } from '../engine/start.js';
import { UserError } from '../errors.js';
import {
  fitPrincipalComponents,
  type PrincipalComponents,
  projectRows,
} from '../evaluation/features/principal-components.js';
import { csvCell } from '../files/csv-cell.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';
import { type Embedder, openEmbedder } from './embedder.js';
import { loadEncoder } from './load-encoder.js';
import { startProgress } from './recording-progress.js';
import type { RunContext } from './run-context.js';
import { writeRunJson } from './run-folder.js';

/** What `whisker embed` asks of the trainer: plain data. */
export interface EmbedJob {
  readonly runFolder: string;
  readonly checkpoint: 'best' | 'last';
  readonly datasetFolder: string;
  readonly outFolder: string;
  readonly format: 'npy' | 'csv';
  readonly device: Device;
  readonly layers: readonly number[];
  /** Share of a window between the starts of neighbouring windows, in (0, 1]; null: as the encoder needs. */
  readonly stride: number | null;
  readonly batchWindows: number;
  /** Features are reduced to so many principal components; null: they stay as they are. */
  readonly components: number | null;
}

/** What `whisker embed` tells when it is done; `index.json` holds the same, and its recordings. */
export interface EmbedSummary {
  readonly folder: string;
  readonly ending: 'done' | 'stopped';
  /** Recordings and frames that were written. */
  readonly recordings: number;
  readonly frames: number;
  readonly width: number;
  /** Of principal components: the share of the variance that each carries, features standardised; null: not reduced. */
  readonly varianceShares: readonly number[] | null;
  readonly encoderHash: string;
  /** Recordings whose poses the encoder was trained on: their features are not those of unseen animals. */
  readonly seenRecordings: readonly string[];
}

/** Frames that principal components are learned from, spread evenly over the data set. */
const COMPONENT_FRAMES = 20_000;

/**
 * Writes the features of every original frame of every recording: one file a recording, named by its id, and
 * `index.json` with encoder, widths and frames. Principal components are learned in a pass of their own, and written as
 * `principal-components.json`: (feature - mean) / scale, times the rows of the projection. Memory holds one recording.
 */
export async function embedDataset(job: EmbedJob, context: RunContext): Promise<EmbedSummary> {
  const { card, parameters, hash } = loadEncoder(job.runFolder, job.checkpoint);
  const dataset = openDataset(job.datasetFolder);
  const engine = await startEngine({ device: job.device });
  const embedder = await openEmbedder({ ...job, engine, card, parameters, dataset });
  try {
    const reduction =
      job.components === null ? null : await learnComponents(job.components, embedder, dataset, context);
    const width = reduction?.components ?? embedder.width;
    const seen = new Set(card.recordings.map(({ poseHash }) => poseHash));
    makeFolder(job.outFolder);
    const progress = startProgress(dataset.recordings, 'embed', context);
    const written: RecordingEntry[] = [];
    for (const [recording, entry] of dataset.recordings.entries()) {
      await context.untilResumed();
      if (context.signal.aborted) break;
      const features = embedder.embed(recording);
      writeFeatures(job, entry.id, reduction === null ? features : projectRows(features, reduction), width);
      written.push(entry);
      await progress.add(entry.frames);
    }
    const summary: EmbedSummary = {
      folder: job.outFolder,
      ending: written.length === dataset.recordings.length ? 'done' : 'stopped',
      recordings: written.length,
      frames: written.reduce((sum, { frames }) => sum + frames, 0),
      width,
      varianceShares: reduction === null ? null : [...reduction.varianceShares],
      encoderHash: hash,
      seenRecordings: written.filter(({ poseHash }) => seen.has(poseHash)).map(({ id }) => id),
    };
    const recordings = written.map(({ id, subset, frames, framesPerSecond }) => ({
      file: `${id}.${job.format}`,
      ...{ id, subset, frames, framesPerSecond },
    }));
    if (reduction !== null) writeComponents(job.outFolder, reduction);
    writeRunJson(job.outFolder, 'index.json', { ...summary, dataset: dataset.hash, recordings });
    return summary;
  } finally {
    embedder.dispose();
    dataset.close();
  }
}

/**
 * null when it was stopped: what a part of the recordings says is nothing to write down.
 * @throws UserError (`usage`) when more components are asked for than there are features that vary
 */
async function learnComponents(
  count: number,
  embedder: Embedder,
  { recordings }: Dataset,
  context: RunContext,
): Promise<PrincipalComponents | null> {
  const { width } = embedder;
  const total = recordings.reduce((sum, { frames }) => sum + frames, 0);
  const every = Math.max(1, Math.ceil(total / COMPONENT_FRAMES));
  const sample = new Float32Array(Math.ceil(total / every) * width);
  const progress = startProgress(recordings, 'principal components', context);
  let [first, rows] = [0, 0]; // the first frame of a recording among those of all
  for (const [recording, { frames }] of recordings.entries()) {
    await context.untilResumed();
    if (context.signal.aborted) return null;
    const features = embedder.embed(recording);
    for (let frame = (every - (first % every)) % every; frame < frames; frame += every) {
      sample.set(features.subarray(frame * width, (frame + 1) * width), width * rows++);
    }
    first += frames;
    await progress.add(frames);
  }
  const reduction = fitPrincipalComponents(sample.subarray(0, rows * width), width, count, false);
  if (reduction.components === count) return reduction;
  throw new UserError(
    'usage',
    `--pca ${count}: the ${width} features vary in ${reduction.components} directions`,
    { hint: `Ask for at most ${reduction.components}` },
  );
}

function writeComponents(
  folder: string,
  { standardiser, projection, width, components }: PrincipalComponents,
) {
  writeRunJson(folder, 'principal-components.json', {
    mean: [...standardiser.mean],
    scale: [...standardiser.scale],
    projection: Array.from({ length: components }, (_, component) => [
      ...projection.subarray(component * width, (component + 1) * width),
    ]),
  });
}

function writeFeatures(
  { outFolder, format }: EmbedJob,
  id: string,
  values: Float32Array,
  width: number,
): void {
  const path = join(outFolder, `${id}.${format}`);
  makeFolder(dirname(path));
  const frames = values.length / width;
  if (format === 'npy')
    writeWhole(path, [formatNpy({ shape: [frames, width], data: new Float32Array(values) })]);
  else writeWhole(path, featureLines(id, values, width));
}

/** `recording,frame,feature0,...`: a line a frame, so that files of several recordings can be put together. */
function* featureLines(id: string, values: Float32Array, width: number): Generator<Uint8Array> {
  const names = Array.from({ length: width }, (_, column) => `feature${column}`);
  yield Buffer.from(`recording,frame,${names.join(',')}\n`);
  const recording = csvCell(id);
  for (let frame = 0; frame * width < values.length; frame++) {
    const own = values.subarray(frame * width, (frame + 1) * width);
    yield Buffer.from(`${recording},${frame},${own.join(',')}\n`);
  }
}
