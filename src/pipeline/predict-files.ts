import { dirname, join } from 'node:path';
import { writeBentoAnnotations } from '../data/formats/bento-annotations.js';
import { writeBorisEvents } from '../data/formats/boris.js';
import { type AnnotationStream, toStream } from '../data/formats/bouts.js';
import { writeBoutsCsv } from '../data/formats/bouts-csv.js';
import { formatNpy } from '../data/formats/npy.js';
import type { Labels } from '../data/pose.js';
import { csvCell } from '../files/csv-cell.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';

/** The files that predictions may be written as, with the ending that follows a recording's id. */
export const PREDICTION_ENDINGS = {
  'frames-csv': '.frames.csv',
  'bouts-csv': '.bouts.csv',
  bento: '.annot',
  boris: '.boris.csv',
  npy: '.npy',
} as const;

/** How predictions are written. */
export type PredictionFormat = keyof typeof PREDICTION_ENDINGS;

/** The predictions of one recording. */
export interface Prediction {
  readonly id: string;
  readonly framesPerSecond: number;
  /** The track that the labels are meant for, and its classes. */
  readonly track: string;
  readonly classes: readonly string[];
  /** [frame, class] */
  readonly probabilities: Float32Array;
  /** [frame] indices into the classes */
  readonly labels: Labels;
}

/** Writes a recording's predictions below `folder`, each file whole; gives their names. */
export function writePrediction(
  folder: string,
  prediction: Prediction,
  formats: readonly PredictionFormat[],
): string[] {
  return formats.map((format) => {
    const name = `${prediction.id}${PREDICTION_ENDINGS[format]}`;
    makeFolder(dirname(join(folder, name)));
    writeWhole(join(folder, name), CONTENTS[format](prediction));
    return name;
  });
}

const CONTENTS: Readonly<Record<PredictionFormat, (prediction: Prediction) => Iterable<Uint8Array>>> = {
  'frames-csv': framesCsvLines,
  'bouts-csv': (prediction) => [Buffer.from(writeBoutsCsv([streamOf(prediction)]))],
  bento: (prediction) => [Buffer.from(writeBentoAnnotations([streamOf(prediction)], sizeOf(prediction)))],
  boris: (prediction) => [Buffer.from(writeBorisEvents([streamOf(prediction)], sizeOf(prediction)))],
  npy: ({ probabilities, classes }) => [
    formatNpy({
      shape: [probabilities.length / classes.length, classes.length],
      data: new Float32Array(probabilities),
    }),
  ],
};

/** `frame,seconds,label,p_CLASS,...`: frames from 0; nine digits, so that a float32 reads back exactly. */
function* framesCsvLines(prediction: Prediction): Generator<Uint8Array> {
  const { classes, labels, probabilities, framesPerSecond } = prediction;
  const header = ['frame', 'seconds', 'label', ...classes.map((name) => csvCell(`p_${name}`))];
  yield Buffer.from(`${header.join(',')}\n`);
  const names = classes.map((name) => csvCell(name));
  for (let start = 0; start < labels.length; start += LINES_AT_A_TIME) {
    const lines = Array.from(labels.subarray(start, start + LINES_AT_A_TIME), (label, index) => {
      const frame = start + index;
      const own = probabilities.subarray(frame * classes.length, (frame + 1) * classes.length);
      const numbers = Array.from(own, (value) => Number(value.toPrecision(9)));
      const seconds = Number((frame / framesPerSecond).toFixed(6));
      return `${[frame, seconds, names[label], ...numbers].join(',')}\n`;
    });
    yield Buffer.from(lines.join(''));
  }
}

const LINES_AT_A_TIME = 1000;

function streamOf({ track, classes, labels }: Prediction): AnnotationStream {
  return toStream({ name: track, vocabulary: classes, labels });
}

function sizeOf({ id, labels, framesPerSecond }: Prediction) {
  return { id, frames: labels.length, framesPerSecond };
}
