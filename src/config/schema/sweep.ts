import { z } from 'zod';
import type { SweepDeclaration } from '../../sweep/plan.js';
import type { DeepReadonly } from '../freeze.js';
import { count, folderName, place, positive } from './fields.js';

const changes = () => z.record(z.string().min(1), z.unknown());

const runner = () =>
  z
    .discriminatedUnion('type', [
      z
        .strictObject({
          type: z.literal('local').describe('On this machine'),
          slots: count(1, 256).default(1).describe('Runs at once; processors are shared out among them'),
        })
        .describe('This machine'),
      z
        .strictObject({
          type: z.literal('slurm').describe('As jobs of Slurm'),
          partition: z.string().min(1).nullable().default(null).describe('null: the default one'),
          account: z.string().min(1).nullable().default(null).describe('null: the default one'),
          gpus: count(0, 1).default(1).describe('GPUs of a job'),
          processors: count(1, 1024).default(4).describe('Processors of a job'),
          memoryGigabytes: positive().default(16).describe('Memory of a job'),
          minutes: count(1).default(240).describe('Time limit of a job; it saves and stops before'),
          jobsAtOnce: count(1, 10_000).default(16).describe('Jobs that may run at the same time'),
          options: z.array(z.string().min(1)).default([]).describe('Further options of sbatch'),
        })
        .describe('Slurm'),
    ])
    .prefault({ type: 'local' })
    .describe('Where the runs run');

export const sweepSettings = z
  .strictObject({
    kind: z.literal('sweep').describe('What these settings are for'),
    name: folderName().describe("The sweep's name; its folder is checkpoints/NAME"),
    pretrain: place()
      .nullable()
      .default(null)
      .describe('Settings of the pretraining that is varied; null: none'),
    heads: place().nullable().default(null).describe('Settings of the heads on top of it; null: none'),
    variants: z
      .record(z.string().min(1), changes())
      .default({ baseline: {} })
      .describe(
        'Sets of settings that vary together, e.g. {pretrain.encoder.layers: 2}; the first is the baseline',
      ),
    grid: z
      .record(z.string().min(1), z.array(z.unknown()).min(1))
      .default({})
      .describe('Settings with lists of values: every variant with every combination of one value each'),
    seeds: z.array(count(0)).min(1).default([0, 1, 2]).describe('Seeds of every combination'),
    skip: z
      .array(changes())
      .default([])
      .describe('Combinations that are left out: all keys of a rule must match; `variant` names a variant'),
    runner: runner(),
    failFast: z.boolean().default(false).describe('Whether nothing new begins after a first failure'),
  })
  .superRefine(({ pretrain, heads, variants }, context) => {
    if (pretrain === null && heads === null) {
      context.addIssue({
        code: 'custom',
        path: ['pretrain'],
        message: 'must be named, or heads: a sweep varies something',
      });
    }
    if (Object.keys(variants).length === 0) {
      context.addIssue({ code: 'custom', path: ['variants'], message: 'must have at least one entry' });
    }
  })
  .describe('Settings of `whisker sweep run`');

export type SweepSettings = z.output<typeof sweepSettings>;

/** The schema gives what the sweep room asks for. */
export const asSweepDeclaration = (settings: DeepReadonly<SweepSettings>): SweepDeclaration => settings;
