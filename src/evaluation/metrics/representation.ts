import { decomposeSymmetric } from '../features/symmetric-eigen.js';

/** Rows of features, [row, width]; every row counts the same. */
export interface Rows {
  readonly width: number;
  readonly values: Float32Array;
}

/**
 * How widely directions are spread: sqrt(width) x the mean over channels of the standard deviation of rows scaled to
 * length 1. About 1 where they fill the sphere, 0 where all rows point the same way: collapse.
 * Chen & He, "Exploring Simple Siamese Representation Learning", CVPR 2021, section 4.1.
 */
export function featureSpread(rows: Rows): number {
  const { width } = rows;
  const unit = normaliseRows(rows);
  const count = unit.length / width;
  let sum = 0;
  for (let channel = 0; channel < width; channel++) {
    let mean = 0;
    let square = 0;
    for (let index = channel; index < unit.length; index += width) {
      mean += unit[index];
      square += unit[index] ** 2;
    }
    sum += Math.sqrt(Math.max(0, square / count - (mean / count) ** 2));
  }
  return (Math.sqrt(width) * sum) / width;
}

/**
 * How many dimensions are used: exp of the entropy of the singular values of the centred rows, from 1 to width.
 * Roy & Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007.
 */
export function effectiveRank(rows: Rows): number {
  const { values: eigenvalues } = decomposeSymmetric(covariance(rows), rows.width);
  const singular = Array.from(eigenvalues, (value) => Math.sqrt(Math.max(0, value)));
  const total = singular.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 1;
  const entropy = singular.reduce((sum, value) => {
    const share = value / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0);
  return Math.exp(entropy);
}

/**
 * Mean squared distance between counterparts on the unit sphere, from 0 (equal) to 4; row i of one belongs to row i
 * of the other. Wang & Isola, "Understanding Contrastive Representation Learning through Alignment and Uniformity on
 * the Hypersphere", ICML 2020, eq. 1 with alpha = 2.
 */
export function alignment(one: Rows, other: Rows): number {
  const a = normaliseRows(one);
  const b = normaliseRows(other);
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] - b[index]) ** 2;
  return (sum * one.width) / a.length;
}

/**
 * log of the mean over pairs of exp(-2 x squared distance) on the unit sphere: 0 where all rows are equal, towards -4
 * where they are spread evenly. Wang & Isola (as above), eq. 2 with t = 2.
 */
export function uniformity(rows: Rows): number {
  const { width } = rows;
  const unit = normaliseRows(rows);
  const count = unit.length / width;
  let sum = 0;
  for (let one = 0; one < count; one++) {
    for (let other = 0; other < one; other++) sum += Math.exp(-2 * (2 - 2 * dot(unit, one, other, width)));
  }
  return Math.log(sum / ((count * (count - 1)) / 2));
}

/**
 * Share of rows whose nearest neighbours (by cosine) carry their label: leave-one-out, majority of `neighbours`, the
 * nearest deciding ties.
 * @param labels [row]
 * @param mayCompare whether row `other` may vote on row `one`: keeps near frames, or the own recording, out
 */
export function neighbourAccuracy(
  rows: Rows,
  labels: ArrayLike<number>,
  neighbours: number,
  mayCompare: (one: number, other: number) => boolean,
): number {
  const { width } = rows;
  const unit = normaliseRows(rows);
  const count = unit.length / width;
  let right = 0;
  let asked = 0;
  for (let one = 0; one < count; one++) {
    const others: { similarity: number; label: number }[] = [];
    for (let other = 0; other < count; other++) {
      if (other === one || !mayCompare(one, other)) continue;
      others.push({ similarity: dot(unit, one, other, width), label: labels[other] });
    }
    if (others.length === 0) continue;
    others.sort((a, b) => b.similarity - a.similarity);
    asked++;
    if (majority(others.slice(0, neighbours).map(({ label }) => label)) === labels[one]) right++;
  }
  return asked === 0 ? Number.NaN : right / asked;
}

/** The label that is there most often; of several, the one that comes first. */
function majority(labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

function dot(unit: Float64Array, one: number, other: number, width: number): number {
  let sum = 0;
  for (let channel = 0; channel < width; channel++) {
    sum += unit[one * width + channel] * unit[other * width + channel];
  }
  return sum;
}

function normaliseRows({ width, values }: Rows): Float64Array {
  const unit = Float64Array.from(values);
  for (let from = 0; from < unit.length; from += width) {
    let square = 0;
    for (let index = from; index < from + width; index++) square += unit[index] ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let index = from; index < from + width; index++) unit[index] *= scale;
  }
  return unit;
}

/** [width, width] */
function covariance({ width, values }: Rows): Float64Array {
  const count = values.length / width;
  const mean = new Float64Array(width);
  for (let index = 0; index < values.length; index++) mean[index % width] += values[index] / count;
  const result = new Float64Array(width * width);
  for (let from = 0; from < values.length; from += width) {
    for (let row = 0; row < width; row++) {
      const centred = values[from + row] - mean[row];
      for (let column = 0; column <= row; column++) {
        result[row * width + column] += (centred * (values[from + column] - mean[column])) / count;
      }
    }
  }
  for (let row = 0; row < width; row++) {
    for (let column = 0; column < row; column++) result[column * width + row] = result[row * width + column];
  }
  return result;
}
