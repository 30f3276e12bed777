import { expect, test } from 'vitest';
import { simulateRecording } from '../../../src/data/simulate/simulate-recording.js';
import { averagePrecision } from '../../../src/evaluation/metrics/average-precision.js';
import { simulatedSpec, TWENTY_SESSIONS } from './simulated-spec.js';

/**
 * What the simulator is for: one frame says little, motion over a second says much. A linear classifier (least
 * squares on the classes, ridge 1e-3) is fitted to recordings and scored on recordings of other animals.
 */
const FRAMES = 1200;
const EVERY = 8;
const PER_SPLIT = 40;

/** Log distances between the animals' points, lengths within each body, and the angle between the bodies. */
function poseFeatures(pose: Float32Array): Float64Array[] {
  const columns: Float64Array[] = [];
  const log = (a: number, b: number) =>
    Float64Array.from({ length: FRAMES }, (_, frame) => Math.log(10 + distance(pose, frame, a, b)));
  for (let mine = 0; mine < 7; mine++) {
    for (let theirs = 7; theirs < 14; theirs++) {
      columns.push(log(mine, theirs));
    }
  }
  for (const animal of [0, 7]) {
    columns.push(log(animal, animal + 3), log(animal + 3, animal + 6), log(animal, animal + 6));
  }
  columns.push(
    Float64Array.from({ length: FRAMES }, (_, frame) =>
      Math.cos(heading(pose, frame, 0) - heading(pose, frame, 7)),
    ),
  );
  return columns;
}

/** Means and standard deviations within 0.3 s and 1 s of speeds, distances, lengths, and their changes. */
function motionFeatures(pose: Float32Array): Float64Array[] {
  const series = [
    speed(pose, 3),
    speed(pose, 10),
    ...[
      [0, 13],
      [0, 7],
      [0, 10],
      [3, 10],
      [3, 6],
      [0, 6],
    ].map(([a, b]) => Float64Array.from({ length: FRAMES }, (_, frame) => distance(pose, frame, a, b))),
  ];
  const changes = series
    .slice(2)
    .map((values) => values.map((value, frame) => Math.abs(value - values[Math.max(0, frame - 1)])));
  return [...series, ...changes].flatMap((values) =>
    [10, 30].flatMap((reach) => meanAndSpread(values, reach)),
  );
}

test('a linear classifier needs motion: single frames are clearly worse on animals that it has not seen', () => {
  const train = makeSplit('train');
  const test = makeSplit('test');
  const single = score(train, test, train.single[0].length);
  const withMotion = score(train, test, train.all[0].length);
  // 0.55 and 0.85 when the constants were frozen; chance is the mean share of the three classes, 0.13.
  expect(single).toBeGreaterThan(0.25);
  expect(single).toBeLessThan(0.65);
  expect(withMotion).toBeGreaterThan(single + 0.15);
  expect(withMotion).toBeLessThan(0.97);
});

interface Split {
  readonly single: Float64Array[];
  readonly all: Float64Array[];
  readonly labels: number[];
}

function makeSplit(subset: string): Split {
  const split: Split = { single: [], all: [], labels: [] };
  for (let index = 0; index < PER_SPLIT; index++) {
    const session = TWENTY_SESSIONS[index % 20];
    const { pose, labels } = simulateRecording(simulatedSpec({ subset, index, session, frames: FRAMES }));
    const single = poseFeatures(pose);
    const all = [...single, ...motionFeatures(pose)];
    for (let frame = 0; frame < FRAMES; frame += EVERY) {
      split.single.push(Float64Array.from(single, (column) => column[frame]));
      split.all.push(Float64Array.from(all, (column) => column[frame]));
      split.labels.push((labels.get('task1') as Int16Array)[frame]);
    }
  }
  return split;
}

