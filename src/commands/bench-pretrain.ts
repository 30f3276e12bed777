import { COMPILE_OPTIONS, compileOptionsOf, deviceOf, requireCounts, runBenchJob } from './bench-options.js';
import { defineCommand } from './command.js';

export default defineCommand({
  positionals: {},
  options: {
    batch: { type: 'number', default: 64, describe: 'windows of 64 frames' },
    steps: { type: 'number', default: 40, describe: 'batches that are timed' },
    ...COMPILE_OPTIONS,
  },
  example: ['$0 bench pretrain', 'a step of masked and contrastive pretraining, and what a checkpoint takes'],
  run(values, context) {
    requireCounts(values);
    const { batch: windows, steps } = values;
    return runBenchJob(
      { work: 'pretrain', ...deviceOf(values), windows, steps, compile: compileOptionsOf(values) },
      context,
    );
  },
});
