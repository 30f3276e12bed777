import { openDataset } from '../data/store/open-dataset.js';
import { type BoutSettings, labelFrames } from '../evaluation/bouts/label-frames.js';
import { makeFolder } from '../files/write-whole.js';
import { type ApplyOptions, openHeads, type PredictionOrigin } from './apply-heads.js';
import { type PredictionFormat, writePrediction } from './predict-files.js';
import { startProgress } from './recording-progress.js';
import type { RunContext } from './run-context.js';
import { writeRunJson } from './run-folder.js';

/** What `whisker predict` asks of the trainer: plain data. */
export interface PredictJob extends ApplyOptions {
  readonly datasetFolder: string;
  readonly outFolder: string;
  /** null: what the heads have chosen within their training recordings, or 0 where they chose nothing. */
  readonly smoothSeconds: number | null;
  readonly minimalBoutSeconds: number | null;
  readonly formats: readonly PredictionFormat[];
}

/** What was predicted; `predictions.json` holds the same. */
export interface PredictSummary {
  readonly folder: string;
  readonly ending: 'done' | 'stopped';
  readonly task: string;
  readonly track: string;
  /** In the order of the columns of probabilities. */
  readonly classes: readonly string[];
  readonly features: string;
  readonly seed: number;
  readonly dataset: { readonly name: string; readonly hash: string };
  readonly frames: number;
  readonly recordings: readonly PredictedRecording[];
}

export interface PredictedRecording extends PredictionOrigin {
  readonly id: string;
  readonly subset: string;
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly files: readonly string[];
  readonly bouts: BoutSettings;
  /** Frames of each class. */
  readonly framesByClass: Readonly<Record<string, number>>;
}

/** The index of a folder of predictions. */
const INDEX = 'predictions.json';

/**
 * Writes what the heads of a run say of every frame of every recording: the chosen files per recording, named by its id,
 * and `predictions.json`. Probabilities are the heads' own; labels and bouts come of them smoothed, without short bouts.
 * Features are held in pieces; what grows with a recording are the numbers of its prediction, some 25 bytes a frame.
 */
export async function predictDataset(job: PredictJob, context: RunContext): Promise<PredictSummary> {
  const dataset = openDataset(job.datasetFolder);
  const heads = await openHeads(job, dataset, context.emit);
  const { name: task, track, classes } = heads.task;
  makeFolder(job.outFolder);
  const progress = startProgress(dataset.recordings, 'predict', context);
  const recordings: PredictedRecording[] = [];
  try {
    for (const [recording, { id, subset, frames, framesPerSecond }] of dataset.recordings.entries()) {
      await context.untilResumed();
      if (context.signal.aborted) break;
      const probabilities = heads.predict(recording);
      const bouts = boutSettings(job, heads.boutsOf(recording));
      const labels = labelFrames(probabilities, classes.length, framesPerSecond, bouts);
      const prediction = { id, framesPerSecond, track, classes, probabilities, labels };
      recordings.push({
        ...{ id, subset, frames, framesPerSecond },
        ...heads.originOf(recording),
        files: writePrediction(job.outFolder, prediction, job.formats),
        bouts,
        framesByClass: countClasses(labels, classes),
      });
      await progress.add(frames);
    }
  } finally {
    heads.dispose();
    dataset.close();
  }
  const summary: PredictSummary = {
    folder: job.outFolder,
    ending: recordings.length === dataset.recordings.length ? 'done' : 'stopped',
    ...{ task, track, classes, features: heads.features, seed: heads.seed },
    dataset: { name: dataset.header.name, hash: dataset.hash },
    frames: recordings.reduce((sum, { frames }) => sum + frames, 0),
    recordings,
  };
  writeRunJson(job.outFolder, INDEX, summary);
  return summary;
}

/** What was asked for, else what the heads chose, else nothing. */
function boutSettings(job: PredictJob, chosen: BoutSettings | null): BoutSettings {
  return {
    smoothSeconds: job.smoothSeconds ?? chosen?.smoothSeconds ?? 0,
    minimalBoutSeconds: job.minimalBoutSeconds ?? chosen?.minimalBoutSeconds ?? 0,
  };
}

function countClasses(labels: Int16Array, classes: readonly string[]): Record<string, number> {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]++;
  return Object.fromEntries(classes.map((name, index) => [name, counts[index]]));
}
