import { describe, expect, it } from 'vitest';
import { listCombinations, overridesOf, type SweepDeclaration } from '../../src/sweep/declaration.js';

const declaration: SweepDeclaration = {
  common: { 'pretrain.training.workers': 0 },
  variants: { full: {}, 'no contrast': { 'pretrain.objectives': [{ type: 'masked' }] } },
  grid: { 'pretrain.encoder.width': [32, 64], 'heads.labels': ['all'] },
  seeds: [1, 2],
  skip: [{ variant: 'no contrast', 'pretrain.encoder.width': 64 }],
};

describe('listCombinations', () => {
  it('crosses variants, grid and seeds, less what is skipped; the first seed of all first', () => {
    expect(listCombinations(declaration).map(({ variant, seed }) => [variant, seed])).toEqual([
      ['full, pretrain.encoder.width=32, heads.labels="all"', 1],
      ['full, pretrain.encoder.width=64, heads.labels="all"', 1],
      ['no contrast, pretrain.encoder.width=32, heads.labels="all"', 1],
      ['full, pretrain.encoder.width=32, heads.labels="all"', 2],
      ['full, pretrain.encoder.width=64, heads.labels="all"', 2],
      ['no contrast, pretrain.encoder.width=32, heads.labels="all"', 2],
    ]);
  });

  it('lets a rule name a seed, and what all jobs change', () => {
    const skip = [{ seed: 2, 'pretrain.training.workers': 0 }];
    expect(listCombinations({ ...declaration, skip }).map(({ seed }) => seed)).toEqual([1, 1, 1, 1]);
  });

  it('lays variants over what is common, and the grid over both', () => {
    const [, , , cell] = listCombinations({
      common: { 'pretrain.a': 1, 'pretrain.b': 1, 'heads.c': 1 },
      variants: { full: {}, other: { 'pretrain.a': 2, 'pretrain.b': 2 } },
      grid: { 'pretrain.b': [3, 4] },
      seeds: [1],
      skip: [],
    });
    expect(overridesOf('pretrain', cell.changes)).toEqual(['a=2', 'b=4']);
    expect(overridesOf('heads', cell.changes)).toEqual(['c=1']);
  });

  it('tells all problems at once: keys of neither stage, rules that nothing matches, no jobs', () => {
    const bad = {
      ...declaration,
      variants: { a: { 'encoder.width': 1, pretrain: 2 } },
      skip: [{}, { seed: 9 }],
    };
    let message = '';
    try {
      listCombinations(bad);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('variants.a: encoder.width lies neither');
    expect(message).toContain('variants.a: pretrain lies neither');
    expect(message).toContain('skip: nothing matches {"seed":9}');
    expect(message).toContain('there are no jobs');
  });
});
