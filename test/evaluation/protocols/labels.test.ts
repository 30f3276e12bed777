import { describe, expect, it } from 'vitest';
import { findBouts } from '../../../src/evaluation/metrics/bouts.js';
import { takeFewLabels } from '../../../src/evaluation/protocols/few-labels.js';
import { openTrainingView, sealTestLabels } from '../../../src/evaluation/protocols/label-views.js';
import { rotateLabelled, shiftLabels } from '../../../src/evaluation/protocols/shift-labels.js';
import { splitRecordings, wholeSplit } from '../../../src/evaluation/protocols/split-recordings.js';
import { seededRandom } from '../../../src/random.js';
import { makeDataset, socialTask } from './made-dataset.js';

const dataset = makeDataset(8);
const task = socialTask;
const [split] = splitRecordings(dataset, task);
const view = openTrainingView(dataset, task, split);
const random = seededRandom(4);

describe('splits', () => {
  it('go by subset, by number and by fold', () => {
    expect(split).toEqual({ name: 'test', train: [0, 2, 4, 6], test: [1, 3, 5, 7] });
    const modulo = splitRecordings(dataset, {
      ...task,
      split: { by: 'number-modulo', subset: null, count: 3 },
    });
    expect(modulo.map(({ test }) => test)).toEqual([
      [0, 3, 6],
      [1, 4, 7],
      [2, 5],
    ]);
    const numbers = { by: 'numbers', subset: null, train: [5, 7], folds: null } as const;
    expect(splitRecordings(dataset, { ...task, split: numbers })[0].train).toEqual([5, 7]);
    const byFold = splitRecordings(dataset, { ...task, split: { ...numbers, folds: 2 } });
    expect(byFold.map(({ train, test }) => [train, test])).toEqual([
      [
        [5, 7],
        [0, 2, 4, 6],
      ],
      [
        [5, 7],
        [1, 3],
      ],
    ]);
    const balanced = splitRecordings(dataset, {
      ...task,
      split: { by: 'balanced-folds', subset: null, count: 4 },
    });
    expect(balanced.flatMap(({ test }) => test).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('of a cross-validation leave a head of all recordings for new ones, others do not', () => {
    const modulo = { by: 'number-modulo', subset: null, count: 3 } as const;
    expect(wholeSplit(dataset, { ...task, split: modulo })).toEqual({
      name: 'all',
      train: [0, 1, 2, 3, 4, 5, 6, 7],
      test: [],
    });
    expect(wholeSplit(dataset, task)).toBeNull();
  });

  it('refuse what the data set lacks', () => {
    const gone = { by: 'numbers', subset: null, train: [5, 70], folds: null } as const;
    expect(() => splitRecordings(dataset, { ...task, split: gone })).toThrow(/found 1/);
    const many = { by: 'balanced-folds', subset: 'test', count: 5 } as const;
    expect(() => splitRecordings(dataset, { ...task, split: many })).toThrow(
      expect.objectContaining({
        message: 'social: 5 folds want as many recordings with the track social, there are 4',
        hint: expect.stringContaining('Lower protocol.folds to 4'),
      }),
    );
    const nowhere = { by: 'subset', train: 'nowhere', test: 'test' } as const;
    expect(() => splitRecordings(dataset, { ...task, split: nowhere })).toThrow(/no recording to train/);
    expect(() => openTrainingView(dataset, { ...task, classes: ['bite', 'rest'] }, split)).toThrow(
      /no class bite/,
    );
    expect(() => openTrainingView(dataset, { ...task, track: 'S9' }, split)).toThrow(/no track S9/);
  });
});

describe('labels', () => {
  it('are indices into the classes of the task; other classes are not labelled', () => {
    const labels = view.labels(0);
    const stored = dataset.readLabels(0, 'social', 0, 400);
    labels.forEach((label, frame) => {
      expect(label).toBe(stored[frame] > 0 ? stored[frame] - 1 : -1);
    });
  });

  it('of test recordings cannot be read for training', () => {
    expect(() => view.labels(1)).toThrow(/video1 isn't part of the training/);
    const few = takeFewLabels(view, { recordings: 2 }, 3, random);
    const left = [0, 2, 4, 6].find((recording) => !few.recordings.includes(recording)) as number;
    expect(() => few.labels(left)).toThrow(/isn't part/);
  });

  it('that are sealed can be scored against once, by complete predictions', () => {
    const sealed = sealTestLabels(dataset, task, [split]);
    expect(Object.keys(sealed).sort()).toEqual(['recordings', 'score']);
    const full = sealed.recordings.map(({ frames }) => new Float32Array(frames * 3));
    expect(() => sealed.score(full.slice(1), () => 0)).toThrow(/wants 1200 probabilities, got undefined/);
    expect(sealed.score(full, (scored) => scored.length)).toBe(4);
    expect(() => sealed.score(full, () => 0)).toThrow(/scored already/);
  });
});

describe('few labels', () => {
  it('by share are whole recordings, the same for the same seed', () => {
    const few = takeFewLabels(view, { share: 0.5 }, 3, seededRandom(9));
    expect(few.recordings).toHaveLength(2);
    expect(takeFewLabels(view, { share: 0.5 }, 3, seededRandom(9)).recordings).toEqual(few.recordings);
    expect(few.labels(few.recordings[0])).toEqual(view.labels(few.recordings[0]));
    expect(() => takeFewLabels(view, { recordings: 9 }, 3, random)).toThrow(/there are 4/);
  });

  it('by bouts leave so many of each class and nothing else', () => {
    const few = takeFewLabels(view, { bouts: 2 }, 3, random);
    for (let target = 0; target < 3; target++) {
      const bouts = few.recordings.flatMap((recording) => {
        const whole = findBouts(view.labels(recording), target);
        const kept = findBouts(few.labels(recording), target);
        for (const bout of kept) expect(whole).toContainEqual(bout);
        return kept;
      });
      expect(bouts).toHaveLength(2);
    }
  });
});

describe('shifted labels', () => {
  it('rotate among the labelled frames by hand', () => {
    // four labelled frames, a quarter of them plus half of one (.25 + .5 / 2 = .5): by two
    expect([...rotateLabelled(Int16Array.of(-1, 0, 1, 2, 3, -1), 0.5)]).toEqual([-1, 2, 3, 0, 1, -1]);
  });

  it('keep the frequencies and are far from the truth', () => {
    const shifted = shiftLabels(view, random);
    const [truth, moved] = [view.labels(2), shifted.labels(2)];
    expect([...moved].sort()).toEqual([...truth].sort());
    expect(moved.filter((label, frame) => label !== truth[frame]).length).toBeGreaterThan(100);
  });
});
