import { DEVICE_OPTIONS, deviceOf, requireCounts, runBenchJob } from './bench-options.js';
import { defineCommand } from './command.js';
import { requireAmount } from './option-values.js';

export default defineCommand({
  positionals: {},
  options: {
    frames: { type: 'number', default: 200_000, describe: 'labelled frames' },
    width: { type: 'number', default: 256, describe: 'features of a frame' },
    classes: { type: 'number', default: 4, describe: 'behaviours' },
    strength: { type: 'number', default: 0.01, describe: 'of the L2 penalty' },
    runs: { type: 'number', default: 3, describe: 'fits that are timed' },
    ...DEVICE_OPTIONS,
  },
  example: ['$0 bench heads', 'one multinomial head, to convergence'],
  run(values, context) {
    const { strength, ...counts } = values;
    requireCounts(counts);
    const { frames, width, classes: classCount, runs } = counts;
    const head = { frames, width, classCount, strength: requireAmount('strength', strength) };
    return runBenchJob({ work: 'heads', ...deviceOf(values), head, runs }, context);
  },
});
