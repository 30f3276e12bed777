import type { Estimate, EstimateJob } from '../pipeline/estimate.js';
import { estimateSweep } from '../pipeline/sweep-estimate.js';
import type { SweepPlan } from '../sweep/plan.js';
import { formatBytes, formatDuration } from '../ui/format.js';
import type { CommandContext } from './command.js';
import { formatColumns } from './output.js';
import { PRETRAIN_MEMORY_REMEDY } from './run-options.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

/** Lists the jobs of a sweep, and what is left of them would take. */
export async function describeSweep(folder: string, plan: SweepPlan, context: CommandContext): Promise<void> {
  const estimate = await estimateSweep(folder, plan, context.environment, async (runs) => {
    const outcome = await runJob<EstimateJob, Estimate[]>(
      {
        entry: new URL('./trainer/estimate-entry.js', import.meta.url),
        job: { runs, folder, ignoreLimits: false },
        whenParentLost: 'stop',
        memoryRemedy: PRETRAIN_MEMORY_REMEDY,
      },
      context,
    );
    throwIfStopped(outcome);
    return outcome.result;
  });
  const jobs = plan.jobs.map(({ id, variants, seed, tasks }) => ({ id, variants, seed, tasks }));
  context.output.result({ name: plan.name, folder, jobs, variants: plan.variants, estimate }, () =>
    [
      formatColumns([
        ['job', 'seed', 'variant', 'differs in'],
        ...plan.jobs.map(({ id, seed, variants }) => [
          id,
          `${seed}`,
          variants.join(' = '),
          plan.variants
            .filter(({ name }) => name === variants[0])
            .flatMap(({ differences }) => differences)
            .join('  '),
        ]),
      ]),
      '',
      formatColumns(
        estimate.stages.map((stage) => [
          stage.stage,
          `${stage.open} of ${stage.total} to do`,
          stage.seconds === null
            ? 'time known after the first'
            : `about ${formatDuration(stage.seconds)} one after the other`,
          stage.diskBytes === null ? '' : `${formatBytes(stage.diskBytes)} on disk`,
        ]),
      ),
    ].join('\n'),
  );
}
