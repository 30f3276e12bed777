import { requireCounts, runBenchJob } from './bench-options.js';
import { defineCommand } from './command.js';

export default defineCommand({
  positionals: {
    file: { type: 'string', demandOption: true, describe: 'a JSON file of CalMS21' },
  },
  options: {
    runs: { type: 'number', default: 3, describe: 'how often it is read' },
  },
  example: [
    '$0 bench data checkpoints/quickstart-data/json/calms21_task1_train.json',
    'how fast poses are read',
  ],
  run({ file, runs }, context) {
    requireCounts({ runs });
    return runBenchJob({ work: 'data', file, runs }, context);
  },
});
