import { z } from 'zod';
import { count, place } from './fields.js';

/** Fields of every kind of run that trains weights. */

export const startFrom = () =>
  place()
    .nullable()
    .default(null)
    .describe(
      'A run, or a checkpoint of one, whose weights training starts from where name and shape fit; null: random weights',
    );

const most = () => count(1, 1000).default(10).describe('So many steps are left out in a run; then it stops');

export const onDivergence = () =>
  z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('stop').describe('The run stops and says where') }),
      z.strictObject({
        type: z.literal('skip').describe('The step is left out, counted and announced'),
        most: most(),
      }),
      z.strictObject({
        type: z
          .literal('halve')
          .describe('As skip, and the learning rate is halved each time, for the rest of the run'),
        most: most(),
      }),
    ])
    .prefault({ type: 'stop' })
    .describe('What is done when a loss or gradient is not finite; the weights are never touched by it');

export const whenTerminalCloses = () =>
  z
    .enum(['stop', 'continue'])
    .default('stop')
    .describe(
      'When the terminal or the command that shows the run is gone: save and stop, or go on without it (touch RUN/STOP then stops it)',
    );
