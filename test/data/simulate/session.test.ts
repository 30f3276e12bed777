import { expect, test } from 'vitest';
import { annotateClasses } from '../../../src/data/simulate/annotate.js';
import {
  BOUT_SUMMARY,
  CLASS_SHARES,
  SESSION_SHARES,
} from '../../../src/data/simulate/behaviour-statistics.js';
import { ANNOTATOR_STYLES } from '../../../src/data/simulate/constants.js';
import { drawSession, type Session } from '../../../src/data/simulate/session.js';
import { simulateTruth } from '../../../src/data/simulate/simulate-recording.js';
import { SESSION_TYPES, TASK_ONE_CLASSES, type TaskOneClass } from '../../../src/data/simulate/vocabulary.js';
import { seededRandom } from '../../../src/random.js';
import { simulatedSpec, TWENTY_SESSIONS } from './simulated-spec.js';

const FRAMES = 20_000;
/** 100 recordings of each type; statistics weigh a type by its share of CalMS21's frames. */
const sessions = SESSION_TYPES.flatMap((type) =>
  Array.from({ length: 100 }, (_, index) => drawSession(seededRandom(1, type, index), FRAMES, type, false)),
);

function bouts(behaviour: TaskOneClass): { frames: number; weight: number }[] {
  return sessions.flatMap(({ type, bouts }) =>
    bouts
      .filter((bout) => bout.behaviour === behaviour && bout.stop < FRAMES)
      .map(({ start, stop }) => ({ frames: stop - start, weight: SESSION_SHARES[type] })),
  );
}

test.each(TASK_ONE_CLASSES)('bouts of %s last as long as in the train annotations', (behaviour) => {
  const drawn = bouts(behaviour).sort((a, b) => a.frames - b.frames);
  const total = drawn.reduce((sum, { weight }) => sum + weight, 0);
  const mean = drawn.reduce((sum, { frames, weight }) => sum + frames * weight, 0) / total;
  let below = 0;
  const median = drawn.find(({ weight }) => {
    below += weight;
    return below >= total / 2;
  })?.frames as number;
  expect(median / BOUT_SUMMARY[behaviour].median).toBeGreaterThan(0.85);
  expect(median / BOUT_SUMMARY[behaviour].median).toBeLessThan(1.18);
  expect(mean / BOUT_SUMMARY[behaviour].mean).toBeGreaterThan(0.8);
  expect(mean / BOUT_SUMMARY[behaviour].mean).toBeLessThan(1.25);
});

test.each(TASK_ONE_CLASSES)('the share of frames in %s is that of the train annotations', (behaviour) => {
  let share = 0;
  for (const { type, bouts } of sessions) {
    for (const bout of bouts) {
      share +=
        bout.behaviour === behaviour ? (SESSION_SHARES[type] * (bout.stop - bout.start)) / (100 * FRAMES) : 0;
    }
  }
  expect(share / CLASS_SHARES[behaviour]).toBeGreaterThan(0.75);
  expect(share / CLASS_SHARES[behaviour]).toBeLessThan(1.33);
});

test('a session covers its frames without gaps, neighbours differ, and its type says which classes occur', () => {
  for (const { type, bouts } of sessions as Session[]) {
    expect(bouts[0]).toMatchObject({ behaviour: 'other', start: 0 });
    expect(bouts.at(-1)?.stop).toBe(FRAMES);
    for (let index = 1; index < bouts.length; index++) {
      if (
        bouts[index].start !== bouts[index - 1].stop ||
        bouts[index].behaviour === bouts[index - 1].behaviour
      ) {
        throw new Error(`bout ${index} does not follow the one before`);
      }
    }
    const has = (name: TaskOneClass) => bouts.some(({ behaviour }) => behaviour === name);
    expect([has('mount'), has('attack')]).toEqual([
      type === 'mating' || type === 'mixed',
      type === 'fighting' || type === 'mixed',
    ]);
  }
});

test('recordings have habits: bout lengths of one recording go together', () => {
  const means = sessions
    .filter(({ type }) => type === 'social')
    .map(({ bouts }) => {
      const logs = bouts
        .filter(({ behaviour }) => behaviour === 'investigation')
        .map((b) => Math.log(b.stop - b.start));
      return { mean: logs.reduce((sum, value) => sum + value, 0) / logs.length, count: logs.length };
    });
  const grand = means.reduce((sum, { mean }) => sum + mean, 0) / means.length;
  const spread = means.reduce((sum, { mean }) => sum + (mean - grand) ** 2, 0) / means.length;
  // Without a habit the variance of a mean is about 1.3^2 / 75 = .02; with a correlation of .15 it is .25 more.
  expect(spread).toBeGreaterThan(0.1);
});

test("annotator 0's labels of the moving animals keep the class shares of their sessions", () => {
  const planned = { attack: 0, investigation: 0, mount: 0, other: 0 };
  const labelled = { ...planned };
  for (const [index, type] of TWENTY_SESSIONS.entries()) {
    const spec = simulatedSpec({ index, session: type, frames: 2000 });
    const random = seededRandom(spec.seed, 'simulate', spec.subset, index).fork('session');
    for (const { behaviour, start, stop } of drawSession(random, 2000, type, false).bouts) {
      planned[behaviour] += stop - start;
    }
    const { acts } = simulateTruth(spec);
    for (const label of annotateClasses(seededRandom(1, index), acts, ANNOTATOR_STYLES[0])) {
      labelled[TASK_ONE_CLASSES[label]]++;
    }
  }
  for (const name of TASK_ONE_CLASSES) {
    expect(labelled[name] / planned[name]).toBeGreaterThan(0.93);
    expect(labelled[name] / planned[name]).toBeLessThan(1.07);
  }
});
