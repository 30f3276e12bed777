import { describe, expect, it } from 'vitest';
import type { ResultsTable } from '../../src/evaluation/results/results-table.js';
import { seededRandom } from '../../src/random.js';
import { placeByUmap } from '../../src/report/embedding-map.js';
import { drawLearningCurves } from '../../src/report/learning-curves.js';
import { findStretches } from '../../src/report/page/find-stretches.js';
import { tracePrecisionRecall } from '../../src/report/precision-recall.js';

it('traces precision over recall, recordings pooled', () => {
  // Group 0: 1 + 2 hits, 0 + 1 others: recall 3/4, precision 3/4. Group 1: 1 hit, 4 others: 4/4, 4/9.
  const ranking = {
    target: 1,
    positives: [
      [1, 1],
      [2, 0],
    ],
    negatives: [
      [0, 3],
      [1, 1],
    ],
  };
  expect(tracePrecisionRecall(ranking)).toEqual([
    [3 / 4, 3 / 4],
    [1, 4 / 9],
  ]);
  expect(tracePrecisionRecall({ target: 1, positives: [[0]], negatives: [[5]] })).toEqual([]);
});

describe('drawLearningCurves', () => {
  const tableOf = (value: number): ResultsTable => ({
    columns: [{ group: 'g', metric: 'map', title: 'g MAP' }],
    rows: [
      { name: 'encoder', status: 'measured', flags: [], seeds: 1, cells: [{ value, interval: null }] },
      { name: 'chance', status: 'chance', flags: [], seeds: 0, cells: [{ value: 0.1, interval: null }] },
    ],
    differences: [],
    notes: [],
  });

  it('orders points by the number of labels; all labels stand at the number of training recordings', () => {
    const curves = drawLearningCurves([
      { table: tableOf(0.9), few: null, trainingRecordings: 32 },
      { table: tableOf(0.5), few: { recordings: 2 }, trainingRecordings: 32 },
      { table: tableOf(0.7), few: { recordings: 8 }, trainingRecordings: 32 },
    ]);
    expect(curves).toHaveLength(1);
    expect(curves[0].points.map(({ amount, cell }) => [amount, cell.value])).toEqual([
      [2, 0.5],
      [8, 0.7],
      [32, 0.9],
    ]);
  });

  it('draws none of a single amount', () => {
    expect(drawLearningCurves([{ table: tableOf(0.9), few: null, trainingRecordings: 32 }])).toEqual([]);
  });
});

it('places groups apart by UMAP, and the same again with the same seed', () => {
  const random = seededRandom(1, 'points');
  const rows = Float32Array.from({ length: 120 * 4 }, (_, index) => (index < 240 ? 0 : 20) + random.normal());
  const place = () => placeByUmap(rows, 4, seededRandom(2, 'umap'));
  const plane = place();
  expect(place()).toEqual(plane);
  const centre = (from: number) => {
    const own = plane.subarray(2 * from, 2 * (from + 60));
    const mean = (axis: number) =>
      own.filter((_, index) => index % 2 === axis).reduce((a, b) => a + b, 0) / 60;
    const spread = Math.hypot(
      ...[0, 1].map((axis) =>
        Math.sqrt(
          own
            .filter((_, index) => index % 2 === axis)
            .reduce((sum, value) => sum + (value - mean(axis)) ** 2, 0) / 60,
        ),
      ),
    );
    return { x: mean(0), y: mean(1), spread };
  };
  const [one, other] = [centre(0), centre(60)];
  expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(
    2 * Math.max(one.spread, other.spread),
  );
});

it('finds the longest stretches of a cell of the confusion', () => {
  const tracks = [
    { recording: 3, truth: Int16Array.of(1, 1, 1, 0, 1, 1), predicted: Int16Array.of(0, 0, 1, 0, 0, 1) },
    { recording: 5, truth: Int16Array.of(1, 1, 1), predicted: Int16Array.of(0, 0, 0) },
  ];
  expect(findStretches(tracks, 1, 0, 2)).toEqual([
    { recording: 5, start: 0, stop: 3 },
    { recording: 3, start: 0, stop: 2 },
  ]);
});
