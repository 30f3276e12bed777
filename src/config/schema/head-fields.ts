import { z } from 'zod';
import { amount, count, positive, share } from './fields.js';

const scales = (seconds: readonly number[]) =>
  z
    .array(amount())
    .min(1)
    .default([...seconds])
    .describe('Half widths of the windows around a frame; 0: the frame itself');

const reduction = () =>
  z
    .strictObject({
      place: z
        .enum(['channels', 'pools'])
        .default('pools')
        .describe('channels: before pooling; pools: of each pool by itself'),
      components: count(1, 4096).default(48).describe('How many'),
      whiten: z.boolean().default(false).describe('Whether small components get as much say as large ones'),
    })
    .nullable()
    .default(null)
    .describe('Principal components; null: none');

/** How features of frames become inputs of heads. */
export const pooling = () =>
  z
    .discriminatedUnion('statistics', [
      z
        .strictObject({
          statistics: z.literal('moments').describe('Means, and spreads beside them'),
          scalesSeconds: scales([0, 0.17, 0.5, 2, 5, 15]),
          spread: z.boolean().default(true).describe('Whether the standard deviation goes beside each mean'),
          reduction: reduction(),
          flagMissing: z
            .boolean()
            .default(true)
            .describe('Whether each pattern of missing values gets a channel: 1 where it is missing'),
        })
        .describe('Means and spreads over windows around a frame'),
      z
        .strictObject({
          statistics: z.literal('histogram').describe('How much of the time a channel is above thresholds'),
          scalesSeconds: scales([0.5, 2, 12]),
          quantiles: z
            .array(z.number().gt(0).lt(1))
            .min(1)
            .default([0.2, 0.5, 0.8])
            .describe('Thresholds: these quantiles of each channel over the training frames'),
          smoothSeconds: amount()
            .default(0.07)
            .describe('Channels are averaged over +- this long first; 0: not'),
        })
        .describe('Shares of time above thresholds'),
    ])
    .prefault({ statistics: 'histogram' })
    .describe('How features of frames are pooled over time; the same for every row');

/** How heads are fitted. */
export const head = () =>
  z
    .strictObject({
      strengths: z
        .array(positive())
        .min(1)
        .default([0.3, 0.1, 0.03])
        .describe('Strengths of L2 that heads are fitted with; a single one is taken as it is'),
      strengthUnit: z
        .enum(['penalty', 'prior'])
        .default('penalty')
        .describe(
          'penalty: strengths are lambda beside the mean loss; prior: lambda is strength x inputs / labelled recordings, which suits any width and any number of labels',
        ),
      strengthRule: z
        .enum(['chosen', 'averaged'])
        .default('chosen')
        .describe(
          'chosen: the strength that the folds choose; averaged: the mean of the heads of all strengths, steadier where few recordings are labelled',
        ),
      tiedStrengths: z
        .array(positive())
        .min(1)
        .default([100, 10, 1, 0.1])
        .describe(
          'The same for heads that start from another one (task 2 from task 1): from its equal to free',
        ),
      chooseBy: z
        .enum(['map', 'f1', 'loss'])
        .default('map')
        .describe('The cross-validated figure that the strength is chosen by'),
      fusion: z
        .enum(['equal', 'chosen'])
        .default('chosen')
        .describe(
          'How much each head of a fused row counts: all alike, or as the folds choose by that figure',
        ),
      foldCount: count(2, 100).default(4).describe('Folds within the training recordings'),
      foldUnit: z
        .enum(['auto', 'recording', 'block'])
        .default('auto')
        .describe('auto: recordings where at least three carry every class, else blocks within them'),
      gapSeconds: amount()
        .default(16)
        .describe('Between training and held-out blocks of one recording: at least the widest scale'),
      everyFrames: count(1, 10_000).default(6).describe('Every so many frames are fitted on; all are scored'),
      clip: positive().nullable().default(4).describe('Standardised inputs are cut at +- this; null: not'),
      classWeights: z.enum(['none', 'balanced']).default('none').describe('Whether rare classes weigh more'),
      priorCorrection: z
        .boolean()
        .default(true)
        .describe('After balanced weights: whether the bias goes back to the training frequencies'),
      relativeGap: positive().default(1e-6).describe('Fitted until the loss is this near to its minimum'),
      memory: count(1, 100).default(10).describe('Steps that the curvature is estimated from'),
      maxIterations: count(1, 100_000).default(500).describe('After these the fit gives up, with a warning'),
      sampleFrames: count(10).default(4000).describe('Frames that the first curvature is estimated on'),
      smoothSeconds: z
        .array(amount())
        .min(1)
        .default([0, 0.5, 1, 2, 4])
        .describe('Tried: labels come of probabilities averaged over windows this long; chosen by the folds'),
      minimalBoutSeconds: z
        .array(amount())
        .min(1)
        .default([0, 0.5, 1, 2])
        .describe('Tried: shorter bouts of labels go to a neighbour; chosen by the folds'),
    })
    .prefault({})
    .describe('How heads are fitted: the same for every row');

/** A part of the training labels. */
export const fewLabels = () =>
  z
    .discriminatedUnion('by', [
      z
        .strictObject({
          by: z.literal('recordings').describe('Whole recordings'),
          recordings: count(1).describe('How many'),
        })
        .describe('So many recordings'),
      z
        .strictObject({
          by: z.literal('share').describe('Whole recordings'),
          share: share().describe('Their share of the training recordings; at least one is taken'),
        })
        .describe('A share of the recordings'),
      z
        .strictObject({
          by: z.literal('bouts').describe('Single bouts'),
          bouts: count(1).describe('How many of each class'),
        })
        .describe('So many bouts of each class'),
    ])
    .nullable()
    .describe('An amount of labels; null: all');
