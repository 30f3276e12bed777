import { describe, expect, it } from 'vitest';
import { averagePrecision } from '../../../src/evaluation/metrics/average-precision.js';
import {
  chanceLevel,
  intervalOf,
  plainFigure,
  resampleRows,
  weighMetric,
} from '../../../src/evaluation/statistics/bootstrap.js';
import { compareSamples, correctHolm, leastP } from '../../../src/evaluation/statistics/compare.js';
import {
  type Evidence,
  gatherEvidence,
  weighAveragePrecision,
} from '../../../src/evaluation/statistics/evidence.js';
import { seededRandom } from '../../../src/random.js';

const random = seededRandom(8, 'statistics');

/** Recordings whose scores know the class as well as `skill` says. */
function score(recordings: number, frames: number, skill: number) {
  return Array.from({ length: recordings }, (_, recording) => {
    const labels = Int16Array.from({ length: frames }, () => Number(random.uniform() < 0.1));
    const probabilities = new Float32Array(frames * 2);
    labels.forEach((label, frame) => {
      const probability = 1 / (1 + Math.exp(1 - skill * label - random.normal()));
      probabilities.set([1 - probability, probability], frame * 2);
    });
    return { recording, id: `r${recording}`, labels, probabilities };
  });
}

function evidenceOf(scored: ReturnType<typeof score>, groups: number): Evidence {
  const predictions = scored.map(({ probabilities }) =>
    Int16Array.from({ length: probabilities.length / 2 }, (_, frame) =>
      Number(probabilities[frame * 2 + 1] > 0.5),
    ),
  );
  return gatherEvidence(scored, predictions, 2, [1], groups);
}

const scored = score(8, 500, 2);
const positive = scored.flatMap(({ labels }) => [...labels]);
const scores = scored.flatMap(({ probabilities }) =>
  [...probabilities].filter((_, index) => index % 2 === 1),
);

describe('evidence', () => {
  it('gives the exact average precision when every positive has a group, and nearly so with fewer', () => {
    const exact = averagePrecision(positive, scores);
    const ones = new Array(8).fill(1);
    expect(weighAveragePrecision(evidenceOf(scored, 1e6).rankings[0], ones)).toBeCloseTo(exact, 12);
    expect(Math.abs(weighAveragePrecision(evidenceOf(scored, 100).rankings[0], ones) - exact)).toBeLessThan(
      0.005,
    );
  });

  it('a weight of two is the recording twice, of zero without it', () => {
    const [first, second, third] = scored;
    const doubled = [...first.labels, ...first.labels, ...third.labels];
    const own = (recording: (typeof scored)[number]) =>
      [...recording.probabilities].filter((_, index) => index % 2 === 1);
    const expected = averagePrecision(doubled, [...own(first), ...own(first), ...own(third)]);
    const evidence = evidenceOf([first, second, third], 1e6);
    expect(weighAveragePrecision(evidence.rankings[0], [2, 0, 1])).toBeCloseTo(expected, 12);
  });

  it('keeps equal probabilities together: a constant has the average precision of chance', () => {
    const flat = scored.map((recording) => ({
      ...recording,
      probabilities: recording.probabilities.map(() => 0.5),
    }));
    const evidence = evidenceOf(flat, 50);
    expect(evidence.rankings[0].positives[0]).toHaveLength(1);
    expect(weighAveragePrecision(evidence.rankings[0], new Array(8).fill(1))).toBeCloseTo(
      chanceLevel(evidence),
      12,
    );
  });

  it('knows chance: the share of the class', () => {
    const share = positive.reduce((sum, label) => sum + label, 0) / positive.length;
    expect(chanceLevel(evidenceOf(scored, 50))).toBeCloseTo(share, 12);
  });

  it('is plain JSON', () => {
    const evidence = evidenceOf(scored, 50);
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
  });
});

describe('bootstrap', () => {
  const evidence = evidenceOf(scored, 100);
  const worse = evidenceOf(score(8, 500, 0.5), 100);
  const rows = [evidence, worse, evidence].map((task, index) => ({
    name: `row ${index}`,
    seeds: [{ seed: 1, tasks: [task] }],
  }));
  const samples = resampleRows(rows, 'map', 400, seededRandom(1));

  it('lies around the figure', () => {
    const { low, high } = intervalOf(samples[0], 0.95);
    const figure = plainFigure(rows[0], 'map');
    expect(low).toBeLessThan(figure);
    expect(high).toBeGreaterThan(figure);
    expect(high - low).toBeLessThan(0.2);
    expect(weighMetric(evidence, 'f1', new Array(8).fill(1))).toBeCloseTo(plainFigure(rows[0], 'f1'), 12);
  });

  it('is paired: a row differs from itself by nothing, from a worse one for certain', () => {
    expect(
      intervalOf(
        samples[0].map((value, index) => value - samples[2][index]),
        0.95,
      ),
    ).toEqual({ low: 0, high: 0 });
    const value = plainFigure(rows[0], 'map') - plainFigure(rows[1], 'map');
    const difference = compareSamples(value, samples[0], samples[1], 0.95);
    expect(difference.low).toBeGreaterThan(0);
    expect(difference.pValue).toBeCloseTo(2 / 401, 12);
  });

  it('repeats with its seed', () => {
    expect(resampleRows(rows, 'map', 5, seededRandom(1))[0]).toEqual(samples[0].slice(0, 5));
  });
});

describe('Holm', () => {
  it('by hand: .01, .04, .03 become 3 x .01, max(.06, .04), 2 x .03', () => {
    const corrected = correctHolm([0.01, 0.04, 0.03]);
    [0.03, 0.06, 0.06].forEach((expected, index) => {
      expect(corrected[index]).toBeCloseTo(expected, 12);
    });
    expect(correctHolm([0.8, 0.9])).toEqual([1, 1]);
  });

  it('gives no less than it says it can: every difference far from 0', () => {
    const [apart, zeros] = [new Float64Array(99).fill(1), new Float64Array(99)];
    const { pValue } = compareSamples(1, apart, zeros, 0.95);
    const corrected = correctHolm([pValue, pValue, pValue]);
    expect(corrected).toEqual([0.06, 0.06, 0.06]);
    expect(leastP(99, 3)).toBeCloseTo(0.06, 12);
    expect(leastP(9, 30)).toBe(1);
  });
});
