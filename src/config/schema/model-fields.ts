import { z } from 'zod';
import { amount, count, positive, share } from './fields.js';

/** Which frames make a window, and how they become tokens. */
export const window = () =>
  z
    .strictObject({
      framesPerSecond: positive()
        .default(30)
        .describe("The model's rate; recordings of other rates are resampled to it"),
      windowFrames: count(2, 100_000).default(64).describe('Length of a window at that rate'),
      patchFrames: count(1, 1000).default(1).describe('Frames in a token; divides windowFrames'),
      patch: z
        .enum(['frames', 'mean'])
        .default('frames')
        .describe('What a token holds: the channels of each of its frames, or their mean'),
    })
    .prefault({})
    .describe('What the encoder sees at once');

/** How the unit of length is found. */
export const bodyLength = () =>
  z
    .strictObject({
      scope: z
        .enum(['recording', 'dataset'])
        .default('recording')
        .describe('One body length for each recording, or one for all'),
      framesPerRecording: count(32).default(2048).describe('Frames of each recording that are measured'),
    })
    .prefault({})
    .describe('The unit of length: the median distance from back to front of a body');

const channelChoice = () => ({
  pose: z.boolean().default(true).describe('Keypoints and partner headings in the frame of the focal animal'),
  motion: z.boolean().default(true).describe('Velocity and turning of each body'),
  keypointMotion: z.boolean().default(false).describe('Velocity of each keypoint against its body'),
  kinematics: z.boolean().default(false).describe('Hand-made features: distances, angles, speeds of bodies'),
});

/** How hand-made features are computed. */
export const kinematics = () =>
  z
    .strictObject({
      gapSeconds: amount().default(0.5).describe('Gaps up to this long are filled along a straight line'),
      smoothSeconds: amount()
        .default(0.05)
        .describe('Standard deviation of the Gaussian that smooths points'),
      lagSeconds: positive()
        .default(0.1)
        .describe('Speeds are taken from this long before to this long after'),
      roles: z
        .enum(['symmetric', 'focal'])
        .default('focal')
        .describe(
          "The smaller and the larger value of both animals, or the focal animal's and its partner's",
        ),
    })
    .prefault({})
    .describe('Hand-made features, where inputs or targets choose them');

/** What surrounds a token. */
const context = () =>
  z
    .strictObject({
      pose: z.boolean().default(false).describe('Of keypoints in the frame of the focal animal'),
      motion: z.boolean().default(false).describe('Of velocity and turning of each body'),
      keypointMotion: z.boolean().default(false).describe('Of the velocity of each keypoint'),
      kinematics: z.boolean().default(true).describe('Of hand-made features'),
      scalesSeconds: z
        .array(positive())
        .min(1)
        .default([0.5, 2, 5, 15])
        .describe('Half widths of the windows around a token'),
      quantiles: z
        .array(z.number().gt(0).lt(1))
        .min(1)
        .default([0.2, 0.5, 0.8])
        .describe('Thresholds: these quantiles of each channel over the training recordings'),
      smoothSeconds: amount()
        .default(0.17)
        .describe('Full width of a moving average over the channels first; 0: none'),
    })
    .nullable()
    .default(null)
    .describe(
      'How much of the time around a token each channel lies above thresholds, at several time scales; null: nothing',
    );

/** What the encoder is given. */
export const inputs = () =>
  z
    .strictObject({
      ...channelChoice(),
      flags: z
        .boolean()
        .default(true)
        .describe('A channel for everything that may be missing: observed or not'),
      context: context(),
      limit: positive()
        .default(5)
        .describe('Standardised values are limited to this many standard deviations'),
    })
    .prefault({})
    .describe('Input channels of a frame');

/** What a masked objective has to say about hidden frames. */
export const targets = () =>
  z
    .strictObject({
      ...channelChoice(),
      context: z.boolean().default(false).describe('The context of a token, as inputs.context describes it'),
      smoothSeconds: amount()
        .default(0)
        .describe('Full width of a moving average over the targets, which leaves tracker noise out; 0: none'),
    })
    .prefault({})
    .describe('Target channels of a frame');

export const encoder = () =>
  z
    .discriminatedUnion('type', [
      z
        .strictObject({
          type: z.literal('transformer').describe('A pre-norm transformer over the visible tokens'),
          width: count(4, 8192).default(128).describe('Channels of a token inside; a multiple of heads'),
          layers: count(1, 64).default(4).describe('Blocks'),
          heads: count(1, 64).default(4).describe('Attention heads'),
          feedForward: count(4, 32768).default(256).describe('Hidden units of the feed-forward half'),
          positions: z
            .enum(['learned', 'sinusoidal'])
            .default('learned')
            .describe('How a token knows its place in the window'),
        })
        .describe('Transformer'),
      z
        .strictObject({
          type: z.literal('temporalConv').describe('Dilated residual convolutions over all tokens'),
          width: count(4, 8192).default(128).describe('Channels of a token inside'),
          kernelTokens: count(1, 99).default(3).describe('Tokens that a convolution looks at; odd'),
          dilations: z
            .array(count(1, 4096))
            .min(1)
            .default([1, 2, 4, 8])
            .describe('Distance of those tokens, one entry a layer'),
        })
        .describe('Temporal convolution net'),
      z
        .strictObject({
          type: z.literal('mlp').describe('A perceptron for every token by itself'),
          width: count(4, 8192).default(128).describe('Channels of an encoded token'),
          hiddenWidths: z
            .array(count(4, 8192))
            .default([256])
            .describe('Units of the hidden layers, one entry a layer; none: an affine map'),
        })
        .describe('Perceptron'),
    ])
    .prefault({ type: 'transformer' })
    .describe('The encoder');

