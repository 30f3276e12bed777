import { Interrupted, UserError } from '../errors.js';
import { isTimeOver, requeueOwnTask, runSweepJob } from '../pipeline/sweep-slurm.js';
import { defineCommand } from './command.js';
import { quoteForShell } from './shell-words.js';
import { SWEEP_POSITIONAL, startRun, steerRuns } from './sweep-runner.js';

export default defineCommand({
  positionals: {
    sweep: SWEEP_POSITIONAL,
    index: { type: 'string', demandOption: true, describe: 'which of its tasks, from 0' },
  },
  options: {},
  example: [
    '$0 sweep job checkpoints/objectives 3',
    'what a task of a queue calls; saves on SIGTERM and SIGUSR1',
  ],
  async run({ sweep, index }, context) {
    if (!/^\d+$/.test(index)) {
      throw new UserError('usage', `index must be a whole number from 0 on, got ${index}`);
    }
    const { environment, output } = context;
    let isOutOfTime = false;
    const { result: outcome, stoppedBy } = await steerRuns(
      context,
      (runs) => runSweepJob(sweep, Number(index), { environment, startRun, ...runs }),
      // Slurm warns so before the time limit; elsewhere it asks for a checkpoint.
      environment.SLURM_JOB_ID === undefined
        ? undefined
        : (stop) => {
            isOutOfTime = true;
            stop();
          },
    );
    output.result({ task: Number(index), outcome }, outcome);
    if (outcome === 'done') {
      output.next(`whisker sweep table ${quoteForShell(sweep)}`);
      return;
    }
    // A warning that comes while this process starts is lost: then the limit itself ends the task.
    if (isOutOfTime || isTimeOver(environment)) requeueOwnTask(environment);
    throw new Interrupted(stoppedBy ?? 'SIGTERM');
  },
});
