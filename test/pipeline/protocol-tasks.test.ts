import { expect, it } from 'vitest';
import type { Dataset } from '../../src/data/store/dataset.js';
import { tasksOf } from '../../src/pipeline/protocol-tasks.js';

const tracks = [
  { name: 'social', vocabulary: ['other', 'attack', 'sniff'] },
  { name: 'groom', vocabulary: ['rest', 'groom'] },
];
const dataset = { folder: 'mice', header: { tracks } } as unknown as Dataset;
const own = (unscored: readonly string[]) => {
  const protocol = { type: 'own', tracks: ['social', 'groom'], folds: 2, subset: null, unscored } as const;
  return tasksOf({ protocol } as unknown as Parameters<typeof tasksOf>[0], dataset);
};

it('scores the classes of own tracks but those that are named', () => {
  expect(own(['other']).map(({ scoredClasses }) => scoredClasses)).toEqual([['attack', 'sniff'], ['groom']]);
  expect(() => own(['othr'])).toThrow('protocol.unscored names othr, which is a class of no track');
  expect(() => own(['other', 'sniff', 'attack'])).toThrow('leaves no class of social to score');
});
