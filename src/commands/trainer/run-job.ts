import type { CommandContext } from '../command.js';
import { createRenderer } from './create-renderer.js';
import { runTrainer } from './run-trainer.js';
import type { TrainerOptions, TrainerOutcome } from './start-trainer.js';

/**
 * Runs a job in a trainer of its own and shows it: what `pretrain`, `finetune` and their like call.
 * With `tellsEvents`, `--json` tells its events as well: for runs that people follow.
 * Afterwards the caller prints its result and calls `throwIfStopped(outcome)`.
 */
export async function runJob<Job, Result>(
  options: Omit<TrainerOptions<Job>, 'onEvent'>,
  context: CommandContext,
  { tellsEvents = false }: { readonly tellsEvents?: boolean } = {},
): Promise<TrainerOutcome<Result>> {
  const renderer = await createRenderer(context, tellsEvents);
  return runTrainer<Job, Result>({ ...options, onEvent: (event) => renderer.receive(event) }, renderer);
}