const weighting = {
  weight: amount().default(1).describe('Factor of this loss in the sum'),
  warmupSteps: count(0).default(0).describe('Steps over which the weight rises from 0'),
};

const projection = () => ({
  temperature: positive().default(0.1).describe('Cosines are divided by it'),
  hiddenWidth: count(1, 8192).default(128).describe('Hidden units of the projection'),
  projectionWidth: count(1, 8192).default(64).describe('Width in which windows are compared'),
});

const decoder = () =>
  z
    .strictObject({
      width: count(4, 8192).default(64).describe('Channels of a token inside'),
      layers: count(0, 16).default(1).describe('Blocks; 0: a norm and an affine map only'),
      heads: count(1, 64).default(4).describe('Attention heads'),
      feedForward: count(4, 32768).default(128).describe('Hidden units of the feed-forward half'),
    })
    .prefault({})
    .describe('The light decoder');

export const objectives = () =>
  z
    .array(
      z.discriminatedUnion('type', [
        z
          .strictObject({
            type: z.literal('masked').describe('Reconstruct hidden tokens from the visible ones'),
            ...weighting,
            maskRatio: z.number().gt(0).lt(1).default(0.7).describe('Share of the tokens that is hidden'),
            spanTokens: count(1, 10_000).default(4).describe('Tokens that are hidden together'),
            decoder: decoder(),
          })
          .describe('Masked frames'),
        z
          .strictObject({
            type: z
              .literal('denoised')
              .describe('Say the clean truth about every token from noisy, partly hidden ones'),
            ...weighting,
            maskRatio: z
              .number()
              .min(0)
              .lt(1)
              .default(0.3)
              .describe('Share of the tokens that is hidden; 0: only noise is taken off'),
            spanTokens: count(1, 10_000).default(3).describe('Tokens that are hidden together'),
            visibleWeight: amount().default(0.2).describe('Weight of a visible token beside a hidden one'),
            bend: positive()
              .default(1)
              .describe('Larger errors count by their size, smaller ones by their square'),
          })
          .describe('Denoising'),
        z
          .strictObject({
            type: z
              .literal('teacher')
              .describe('Predict what a slowly averaged teacher makes of the hidden tokens'),
            ...weighting,
            maskRatio: z.number().gt(0).lt(1).default(0.6).describe('Share of the tokens that is hidden'),
            spanTokens: count(1, 10_000).default(4).describe('Tokens that are hidden together'),
            layers: count(1, 64).default(2).describe('How many of the last layers the teacher averages'),
            bend: positive()
              .default(1)
              .describe('Larger errors count by their size, smaller ones by their square'),
            decoder: decoder(),
          })
          .describe('Teacher and student'),
        z
          .strictObject({
            type: z.literal('contrastive').describe('Tell the counterpart of a window from all others'),
            ...weighting,
            positives: z
              .discriminatedUnion('kind', [
                z.strictObject({
                  kind: z.literal('views').describe('Two augmented views of a window'),
                }),
                z.strictObject({
                  kind: z.literal('neighbours').describe('Two windows of a recording that lie close in time'),
                  withinSeconds: positive().default(2).describe('Their largest distance'),
                }),
              ])
              .prefault({ kind: 'views' })
              .describe('What counts as the same thing seen twice'),
            ...projection(),
            nearSeconds: amount()
              .default(4)
              .describe('Windows of a recording nearer than this are neither positive nor negative'),
          })
          .describe('Contrast between windows'),
        z
          .strictObject({
            type: z.literal('future').describe('Tell which window follows at several horizons'),
            ...weighting,
            horizonsSeconds: z
              .array(positive())
              .min(1)
              .default([2.5, 5, 10])
              .describe('How much later the windows begin; at least a window with its context'),
            ...projection(),
            nearSeconds: amount()
              .default(2)
              .describe('Windows of the recording nearer than this to the true one are no negatives'),
          })
          .describe('Prediction of the future'),
      ]),
    )
    .min(1)
    .describe('What is learned, added up with weights');

export const augment = () =>
  z
    .strictObject({
      mirrorProbability: share().default(0.5).describe('Of a mirror image, left and right points exchanged'),
      scaleSpread: amount().default(0.1).describe('Bodies grow or shrink by up to this share'),
      speedSpread: amount().default(0.1).describe('Time runs faster or slower by up to this share'),
      keypointDropProbability: share().default(0.1).describe('That a keypoint is missing for a span'),
      animalDropProbability: share().default(0.02).describe('That an animal is missing for a span'),
      dropSeconds: positive().default(1).describe('The longest such span'),
      jitterBodyLengths: amount().default(0.02).describe('Standard deviation of noise new in every frame'),
      driftBodyLengths: amount().default(0.02).describe('Standard deviation of slow tracking noise'),
      driftSeconds: positive().default(0.5).describe('The time over which it changes'),
      channelNoise: amount().default(0.1).describe('Offset of an input channel for a window, standardised'),
      frameNoise: amount().default(0.1).describe('Noise of an input channel in every frame, standardised'),
      channelDropProbability: share()
        .default(0.1)
        .describe('That an input channel is 0 for a window, or in a context'),
      scaleDropProbability: share().default(0.1).describe('That a time scale of a context is 0'),
    })
    .nullable()
    .prefault({})
    .describe('How windows are varied while pretraining; null: not at all');
