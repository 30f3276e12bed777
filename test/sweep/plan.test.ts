import { describe, expect, it } from 'vitest';
import { planJobs, type SweepDeclaration } from '../../src/sweep/plan.js';

const declaration: SweepDeclaration = {
  variants: { full: {}, 'no contrast': { 'pretrain.objectives': [{ type: 'masked' }] } },
  grid: { 'pretrain.encoder.width': [32, 64], 'heads.labels': ['all'] },
  seeds: [1, 2],
  skip: [{ variant: 'no contrast', 'pretrain.encoder.width': 64 }],
};

describe('planJobs', () => {
  it('crosses variants, grid and seeds, less what is skipped', () => {
    const jobs = planJobs(declaration);
    expect(jobs).toHaveLength(3 * 2);
    expect(jobs.map((job) => [job.variant, job.seed])).toEqual([
      ['full, pretrain.encoder.width=32, heads.labels="all"', 1],
      ['full, pretrain.encoder.width=64, heads.labels="all"', 1],
      ['no contrast, pretrain.encoder.width=32, heads.labels="all"', 1],
      ['full, pretrain.encoder.width=32, heads.labels="all"', 2],
      ['full, pretrain.encoder.width=64, heads.labels="all"', 2],
      ['no contrast, pretrain.encoder.width=32, heads.labels="all"', 2],
    ]);
  });

  it('writes the differences as overrides of the two stages', () => {
    const job = planJobs(declaration)[5];
    expect(job.pretrain).toEqual(['seed=2', 'objectives=[{"type":"masked"}]', 'encoder.width=32']);
    expect(job.heads).toEqual(['seed=2', 'labels="all"']);
  });

  it('refuses a key of neither stage, and a sweep without jobs', () => {
    expect(() => planJobs({ ...declaration, variants: { a: { 'encoder.width': 1 } } })).toThrow(
      'encoder.width',
    );
    expect(() => planJobs({ ...declaration, skip: [{}] })).toThrow('no jobs');
  });
});