/** Mean average precision of attack, investigation and mount, with the first `width` features. */
function score(train: Split, test: Split, width: number): number {
  const scale = Array.from({ length: width }, (_, column) => {
    const values = train.all.map((row) => row[column]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread =
      Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
    return [mean, spread];
  });
  const standardise = (rows: readonly Float64Array[]) =>
    rows.map((row) => {
      const out = new Float64Array(width + 1).fill(1);
      for (let column = 0; column < width; column++) {
        out[column] = Math.max(-5, Math.min(5, (row[column] - scale[column][0]) / scale[column][1]));
      }
      return out;
    });
  const rows = standardise(train.all);
  const size = width + 1;
  const gram = Array.from({ length: size }, () => new Float64Array(size));
  const right = [0, 1, 2].map(() => new Float64Array(size));
  for (const [index, row] of rows.entries()) {
    for (let a = 0; a < size; a++) {
      for (let b = 0; b <= a; b++) {
        gram[a][b] += row[a] * row[b];
      }
      if (train.labels[index] < 3) {
        right[train.labels[index]][a] += row[a];
      }
    }
  }
  for (let a = 0; a < size; a++) {
    gram[a][a] += 1e-3 * rows.length;
  }
  const weights = solve(gram, right);
  const seen = standardise(test.all);
  let sum = 0;
  for (let label = 0; label < 3; label++) {
    const scores = seen.map((row) =>
      row.reduce((total, value, column) => total + value * weights[label][column], 0),
    );
    const truth = test.labels.map((value) => value === label);
    sum += averagePrecision(truth, scores);
  }
  return sum / 3;
}

/** Solves L L' x = b for every b, by Cholesky's decomposition of the lower triangle. */
function solve(lower: Float64Array[], rights: Float64Array[]): Float64Array[] {
  const size = lower.length;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = lower[row][column];
      for (let k = 0; k < column; k++) {
        rest -= lower[row][k] * lower[column][k];
      }
      lower[row][column] = row === column ? Math.sqrt(rest) : rest / lower[column][column];
    }
  }
  return rights.map((right) => {
    const x = right.slice();
    for (let row = 0; row < size; row++) {
      for (let k = 0; k < row; k++) {
        x[row] -= lower[row][k] * x[k];
      }
      x[row] /= lower[row][row];
    }
    for (let row = size - 1; row >= 0; row--) {
      for (let k = row + 1; k < size; k++) {
        x[row] -= lower[k][row] * x[k];
      }
      x[row] /= lower[row][row];
    }
    return x;
  });
}

function distance(pose: Float32Array, frame: number, a: number, b: number): number {
  const place = 28 * frame;
  return Math.hypot(
    pose[place + 2 * a] - pose[place + 2 * b],
    pose[place + 2 * a + 1] - pose[place + 2 * b + 1],
  );
}

function heading(pose: Float32Array, frame: number, animal: number): number {
  const neck = 28 * frame + 2 * (animal + 3);
  const tail = 28 * frame + 2 * (animal + 6);
  return Math.atan2(pose[neck + 1] - pose[tail + 1], pose[neck] - pose[tail]);
}

function speed(pose: Float32Array, point: number): Float64Array {
  return Float64Array.from({ length: FRAMES }, (_, frame) => {
    const place = 28 * frame + 2 * point;
    const before = Math.max(2 * point, place - 28);
    return Math.hypot(pose[place] - pose[before], pose[place + 1] - pose[before + 1]);
  });
}

/** Mean and standard deviation over the frames at most `reach` away. */
function meanAndSpread(values: Float64Array, reach: number): Float64Array[] {
  const sums = new Float64Array(FRAMES + 1);
  const squares = new Float64Array(FRAMES + 1);
  for (let frame = 0; frame < FRAMES; frame++) {
    sums[frame + 1] = sums[frame] + values[frame];
    squares[frame + 1] = squares[frame] + values[frame] ** 2;
  }
  const over = (totals: Float64Array) =>
    Float64Array.from({ length: FRAMES }, (_, frame) => {
      const start = Math.max(0, frame - reach);
      const stop = Math.min(FRAMES, frame + reach + 1);
      return (totals[stop] - totals[start]) / (stop - start);
    });
  const mean = over(sums);
  const square = over(squares);
  return [mean, square.map((value, frame) => Math.sqrt(Math.max(0, value - mean[frame] ** 2)))];
}
