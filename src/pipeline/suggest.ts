import { join } from 'node:path';
import { UNANNOTATED } from '../data/pose.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { UserError } from '../errors.js';
import { predictClasses } from '../evaluation/metrics/confusion.js';
import { chooseSpread } from '../evaluation/suggestion/choose-spread.js';
import { createStretchMeans } from '../evaluation/suggestion/stretch-means.js';
import { cutStretches, type Stretch, uncertaintyOf } from '../evaluation/suggestion/stretches.js';
import { csvCell } from '../files/csv-cell.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';
import { seededRandom } from '../random.js';
import { type ApplyOptions, openHeads } from './apply-heads.js';
import { startProgress } from './recording-progress.js';
import type { RunContext } from './run-context.js';
import { writeRunJson } from './run-folder.js';

/** What `whisker suggest` asks of the trainer: plain data. */
export interface SuggestJob extends ApplyOptions {
  readonly datasetFolder: string;
  readonly outFolder: string;
  /** How many stretches, and about how long. */
  readonly count: number;
  readonly seconds: number;
  /** Recordings of this subset; null: all. */
  readonly subset: string | null;
  /** Whether frames that are labelled already may be suggested, e.g. to be checked. */
  readonly withLabelled: boolean;
}

/** What to label next; `suggestions.json` holds the same. */
export interface SuggestSummary {
  readonly folder: string;
  readonly task: string;
  readonly track: string;
  readonly features: string;
  readonly seed: number;
  readonly dataset: { readonly folder: string; readonly name: string; readonly hash: string };
  readonly seconds: number;
  /** Stretches that could have been chosen. */
  readonly candidates: number;
  /** In the order of their worth. */
  readonly list: readonly Suggestion[];
}

/** Frames [start, stop) of a recording that are worth a person's time. */
export interface Suggestion extends Stretch {
  readonly id: string;
  readonly framesPerSecond: number;
  /** Mean entropy of the predictions as a share of the highest: 0 sure, 1 knows nothing. */
  readonly uncertainty: number;
  /** What the heads see in it, e.g. `mount 60 %, other 40 %`. */
  readonly predicted: string;
}

/** Frames a second that are looked at to tell stretches apart. */
const LOOKS_PER_SECOND = 3;
const CSV_FRAMES = 'rank,recording,start_frame,stop_frame,start,stop,seconds,uncertainty,predicted';

/**
 * Chooses stretches that are worth labelling: uncertain ones that stand for many others and differ from each other and from
 * what is labelled already, anywhere in the data set. Writes `suggestions.csv` and `suggestions.json`. Memory holds one
 * recording and at most 128 numbers for each stretch.
 * @returns null when it was stopped
 * @throws UserError when nothing is left to label
 */
