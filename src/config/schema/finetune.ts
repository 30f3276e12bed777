import { z } from 'zod';
import type { FewLabels } from '../../evaluation/protocols/task.js';
import type { DeepReadonly } from '../freeze.js';
import { boostedTrees, convNet, fineTuned, publishedFeatures } from './baseline-fields.js';
import { count, engine, place, positive, runName, seed } from './fields.js';
import { withFinetuneRules } from './finetune-rules.js';
import { fewLabels, head, pooling } from './head-fields.js';
import { bodyLength, kinematics } from './model-fields.js';

/** Features that CalMS21 publishes for its own recordings. */
const PUBLISHED_SOURCES = ['task-programming', 'mars'] as const;
/** Features that a row may name; `+` joins them for one head, ` & ` fuses the heads of several. */
const SOURCES = [
  'encoder',
  'random-encoder',
  'kinematics',
  'kinematic-moments',
  'raw-pose',
  ...PUBLISHED_SOURCES,
] as const;
/** One of them. */
export type SourceName = (typeof SOURCES)[number];
const SOURCE = `(${SOURCES.join('|')})`;
/** Rows that learn by themselves: no head on features, and so nothing of them is kept but predictions. */
const BASELINES: readonly string[] = ['boosted-trees', 'conv-net', 'fine-tuned'];
/** Whether heads of a row are kept for other recordings: they need features that are computed from poses. */
export function keepsHeads(row: string): boolean {
  return !BASELINES.includes(row) && !PUBLISHED_SOURCES.some((source) => row.includes(source));
}

const ROW = new RegExp(`^(${BASELINES.join('|')}|${SOURCE}(\\+${SOURCE})*( & ${SOURCE}(\\+${SOURCE})*)*)$`);
const row = () =>
  z
    .string()
    .regex(
      ROW,
      `must name ${SOURCES.join(', ')}, joined by + or fused by " & ", e.g. encoder+kinematics; or be ${BASELINES.join(', ')}`,
    );

const protocol = () =>
  z
    .discriminatedUnion('type', [
      z
        .strictObject({
          type: z.literal('calms21').describe("CalMS21's tasks on its official split"),
          tasks: z
            .array(z.literal([1, 2, 3]))
            .min(1)
            .default([1, 2, 3])
            .describe('1: classic; 2: annotation styles (brings task 1 along); 3: new behaviours'),
        })
        .describe('CalMS21'),
      z
        .strictObject({
          type: z.literal('rats').describe('Five folds of videos; four draws of four training videos'),
          track: z.string().min(1).default('S1').describe('The track with aggression, social, nonsocial'),
          parts: z
            .array(z.enum(['folds', 'four-videos', 'four-videos-by-fold']))
            .min(1)
            .default(['folds', 'four-videos'])
            .describe(
              'folds: the five; four-videos: scored on all others at once; four-videos-by-fold: fold by fold, so that a list of five runs gives each fold the encoder that never saw it',
            ),
        })
        .describe('Rat videos, metric TRIAL'),
      z
        .strictObject({
          type: z.literal('own').describe("A lab's own tracks, cross-validated by recording"),
          tracks: z.array(z.string().min(1)).min(1).describe('Label tracks; one head each'),
          folds: count(2, 100).default(5).describe('Folds of recordings'),
          subset: z.string().min(1).nullable().default(null).describe('Recordings of this subset; null: all'),
          unscored: z
            .array(z.string().min(1))
            .default([])
            .describe('Classes of tracks with more than two that are not averaged'),
        })
        .describe('Own behaviours'),
    ])
    .describe('What is asked of the features');

const settings = z.strictObject({
  kind: z.literal('finetune').describe('What these settings are for'),
  name: runName(),
  seed: seed(),
  run: z
    .union([place(), z.array(place()).min(1)])
    .nullable()
    .default(null)
    .describe(
      'The folder of a pretraining, {seed} in it standing for each of `seeds`; a list gives each split its own; null: only rows without an encoder',
    ),
  data: z
    .strictObject({ folder: place().describe('The labelled data set') })
    .describe('What is trained on and scored'),
  protocol: protocol(),
  rows: z
    .array(row())
    .min(1)
    .default([
      'encoder',
      'random-encoder',
      'kinematics',
      'kinematic-moments',
      'raw-pose',
      'encoder & kinematics',
      'random-encoder & kinematics',
    ])
    .describe(
      'Rows of the table: encoder, random-encoder, kinematics, kinematic-moments (means and spreads in place of the pooling), raw-pose, task-programming, mars (see publishedFeatures); a+b: one head; a & b: fused heads; boosted-trees, conv-net, fine-tuned: see these',
    ),
  shiftedLabels: z
    .array(row())
    .default(['encoder'])
    .describe('Rows that are fitted once more on labels shifted in time: these must fall to chance'),
  features: z
    .strictObject({
      checkpoint: z.enum(['best', 'last']).default('last').describe('Which checkpoint of the run'),
      layers: z
        .array(z.int())
        .min(1)
        .default([-1])
        .describe('Layers whose tokens are taken, counted from 0; negative ones from the end'),
      stride: z
        .number()
        .gt(0)
        .max(1)
        .nullable()
        .default(null)
        .describe(
          'Share of a window between the starts of neighbouring windows; null: half of one, a whole one where the encoder takes every token by itself',
        ),
      batchWindows: count(1).default(64).describe('Windows at a time'),
      pooling: pooling(),
      encoderPooling: pooling()
        .nullable()
        .default(null)
        .describe(
          'Another pooling for encoder and random-encoder, e.g. of the frame alone where their tokens hold the context; null: the same',
        ),
      learnEveryFrames: count(1).default(6).describe('Every so many frames the pooling is learned from'),
    })
    .prefault({})
    .describe('Features, for the encoder and its controls alike'),
  bodyLength: bodyLength(),
  kinematics: kinematics(),
  head: head(),
  publishedFeatures: publishedFeatures(),
  boostedTrees: boostedTrees(),
  convNet: convNet(),
  fineTuned: fineTuned(),
  seeds: z
    .array(count(0))
    .min(1)
    .default([0])
    .describe(
      'Seeds of random encoders, of few labels, of shifts and of what is trained (conv-net, fine-tuned)',
    ),
  labels: z
    .union([fewLabels(), z.array(fewLabels()).min(2)])
    .default(null)
    .describe('A part of the training labels, drawn anew by each seed; null: all; a list: a learning curve'),
  bootstrap: z
    .strictObject({
      draws: count(0, 1_000_000).default(1000).describe('Draws of recordings; 0: no intervals'),
      level: positive().lt(1).default(0.95).describe('Of the intervals'),
    })
    .prefault({})
    .describe('Intervals of the figures'),
  engine: engine(),
});

export const finetuneSettings = withFinetuneRules(settings).describe('Settings of `whisker finetune`');

/** Complete settings of `whisker finetune`. */
export type FinetuneSettings = z.output<typeof finetuneSettings>;

/** The amounts of labels that rows are fitted with, as protocols ask for them; null: all. Several: a learning curve. */
export function labelAmounts({ labels }: DeepReadonly<FinetuneSettings>): readonly (FewLabels | null)[] {
  const amounts = Array.isArray(labels) ? labels : [labels];
  return amounts.map((amount) => {
    if (amount === null) return null;
    const { by: _, ...few } = amount;
    return few;
  });
}
