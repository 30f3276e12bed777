import { defineCommand } from './command.js';
import { chooseRunner } from './sweep-choose-runner.js';
import { SWEEP_POSITIONAL, SWEEP_RUN_OPTIONS, workOnSweep } from './sweep-runner.js';

export default defineCommand({
  positionals: { sweep: SWEEP_POSITIONAL },
  options: SWEEP_RUN_OPTIONS,
  example: ['$0 sweep resume checkpoints/objectives', 'every job goes on from its last checkpoint'],
  run: ({ sweep, ...values }, context) => workOnSweep(sweep, chooseRunner(sweep, values), context),
});
