import { describe, expect, test } from 'vitest';
import { annotateBehaviour, annotateClasses } from '../../../src/data/simulate/annotate.js';
import { ANNOTATOR_STYLES, type AnnotatorStyle } from '../../../src/data/simulate/constants.js';
import { simulateTruth } from '../../../src/data/simulate/simulate-recording.js';
import { ACT, type Act } from '../../../src/data/simulate/vocabulary.js';
import { seededRandom } from '../../../src/random.js';
import { simulatedSpec, TWENTY_SESSIONS } from './simulated-spec.js';

const EXACT: AnnotatorStyle = {
  onsetFrames: 0,
  offsetFrames: 0,
  borderSpread: 0,
  mergeGapFrames: 0,
  shortestFrames: { attack: 0, investigation: 0, mount: 0 },
  calls: {},
};

function acts(...runs: readonly (readonly [Act, number])[]) {
  const resident = Uint8Array.from(runs.flatMap(([act, frames]) => Array(frames).fill(ACT[act])));
  return { resident, intruder: new Uint8Array(resident.length).fill(ACT.pause) };
}

/** Runs of labels as text: `other 5, mount 3`. */
function runs(labels: Int16Array): string {
  const names = ['attack', 'investigation', 'mount', 'other'];
  const text: string[] = [];
  let start = 0;
  for (let frame = 1; frame <= labels.length; frame++) {
    if (frame === labels.length || labels[frame] !== labels[start]) {
      text.push(`${names[labels[start]]} ${frame - start}`);
      start = frame;
    }
  }
  return text.join(', ');
}

describe('a style', () => {
  const annotate = (shown: ReturnType<typeof acts>, changes: Partial<AnnotatorStyle>) =>
    runs(annotateClasses(seededRandom(1), shown, { ...EXACT, ...changes }));

  test('without peculiarities names the class of every act', () => {
    const shown = acts(
      ['explore', 3],
      ['sniffRear', 4],
      ['mount', 2],
      ['intromission', 3],
      ['chase', 5],
      ['climb', 2],
    );
    expect(annotate(shown, {})).toBe('other 3, investigation 4, mount 5, attack 5, other 2');
  });

  test('closes gaps that are shorter than its limit, between bouts of one class only', () => {
    const shown = acts(
      ['sniffBody', 5],
      ['pause', 3],
      ['sniffBody', 5],
      ['pause', 4],
      ['sniffBody', 5],
      ['pause', 3],
      ['lunge', 5],
    );
    expect(annotate(shown, { mergeGapFrames: 4 })).toBe(
      'investigation 13, other 4, investigation 5, other 3, attack 5',
    );
  });

  test('leaves out bouts that are shorter than its limit', () => {
    const shown = acts(['pause', 9], ['sniffBody', 5], ['pause', 9], ['sniffBody', 6], ['pause', 9]);
    const shortestFrames = { attack: 0, investigation: 6, mount: 0 };
    expect(annotate(shown, { shortestFrames })).toBe('other 23, investigation 6, other 9');
  });

  test('delays onsets and offsets by its own amounts, and never loses a bout', () => {
    const shown = acts(['pause', 10], ['sniffBody', 10], ['pause', 3], ['lunge', 10], ['pause', 10]);
    // Borders 10 + 2, 20 + 4 but before the last of the three frames to come (22), 23 + 2, 33 + 4.
    expect(annotate(shown, { onsetFrames: 2, offsetFrames: 4 })).toBe(
      'other 12, investigation 10, other 3, attack 12, other 6',
    );
  });

  test('renames acts', () => {
    const shown = acts(['pause', 5], ['linger', 5]);
    expect(annotate(shown, { calls: { linger: 'investigation' } })).toBe('other 5, investigation 5');
  });
});

test('a behaviour of task 3 is its act, of the intruder where it is the intruder that rears', () => {
  const shown = acts(['explore', 20], ['groom', 20], ['explore', 20]);
  shown.intruder.fill(ACT.rear, 30, 45);
  const groom = annotateBehaviour(seededRandom(1), shown, 'groom');
  expect(groom.slice(0, 15)).toEqual(new Int16Array(15));
  expect(groom.slice(28, 34)).toEqual(new Int16Array(6).fill(1));
  const rearing = annotateBehaviour(seededRandom(1), shown, 'whiterearing');
  expect(rearing[25]).toBe(0);
  expect(rearing[40]).toBe(1);
});

test('the five annotators of task 2 agree as people do: kappa between .6 and .95, each pair', () => {
  const tables = new Map<string, Float64Array>();
  for (const [index, session] of TWENTY_SESSIONS.entries()) {
    const truth = simulateTruth(simulatedSpec({ index, session, frames: 1500 }));
    const labels = ANNOTATOR_STYLES.map((style, annotator) =>
      annotateClasses(seededRandom(1, index, annotator), truth.acts, style),
    );
    for (let a = 1; a < 6; a++) {
      for (let b = a + 1; b < 6; b++) {
        const table = tables.get(`${a}-${b}`) ?? new Float64Array(16);
        tables.set(`${a}-${b}`, table);
        for (let frame = 0; frame < 1500; frame++) {
          table[4 * labels[a][frame] + labels[b][frame]]++;
        }
      }
    }
  }
  const kappas = [...tables.values()].map(cohenKappa);
  expect(tables.size).toBe(10);
  expect(Math.min(...kappas)).toBeGreaterThan(0.6);
  expect(Math.max(...kappas)).toBeLessThan(0.95);
});

/** Cohen's kappa of a 4 x 4 table: (agreement - chance) / (1 - chance). */
function cohenKappa(table: Float64Array): number {
  const total = table.reduce((sum, count) => sum + count, 0);
  let agreement = 0;
  let chance = 0;
  for (let row = 0; row < 4; row++) {
    agreement += table[5 * row] / total;
    let rowSum = 0;
    let columnSum = 0;
    for (let other = 0; other < 4; other++) {
      rowSum += table[4 * row + other];
      columnSum += table[4 * other + row];
    }
    chance += (rowSum / total) * (columnSum / total);
  }
  return (agreement - chance) / (1 - chance);
}
