import { z } from 'zod';
import { amount, count, place, positive } from './fields.js';

/** Gradient-boosted trees. */
export const boostedTrees = () =>
  z
    .strictObject({
      features: z
        .enum(['kinematics', 'kinematic-moments', 'raw-pose', 'encoder'])
        .default('kinematics')
        .describe('What the trees see, pooled as for heads'),
      python: z
        .string()
        .min(1)
        .default('python3')
        .describe('The interpreter that has scikit-learn, which grows the trees'),
      iterations: z
        .array(count(1, 10_000))
        .min(1)
        .default([100])
        .describe(
          'Tried numbers of iterations (a tree a class each), chosen by folds; a single one is taken',
        ),
      learningRate: positive().max(1).default(0.1).describe('Share of each tree that is added'),
      leaves: count(2, 10_000).default(31).describe('The most leaves of a tree'),
      leafFrames: count(1).default(20).describe('The fewest training frames of a leaf'),
      strength: amount().default(0).describe('L2 on the values of leaves'),
      featureShare: positive().max(1).default(1).describe('Share of the inputs that each split chooses from'),
    })
    .prefault({})
    .describe('The row boosted-trees: HistGradientBoostingClassifier of scikit-learn');

/** The official baseline of CalMS21. */
export const convNet = () =>
  z
    .strictObject({
      reachFrames: count(0, 10_000).default(100).describe('Frames that are seen to both sides'),
      gapFrames: count(1, 1000).default(2).describe('Every so many of them'),
      frameSizePixels: z
        .tuple([positive(), positive()])
        .default([1024, 570])
        .describe('Coordinates are divided by this width and height'),
      channels: z
        .array(count(1, 4096))
        .min(1)
        .default([128, 64, 32])
        .describe('Channels of the convolutions, each followed by max pooling over 2 and dropout of a half'),
      kernelSamples: count(1, 101).default(5).describe('Samples that a convolution sees'),
      learningRate: positive().default(1e-3).describe('Of Adam'),
      epochs: positive().default(15).describe('Passes over the training frames'),
      batchFrames: count(1, 4096).default(128).describe('Frames of a step'),
      everyFrames: count(1, 10_000).default(1).describe('Every so many labelled frames are trained on'),
      anchored: z
        .strictObject({
          probeEpochs: amount().default(5).describe('Passes in which the last layer alone is trained'),
          epochs: amount().default(10).describe('Passes of the whole net after that'),
          learningRate: positive().default(1e-4).describe('Of these'),
        })
        .prefault({})
        .describe('Task 2, from the net of task 1'),
      newBehaviour: z
        .strictObject({
          probeEpochs: amount().default(30).describe('Passes in which the last layer alone is trained'),
          epochs: amount().default(20).describe('Passes of the whole net after that'),
          learningRate: positive().default(5e-5).describe('Of these'),
          positiveWeight: z
            .tuple([positive(), positive()])
            .default([3, 100])
            .describe('Frames of the behaviour weigh as much as all others, within these bounds'),
        })
        .prefault({})
        .describe('Task 3, from the net of task 1 where that is part of the run, else from random weights'),
    })
    .prefault({})
    .describe("The row conv-net: CalMS21's official 1D convolutions on poses (Sun et al. 2021)");

/** Features of CalMS21's own files. */
export const publishedFeatures = () =>
  z
    .strictObject({
      taskProgramming: z
        .array(place())
        .default([])
        .describe('Files or folders with taskprog_features_*.json, or the archives that hold them'),
      mars: z
        .array(place())
        .default([])
        .describe("Files or folders of MARS's .npz, each named by the last part of a recording's id"),
    })
    .prefault({})
    .describe('The rows task-programming and mars: features that CalMS21 publishes beside the poses');

/** Encoder and head trained together. */
export const fineTuned = () =>
  z
    .strictObject({
      epochs: positive().default(10).describe('Passes over the windows with labels'),
      batchWindows: count(1, 4096).default(32).describe('Windows of a step'),
      learningRate: positive().default(3e-4).describe('The highest; of the head and the last layer'),
      finalLearningRate: amount().default(0).describe('At the last step'),
      warmupShare: amount().max(1).default(0.1).describe('Share of the steps in which the rate rises'),
      layerDecay: positive()
        .max(1)
        .default(0.7)
        .describe('Each layer further from the head gets this share of the rate of the one above it'),
      weightDecay: amount()
        .default(0.01)
        .describe('Share of a kernel taken away at each step, times the rate'),
      maxGradientNorm: positive().default(1).describe('Gradients are scaled down to this norm'),
      checkpointSteps: count(1).default(500).describe('Steps between checkpoints'),
    })
    .prefault({})
    .describe('The row fine-tuned: the encoder of run and a linear head, trained together');
