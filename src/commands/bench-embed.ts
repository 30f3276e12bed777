import { COMPILE_OPTIONS, compileOptionsOf, deviceOf, requireCounts, runBenchJob } from './bench-options.js';
import { defineCommand } from './command.js';

export default defineCommand({
  positionals: {},
  options: {
    batch: { type: 'number', default: 64, describe: 'windows of 64 frames' },
    steps: { type: 'number', default: 40, describe: 'batches that are timed' },
    ...COMPILE_OPTIONS,
  },
  example: ['$0 bench embed', 'features of the frozen encoder'],
  run(values, context) {
    requireCounts(values);
    const { batch: windows, steps } = values;
    return runBenchJob(
      { work: 'embed', ...deviceOf(values), windows, steps, compile: compileOptionsOf(values) },
      context,
    );
  },
});
