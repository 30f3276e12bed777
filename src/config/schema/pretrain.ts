import { z } from 'zod';
import { amount, count, duration, engine, place, positive, runName, seed } from './fields.js';
import {
  augment,
  bodyLength,
  encoder,
  inputs,
  kinematics,
  objectives,
  targets,
  window,
} from './model-fields.js';
import { withPretrainRules } from './pretrain-rules.js';
import { onDivergence, startFrom, whenTerminalCloses } from './training-fields.js';

/** Recordings by id: any of these names, or a number in the id whose remainder is one of these. */
const holdOut = () =>
  z
    .strictObject({
      recordings: z.array(z.string().min(1)).default([]).describe('Ids of recordings'),
      modulo: z
        .strictObject({
          divisor: count(2).describe('The first number in the id is divided by this'),
          remainders: z.array(count(0)).min(1).describe('Recordings with these remainders are held out'),
        })
        .nullable()
        .default(null)
        .describe('Held out by the number in the id'),
    })
    .prefault({})
    .describe('Recordings whose poses pretraining never sees');

const settings = z.strictObject({
  kind: z.literal('pretrain').describe('What these settings are for'),
  name: runName(),
  seed: seed(),
  data: z
    .strictObject({
      folder: place().describe('The data set, as `whisker data import` has written it'),
      subsets: z
        .array(z.string().min(1))
        .nullable()
        .default(null)
        .describe('Subsets whose poses are used, a trailing * allowed; null: all'),
      holdOut: holdOut(),
    })
    .describe('What is learned from'),
  window: window(),
  bodyLength: bodyLength(),
  inputs: inputs(),
  targets: targets(),
  kinematics: kinematics(),
  encoder: encoder(),
  objectives: objectives().prefault([{ type: 'masked' }, { type: 'contrastive', weight: 0.3 }]),
  augment: augment(),
  training: z
    .strictObject({
      startFrom: startFrom(),
      duration: duration().prefault({ epochs: 10 }).describe('How long; exactly one unit'),
      batchWindows: count(2).default(64).describe('Windows of a step'),
      learningRate: positive().default(1e-3).describe('The highest rate, at the end of the warm-up'),
      finalLearningRate: amount().default(1e-5).describe('The rate at the last step'),
      warmupSteps: count(0).default(100).describe('Steps of linear rise'),
      weightDecay: amount().default(0.05).describe('Share of a kernel taken away a step, times the rate'),
      beta1: z.number().min(0).lt(1).default(0.9).describe('Memory of the mean gradient'),
      beta2: z.number().min(0).lt(1).default(0.95).describe('Memory of the mean squared gradient'),
      epsilon: positive().default(1e-8).describe('Keeps the division by the spread finite'),
      averageDecay: z
        .number()
        .gt(0)
        .lt(1)
        .nullable()
        .default(null)
        .describe(
          'Memory of the running averages that are a teacher; null: none (the teacher objective needs them)',
        ),
      maxMinutes: positive()
        .nullable()
        .default(null)
        .describe('Saves and stops in order after so many minutes of this start; null: no limit'),
      maxGradientNorm: positive().default(1).describe('Longer gradients are scaled down to this'),
      onDivergence: onDivergence(),
      whenTerminalCloses: whenTerminalCloses(),
      workers: count(0, 64)
        .nullable()
        .default(null)
        .describe(
          'Threads that prepare batches; null: three for every four processors, 1 to 12; 0: none beside the trainer',
        ),
    })
    .prefault({})
    .describe('The loop and the optimiser'),
  checkpoint: z
    .strictObject({
      everySteps: count(1).default(500).describe('Steps between checkpoints'),
      keepNewest: count(1).default(2).describe('How many of the newest stay'),
      keepEverySteps: count(1).nullable().default(null).describe('Those at multiples of this stay too'),
    })
    .prefault({})
    .describe('Checkpoints'),
  log: z
    .strictObject({ everySteps: count(1).default(20).describe('Steps between two reports of the losses') })
    .prefault({})
    .describe('What is written down'),
  probe: z
    .strictObject({
      everySteps: count(1).default(200).describe('Steps between two looks'),
      windows: count(16, 4096).default(256).describe('Windows that are looked at, the same every time'),
      track: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe('A label track: do windows that are near each other share its classes?'),
      monitor: z
        .strictObject({
          metric: z.string().min(1).describe("The probe's metric that decides which checkpoint is best"),
          better: z.enum(['higher', 'lower']).default('higher').describe('Which way is better'),
          patienceProbes: count(1)
            .nullable()
            .default(null)
            .describe('Looks without a new best after which training stops; null: never'),
        })
        .nullable()
        .default(null)
        .describe('What early stopping and the best checkpoint go by; null: neither'),
    })
    .nullable()
    .prefault({})
    .describe('Guards against collapse, on recordings that are held out where there are any; null: none'),
  engine: engine(),
});

export const pretrainSettings = withPretrainRules(settings).describe('Settings of `whisker pretrain`');

/** Complete settings of `whisker pretrain`. */
export type PretrainSettings = z.output<typeof pretrainSettings>;
