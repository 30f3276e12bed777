import { z } from 'zod';

/** Fields that several kinds of settings share. Every field is described where it is used. */

export const count = (minimum: number, maximum = 1_000_000_000) => z.int().min(minimum).max(maximum);

/** Above 0. */
export const positive = () => z.number().gt(0);

/** 0 or more. */
export const amount = () => z.number().min(0);

/** From 0 to 1. */
export const share = () => z.number().min(0).max(1);

/** The path of a file or folder, as it is given: relative to the folder in which the command runs. */
export const place = () => z.string().min(1);

/** A name that can be a folder's name. */
export const folderName = () =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
      'must be 1 to 100 letters, digits, ".", "_" or "-", and start with a letter or digit',
    );

/** What runs, data sets and settings that are written for them are called. */
export const runName = () => folderName().describe("The run's name; its folder is checkpoints/NAME");

export const seed = () => count(0, 4_294_967_295).default(0).describe('Seed of everything random in the run');

/** How long: exactly one of steps, epochs and minutes. */
export const duration = () =>
  z
    .strictObject({
      steps: count(1).optional().describe('Optimiser steps'),
      epochs: positive().optional().describe('Passes over the windows'),
      minutes: positive().optional().describe('Minutes of training'),
    })
    .refine((value) => Object.keys(value).length === 1, 'must have exactly one of steps, epochs and minutes');

/** Where and how numbers are computed. */
export const engine = () =>
  z
    .strictObject({
      device: z
        .string()
        .regex(/^(auto|cpu|cuda|cuda:\d+|portable)$/, 'must be auto, cpu, cuda, cuda:NUMBER or portable')
        .default('auto')
        .describe('auto, cpu, cuda, cuda:NUMBER or portable; auto takes the best that starts'),
      mode: z
        .enum(['auto', 'xla', 'graph', 'eager'])
        .default('auto')
        .describe('How a step runs: compiled as a whole, node by node, or op by op'),
      precision: z
        .enum(['float32', 'tf32', 'bfloat16'])
        .default('float32')
        .describe(
          'Of matrix products; all else is float32. tf32 needs a GPU; bfloat16 is faster on GPUs and on CPUs with AMX',
        ),
      threads: count(1, 1024)
        .nullable()
        .default(null)
        .describe('Threads within one op (the last bits depend on it); null: one per processor'),
      deterministic: z
        .boolean()
        .default(false)
        .describe(
          'Equal bits on a GPU from run to run, at some cost in speed; on a processor they always are',
        ),
    })
    .prefault({})
    .describe('The engine');
