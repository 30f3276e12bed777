import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import type { ReplayedWindow, ReplayJob, ReplaySummary } from '../pipeline/replay.js';
import { formatNumber } from '../ui/format.js';
import type { CommandContext } from './command.js';
import { formatColumns } from './output.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

/** Windows that are printed; `--json` has all. */
const SHOWN = 10;

/** `pretrain --replay`: the batch of a diverged step again, whole and window by window. */
export async function replay(
  settings: DeepReadonly<PretrainSettings>,
  file: string,
  context: CommandContext,
): Promise<void> {
  const outcome = await runJob<ReplayJob, ReplaySummary>(
    {
      entry: new URL('./trainer/replay-entry.js', import.meta.url),
      job: { settings, file },
      whenParentLost: 'stop',
      memoryRemedy: 'Free memory: a replay takes as much as a step of the run.',
    },
    context,
  );
  throwIfStopped(outcome);
  const { result } = outcome;
  const parts = Object.keys(result.outputs).filter((name) => name.startsWith('part/'));
  const columns = [...parts, 'gradientNorm'];
  const describe = (outputs: Readonly<Record<string, number>>) =>
    columns.map((name) => formatNumber(outputs[name]));
  const row = ({ allFinite, recording, startSeconds, largestInput, outputs }: ReplayedWindow) => [
    allFinite ? 'ok' : 'NOT FINITE',
    recording,
    `${startSeconds.toFixed(2)} s`,
    formatNumber(largestInput),
    ...describe(outputs),
  ];
  const broken = result.windows.filter(({ allFinite }) => !allFinite).length;
  context.output.result(result, () =>
    [
      `step ${result.step}, the whole batch: ${result.allFinite ? 'finite here' : 'not finite again'}; ` +
        `alone, ${broken} of its ${result.windows.length} windows are not finite`,
      '',
      formatColumns([
        ['', 'recording', 'start', 'largest input', ...columns.map((name) => name.replace('part/', ''))],
        ['batch', '', '', '', ...describe(result.outputs)],
        ...result.windows.slice(0, SHOWN).map(row),
      ]),
    ].join('\n'),
  );
}
