import { UserError } from '../../errors.js';
import { type Coefficients, columnsOf, type HeadKind } from './problem.js';
import { type Standardiser, standardise } from './standardise.js';

/** A fitted linear head: plain data. */
export interface Head {
  readonly kind: HeadKind;
  /** In the order of the track's vocabulary; a binary head has two: not it, and it. */
  readonly classNames: readonly string[];
  readonly standardiser: Standardiser;
  readonly coefficients: Coefficients;
  /** lambda of the penalty lambda / 2 |W|^2 beside the mean cross-entropy; null: the mean of heads of several. */
  readonly strength: number | null;
}

/**
 * Probabilities [frame, class] of raw features [frame, width]; missing values count as the training mean.
 * A binary head gives two classes as well.
 * @throws UserError (`data`) when the width differs from the head's.
 */
export function applyHead(head: Head, rows: Float32Array, frames: number): Float32Array {
  const { columns, width, values } = head.coefficients;
  if (rows.length !== frames * width) {
    throw new UserError('data', `the head wants ${width} features a frame, got ${rows.length / frames}`);
  }
  const inputs = standardise(rows, head.standardiser);
  const classCount = head.classNames.length;
  const probabilities = new Float32Array(frames * classCount);
  const logits = new Float64Array(columns);
  for (let frame = 0; frame < frames; frame++) {
    for (let column = 0; column < columns; column++) {
      const at = column * (width + 1);
      let sum = values[at + width];
      for (let channel = 0; channel < width; channel++) {
        sum += inputs[frame * width + channel] * values[at + channel];
      }
      logits[column] = sum;
    }
    writeProbabilities(head.kind, logits, probabilities, frame * classCount);
  }
  return probabilities;
}

/**
 * The head for other class frequencies: the log of their ratio goes to the bias (Saerens, Latinne & Decaestecker
 * 2002). A head that was fitted with class weights believes in the weighted frequencies; this undoes it.
 * @param from class frequencies that the head was fitted with (weights included)
 * @param to class frequencies where it will be used
 */
export function correctPriors(head: Head, from: readonly number[], to: readonly number[]): Head {
  const { columns, width } = head.coefficients;
  const shifts = from.map((share, target) => Math.log(to[target] / share));
  if (shifts.some((shift) => !Number.isFinite(shift))) {
    throw new UserError('settings', 'correcting priors needs frequencies above 0 for every class');
  }
  const values = head.coefficients.values.slice();
  for (let column = 0; column < columns; column++) {
    values[column * (width + 1) + width] += head.kind === 'binary' ? shifts[1] - shifts[0] : shifts[column];
  }
  return { ...head, coefficients: { columns, width, values } };
}

/** Throws unless the head's parts fit together: for heads that were read from a file. */
export function checkHead(head: Head): void {
  const { columns, width, values } = head.coefficients;
  const isWhole =
    columns === columnsOf(head.kind, head.classNames.length) &&
    values.length === columns * (width + 1) &&
    head.standardiser.mean.length === width &&
    head.standardiser.scale.length === width &&
    values.every(Number.isFinite);
  if (!isWhole)
    throw new UserError('data', 'the parts of a head have different sizes, or hold what is no number');
}

/** Softmax of each row of scores, [frame, class]. */
export function softmaxRows(scores: Float32Array, classCount: number): Float32Array {
  const output = new Float32Array(scores.length);
  const row = new Float64Array(classCount);
  for (let at = 0; at < scores.length; at += classCount) {
    row.set(scores.subarray(at, at + classCount));
    writeProbabilities('multinomial', row, output, at);
  }
  return output;
}

function writeProbabilities(kind: HeadKind, logits: Float64Array, output: Float32Array, at: number): void {
  if (kind === 'binary') {
    const tail = Math.exp(-Math.abs(logits[0]));
    const positive = (logits[0] > 0 ? 1 : tail) / (1 + tail);
    output[at] = 1 - positive;
    output[at + 1] = positive;
    return;
  }
  const highest = Math.max(...logits);
  let sum = 0;
  for (let column = 0; column < logits.length; column++) {
    logits[column] = Math.exp(logits[column] - highest);
    sum += logits[column];
  }
  for (let column = 0; column < logits.length; column++) output[at + column] = logits[column] / sum;
}