export async function suggestStretches(job: SuggestJob, context: RunContext): Promise<SuggestSummary | null> {
  const dataset = openDataset(job.datasetFolder);
  const heads = await openHeads(job, dataset, context.emit);
  try {
    const { task } = heads;
    const open = new Set(chooseRecordings(dataset, job.subset));
    const recordings = [...dataset.recordings.keys()].filter(
      (recording) => open.has(recording) || (!job.withLabelled && isLabelled(dataset, recording, task.track)),
    );
    const progress = startProgress(
      recordings.map((recording) => dataset.recordings[recording]),
      'suggest',
      context,
    );
    const random = seededRandom(heads.seed, 'suggest', task.name);
    const candidates: Suggestion[] = [];
    const vectors: Float32Array[] = [];
    const labelled: Float32Array[] = [];
    const classCount = task.classes.length;
    const means = createStretchMeans(heads.inputWidth, random.fork('projection'));
    for (const recording of recordings) {
      await context.untilResumed();
      if (context.signal.aborted) return null;
      const { id, frames, framesPerSecond } = dataset.recordings[recording];
      const length = Math.max(1, Math.round(job.seconds * framesPerSecond));
      const every = Math.max(1, Math.round(framesPerSecond / LOOKS_PER_SECOND));
      const describe = ({ start, stop }: Stretch) =>
        means.describe(
          heads.readInputs(
            recording,
            Uint32Array.from(
              { length: Math.ceil((stop - start) / every) },
              (_, look) => start + look * every,
            ),
          ),
        );
      const labels = dataset.readLabels(recording, task.track, 0, frames);
      const isOpen = (frame: number) => job.withLabelled || labels[frame] === UNANNOTATED;
      if (open.has(recording) && (job.withLabelled || labels.includes(UNANNOTATED))) {
        const probabilities = heads.predict(recording);
        const predicted = predictClasses(probabilities, classCount);
        for (const stretch of cutStretches(isOpen, predicted, length)) {
          vectors.push(describe(stretch));
          candidates.push({
            ...{ id, framesPerSecond, ...stretch },
            uncertainty: meanUncertainty(probabilities, stretch, classCount),
            predicted: describeShares(predicted, stretch, task.classes),
          });
        }
      }
      for (const stretch of cutStretches((frame) => !isOpen(frame), labels, length))
        labelled.push(describe(stretch));
      await progress.add(frames);
    }
    if (candidates.length === 0) {
      throw new UserError(
        'data',
        `${dataset.folder}: every frame carries a label of the track ${task.track}`,
        {
          hint: 'Name a data set with unlabelled recordings, or add --with-labelled to look over labelled ones',
        },
      );
    }
    const weighted = candidates.map(({ uncertainty }, index) => ({
      vector: vectors[index],
      weight: uncertainty,
    }));
    const chosen = chooseSpread(weighted, labelled, job.count, random.fork('choice'));
    const list = chosen.map((index) => candidates[index]);
    const summary: SuggestSummary = {
      folder: job.outFolder,
      ...{ task: task.name, track: task.track, features: heads.features, seed: heads.seed },
      dataset: { folder: dataset.folder, name: dataset.header.name, hash: dataset.hash },
      seconds: job.seconds,
      candidates: candidates.length,
      list,
    };
    makeFolder(job.outFolder);
    writeWhole(join(job.outFolder, 'suggestions.csv'), [Buffer.from(formatSuggestions(list))]);
    writeRunJson(job.outFolder, 'suggestions.json', summary);
    return summary;
  } finally {
    heads.dispose();
    dataset.close();
  }
}

/** Stretches as csv: frames from 0, the stop is the frame behind the last; times as minutes:seconds. */
export function formatSuggestions(list: readonly Suggestion[]): string {
  const lines = list.map(({ id, start, stop, framesPerSecond, uncertainty, predicted }, index) =>
    [
      index + 1,
      csvCell(id),
      ...[start, stop, formatTime(start / framesPerSecond), formatTime(stop / framesPerSecond)],
      ((stop - start) / framesPerSecond).toFixed(2),
      uncertainty.toFixed(3),
      csvCell(predicted),
    ].join(','),
  );
  return `${[CSV_FRAMES, ...lines].join('\n')}\n`;
}

/** Seconds as players show them: 1:02.5 */
export function formatTime(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}

function isLabelled(dataset: Dataset, recording: number, track: string): boolean {
  return dataset.recordings[recording].tracks.includes(track);
}

function chooseRecordings(dataset: Dataset, subset: string | null): number[] {
  const numbers = [...dataset.recordings.keys()];
  const chosen = numbers.filter((number) => subset === null || dataset.recordings[number].subset === subset);
  if (chosen.length > 0) return chosen;
  throw new UserError('usage', `${dataset.folder} has no subset ${subset}`, {
    hint: `It has ${[...new Set(dataset.recordings.map((recording) => recording.subset))].join(', ')}`,
  });
}

function meanUncertainty(probabilities: Float32Array, { start, stop }: Stretch, classCount: number): number {
  let sum = 0;
  for (let frame = start; frame < stop; frame++) sum += uncertaintyOf(probabilities, frame, classCount);
  return sum / (stop - start);
}

/** Classes by their share of the stretch, those below a twentieth left out. */
function describeShares(predicted: Int16Array, { start, stop }: Stretch, classes: readonly string[]): string {
  const counts = new Float64Array(classes.length);
  for (let frame = start; frame < stop; frame++) counts[predicted[frame]]++;
  return [...classes.keys()]
    .filter((target) => counts[target] >= 0.05 * (stop - start))
    .sort((a, b) => counts[b] - counts[a])
    .map((target) => `${classes[target]} ${Math.round((100 * counts[target]) / (stop - start))} %`)
    .join(', ');
}
