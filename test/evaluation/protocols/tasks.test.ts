import { describe, expect, it } from 'vitest';
import { inferCalms21File, partOfGroup } from '../../../src/data/formats/calms21-layout.js';
import { calms21Tasks } from '../../../src/evaluation/protocols/calms21.js';
import { ownBehaviour } from '../../../src/evaluation/protocols/own-behaviour.js';
import { RAT_DRAWS, ratDraws, ratFolds } from '../../../src/evaluation/protocols/rats.js';

describe('the tasks of CalMS21', () => {
  const tasks = calms21Tasks();

  it('are 1 + 5 + 5 + 7, anchors first', () => {
    expect(tasks).toHaveLength(18);
    const groups = new Set(tasks.map(({ group }) => group));
    expect([...groups]).toEqual(['task1', 'task2 zero-shot', 'task2', 'task3']);
    tasks.forEach(({ anchor }, index) => {
      if (anchor !== null) expect(tasks.slice(0, index).map(({ name }) => name)).toContain(anchor);
    });
  });

  it('name subsets, tracks and classes as the reader of the files does', () => {
    for (const { name, track, split, classes, scoredClasses } of tasks) {
      if (split.by !== 'subset') throw new Error('CalMS21 is split by subset');
      const [, task, group = 'annotator-id_0'] = /^task(\d)(?:\/(?:annotator)?([^/]+))?/.exec(
        name,
      ) as string[];
      for (const part of ['train', 'test'] as const) {
        const file = inferCalms21File(`calms21_task${task}_${part}.json`);
        const key = task === '2' ? `annotator-id_${group}` : group;
        const read = file && partOfGroup(file, key);
        expect(read?.subset).toBe(split[part]);
        expect(read?.track?.name).toBe(track);
        expect(read?.track?.vocabulary).toEqual(classes);
      }
      expect(scoredClasses).not.toContain('other');
    }
  });
});

describe('the rats', () => {
  it('have five folds by number and four draws of four videos', () => {
    expect(ratFolds('S1').split).toEqual({ by: 'number-modulo', subset: null, count: 5 });
    expect(ratFolds('S1').classes).not.toContain('base'); // base frames tell the time in the video, nothing else
    expect(ratDraws('S1', null)).toHaveLength(4);
    expect(ratDraws('S1', 5)[0]).toMatchObject({ group: 'rats/four-videos-by-fold', split: { folds: 5 } });
    for (const draw of RAT_DRAWS) {
      expect(new Set(draw).size).toBe(4);
      expect(draw.every((video) => video >= 1 && video <= 40)).toBe(true);
    }
  });
});

describe("a lab's own behaviour", () => {
  const options = { folds: 5, subset: null, unscored: ['other'] };

  it('of two classes is binary, of more a softmax without the unscored ones in its mean', () => {
    const digging = ownBehaviour({ name: 'digging', vocabulary: ['no', 'yes'] }, options);
    expect([digging.kind, digging.scoredClasses]).toEqual(['binary', ['yes']]);
    const states = ownBehaviour({ name: 'states', vocabulary: ['other', 'rest', 'run'] }, options);
    expect([states.kind, states.scoredClasses]).toEqual(['multiclass', ['rest', 'run']]);
  });
});
