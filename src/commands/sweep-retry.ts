import { UserError } from '../errors.js';
import { openSweepJournal } from '../pipeline/sweep-folder.js';
import { retryTasks } from '../pipeline/sweep-run.js';
import { defineCommand } from './command.js';
import { chooseRunner } from './sweep-choose-runner.js';
import { SWEEP_POSITIONAL, SWEEP_RUN_OPTIONS, workOnSweep } from './sweep-runner.js';

export default defineCommand({
  positionals: {
    sweep: SWEEP_POSITIONAL,
    jobs: {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'ids of failed jobs, as `sweep status` shows them',
    },
  },
  options: {
    ...SWEEP_RUN_OPTIONS,
    failed: { type: 'boolean', default: false, describe: 'all that failed' },
  },
  example: ['$0 sweep retry checkpoints/objectives --failed', 'tries what failed again, and goes on'],
  run({ sweep, jobs, failed, ...values }, context) {
    if (failed === jobs.length > 0) {
      throw new UserError('usage', 'say which jobs: either --failed or their ids', {
        hint: `whisker sweep status ${sweep} lists them`,
      });
    }
    const count = retryTasks(sweep, openSweepJournal(sweep), failed ? null : jobs);
    context.output.message(`${count} failed runs are tried again.`);
    return workOnSweep(sweep, chooseRunner(sweep, values), context);
  },
});
