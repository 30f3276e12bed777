import { z } from 'zod';
import { count, duration, engine, place, positive, runName, seed } from './fields.js';

export const pretrainSettings = z
  .strictObject({
    kind: z.literal('pretrain').describe('What these settings are for'),
    name: runName(),
    seed: seed(),
    data: z
      .strictObject({ folder: place().describe('The data set, as `whisker data import` has written it') })
      .describe('What is learned from'),
    training: z
      .strictObject({
        duration: duration().prefault({ epochs: 10 }).describe('How long; exactly one unit'),
        batchWindows: count(1).default(64).describe('Windows of a step'),
        learningRate: positive().default(1e-3).describe('The highest rate, at the end of the warm-up'),
      })
      .prefault({})
      .describe('The loop and the optimiser'),
    engine: engine(),
  })
  .describe('Settings of `whisker pretrain`');

export type PretrainSettings = z.output<typeof pretrainSettings>;
