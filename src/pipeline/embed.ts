import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatNpy } from '../data/formats/npy.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Device } from '../engine/engine.js';
import { startEngine } from '../engine/start.js';
import { csvCell } from '../files/csv-cell.js';
import { writeWhole } from '../files/write-whole.js';
import { openEmbedder } from './embedder.js';
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
  readonly stride: number;
  readonly batchWindows: number;
}

/** What `whisker embed` tells when it is done. */
export interface EmbedSummary {
  readonly folder: string;
  readonly recordings: number;
  readonly frames: number;
  readonly width: number;
  readonly encoderHash: string;
  /** Recordings whose poses the encoder was trained on: their features are not those of unseen animals. */
  readonly seenRecordings: readonly string[];
}

/**
 * Writes the features of every original frame of every recording: one file a recording, named by its id, and
 * `index.json` with encoder, widths and frames. Memory holds one recording.
 */
export async function embedDataset(job: EmbedJob, context: RunContext): Promise<EmbedSummary> {
  const { card, parameters, hash } = loadEncoder(job.runFolder, job.checkpoint);
  const dataset = openDataset(job.datasetFolder);
  const engine = await startEngine({ device: job.device });
  const embedder = await openEmbedder({ ...job, engine, card, parameters, dataset });
  const seen = new Set(card.recordings.map(({ poseHash }) => poseHash));
  mkdirSync(job.outFolder, { recursive: true });
  const progress = startProgress(dataset.recordings, 'embed', context);
  let done = 0;
  for (const [recording, { id, frames }] of dataset.recordings.entries()) {
    if (context.signal.aborted) break;
    const features = embedder.embed(recording);
    writeFeatures(job, id, features, embedder.width);
    done += frames;
    await progress.add(frames);
  }
  const summary: EmbedSummary = {
    folder: job.outFolder,
    recordings: dataset.recordings.length,
    frames: done,
    width: embedder.width,
    encoderHash: hash,
    seenRecordings: dataset.recordings.filter(({ poseHash }) => seen.has(poseHash)).map(({ id }) => id),
  };
  const recordings = dataset.recordings.map(({ id, subset, frames, framesPerSecond }) => ({
    file: `${id}.${job.format}`,
    ...{ id, subset, frames, framesPerSecond },
  }));
  writeRunJson(job.outFolder, 'index.json', { ...summary, dataset: dataset.hash, recordings });
  embedder.dispose();
  dataset.close();
  return summary;
}

function writeFeatures(
  { outFolder, format }: EmbedJob,
  id: string,
  values: Float32Array,
  width: number,
): void {
  const path = join(outFolder, `${id}.${format}`);
  mkdirSync(dirname(path), { recursive: true });
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
