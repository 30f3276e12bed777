import { COMPILE_OPTIONS, compileOptionsOf, deviceOf, requireCounts, runBenchJob } from './bench-options.js';
import { defineCommand } from './command.js';

export default defineCommand({
  positionals: {},
  options: {
    width: { type: 'number', default: 128, describe: 'channels of a token inside' },
    heads: { type: 'number', default: 4, describe: 'attention heads' },
    'feed-forward': { type: 'number', default: 256, describe: 'hidden units of the feed-forward half' },
    layers: { type: 'number', default: 2, describe: 'blocks' },
    batch: { type: 'number', default: 32, describe: 'windows' },
    window: { type: 'number', default: 64, describe: 'frames of a window' },
    steps: { type: 'number', default: 40, describe: 'steps that are timed' },
    ...COMPILE_OPTIONS,
  },
  example: ['$0 bench step --batch 8', 'a training step of two layers on 8 windows'],
  run(values, context) {
    requireCounts(values);
    const { width, heads, layers, batch, window: windowFrames, steps } = values;
    const shape = { width, heads, feedForward: values['feed-forward'], layers, batch, windowFrames };
    return runBenchJob(
      { work: 'step', ...deviceOf(values), shape, steps, compile: compileOptionsOf(values) },
      context,
    );
  },
});
