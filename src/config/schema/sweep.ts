import { z } from 'zod';
import type { SweepDeclaration } from '../../sweep/declaration.js';
import type { DeepReadonly } from '../freeze.js';
import { count, folderName, place, positive } from './fields.js';

const changes = () => z.record(z.string().min(1), z.unknown());

const memoryGigabytes = () => positive().nullable().default(null);

const runner = () =>
  z
    .discriminatedUnion('type', [
      z
        .strictObject({
          type: z.literal('local').describe('On this machine'),
          slots: count(1, 256).default(1).describe('Runs at once; processors are shared out among them'),
          gpus: z
            .array(z.string().min(1))
            .nullable()
            .default(null)
            .describe(
              'GPUs as CUDA_VISIBLE_DEVICES names them, one for a run; []: none; null: all there are',
            ),
          memoryGigabytes: memoryGigabytes().describe(
            'What a run takes: no further one begins where less is left; null: what earlier ones took',
          ),
        })
        .describe('This machine'),
      z
        .strictObject({
          type: z.literal('slurm').describe('As array jobs of Slurm'),
          partition: z.string().min(1).nullable().default(null).describe('null: the default one'),
          account: z.string().min(1).nullable().default(null).describe('null: the default one'),
          gres: z
            .string()
            .min(1)
            .nullable()
            .default(null)
            .describe('Generic resources of a run, e.g. gpu:1 or gpu:a100:1; null: none'),
          processors: count(1, 1024).default(4).describe('Processors of a run'),
          memoryGigabytes: positive().default(16).describe('Memory of a run'),
          minutes: count(1)
            .default(240)
            .describe('Time limit of a run; before it, it saves, and Slurm queues it again'),
          saveSeconds: count(10, 3600)
            .default(120)
            .describe('How long before the limit it is told to save (SIGUSR1)'),
          jobsAtOnce: count(1, 10_000).default(16).describe('Runs of an array that may run at the same time'),
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
    heads: place()
      .nullable()
      .default(null)
      .describe(
        'Settings of the heads on top of it; the table compares the first of their rows, of several amounts of labels the last; null: none',
      ),
    common: changes()
      .default({})
      .describe('Settings that every job changes, e.g. {pretrain.training.duration: {steps: 200}}'),
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
    seeds: z
      .array(count(0, 4_294_967_295))
      .min(1)
      .default([0, 1, 2])
      .describe('Seeds of every combination: of the pretraining, and of whatever is random in the heads'),
    splits: z
      .array(changes())
      .default([])
      .describe(
        "A pretraining for each split of the heads' protocol, with these changes, e.g. [{pretrain.data.holdOut.recordings: [a]}, ...]; []: one for all",
      ),
    skip: z
      .array(changes())
      .default([])
      .describe(
        'Combinations that are left out: all keys of a rule must match; `variant` and `seed` name theirs',
      ),
    runner: runner(),
    failFast: z.boolean().default(false).describe('Whether nothing new begins after a first failure'),
    bootstrap: z
      .strictObject({
        draws: count(100, 1_000_000).default(2000).describe('Draws of recordings and seeds'),
        level: positive().lt(1).default(0.95).describe('Of the intervals, before they are corrected'),
      })
      .prefault({})
      .describe('Intervals of the differences'),
  })
  .superRefine(({ pretrain, heads, variants, seeds, splits }, context) => {
    const complain = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (pretrain === null && heads === null) {
      complain('pretrain', 'must be named, or heads: a sweep varies something');
    }
    if (Object.keys(variants).length === 0) complain('variants', 'must have at least one entry');
    const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
    if (twice !== undefined) complain('seeds', `names ${twice} twice`);
    if (splits.length > 0 && (pretrain === null || heads === null))
      complain('splits', 'needs both pretrain and heads');
  })
  .describe('Settings of `whisker sweep run`');

/** Complete settings of `whisker sweep run`. */
export type SweepSettings = z.output<typeof sweepSettings>;

/** The schema gives what the sweep room asks for. */
export const asSweepDeclaration = (settings: DeepReadonly<SweepSettings>): SweepDeclaration => settings;
