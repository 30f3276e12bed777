import { Interrupted, UserError } from '../errors.js';
import { createEmitter } from '../events/emitter.js';
import type { EmitEvent } from '../events/event.js';
import type { FinetuneSummary } from '../pipeline/finetune.js';
import type { PretrainSummary } from '../pipeline/pretrain.js';
import { readPlan } from '../pipeline/sweep-folder.js';
import { readStatus } from '../pipeline/sweep-report.js';
import { keepSweepTable } from '../pipeline/sweep-results.js';
import { runLocalSweep, type SweepSummary } from '../pipeline/sweep-run.js';
import { submitSweep } from '../pipeline/sweep-slurm.js';
import type { RunRequest, StartedRun } from '../pipeline/sweep-task.js';
import { renderSweepText } from '../report/sweep-table.js';
import type { LocalRunner, SlurmRunner } from '../sweep/plan.js';
import { thisMachine } from '../sweep/slots.js';
import type { CommandContext } from './command.js';
import { quoteForShell } from './shell-words.js';
import { createRenderer } from './trainer/create-renderer.js';
import { steer } from './trainer/run-trainer.js';
import { startTrainer } from './trainer/start-trainer.js';

/** Options of all commands that work on a sweep. */
export const SWEEP_RUN_OPTIONS = {
  on: {
    type: 'string',
    choices: ['local', 'slurm'],
    describe: "where the runs run, in place of the file's runner",
  },
  'fail-fast': { type: 'boolean', default: false, describe: 'begin nothing new after a first failure' },
  'force-unlock': {
    type: 'boolean',
    default: false,
    describe: 'take the folder over from a process that is gone for certain',
  },
} as const;

export const SWEEP_POSITIONAL = {
  type: 'string',
  demandOption: true,
  describe: 'the folder of a sweep, checkpoints/NAME',
} as const;

export interface SweepRunChoice {
  readonly runner: LocalRunner | SlurmRunner;
  readonly failFast: boolean;
  readonly forceUnlock: boolean;
}

/** Works on what is left of a sweep, here or by Slurm. @throws UserError (`sweep`) when jobs have failed */
export function workOnSweep(folder: string, choice: SweepRunChoice, context: CommandContext): Promise<void> {
  const { runner } = choice;
  return runner.type === 'slurm'
    ? submit(folder, runner, context)
    : runHere(folder, { ...choice, runner }, context);
}

type StopSignal = 'SIGINT' | 'SIGTERM';

/** The work of some runs that are steered together. */
export interface SteeredRuns {
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
  readonly active: Map<string, StartedRun>;
}

/**
 * Shows work that starts runs, while signals and keys reach all of them.
 * @param onSave what SIGUSR1 does in place of saving; see `sweep job`
 */
export async function steerRuns<Result>(
  context: CommandContext,
  work: (runs: SteeredRuns) => Promise<Result>,
  onSave?: (stop: () => void) => void,
): Promise<{ readonly result: Result; readonly stoppedBy: StopSignal | null }> {
  const renderer = await createRenderer(context, false);
  const emitter = createEmitter(() => new Date().toISOString());
  emitter.observe({ name: 'the screen', receive: (event) => renderer.receive(event) });
  const abort = new AbortController();
  const active = new Map<string, StartedRun>();
  const each = (act: (run: StartedRun) => void): void => {
    for (const run of active.values()) act(run);
  };
  let stoppedBy: StopSignal | null = null;
  const stop = (signal: StopSignal): void => {
    abort.abort();
    each((run) => run.stop(signal));
  };
  const result = await steer(
    {
      stop(signal) {
        stoppedBy ??= signal;
        stop(signal);
      },
      leave: (signal) => each((run) => run.leave(signal)),
      save: () => (onSave === undefined ? each((run) => run.save()) : onSave(() => stop('SIGTERM'))),
      pause: () => each((run) => run.pause()),
      resume: () => each((run) => run.resume()),
    },
    renderer,
    'stop',
    () => work({ emit: emitter.emit, signal: abort.signal, active }),
  );
  return { result, stoppedBy };
}

/** Starts a run in a trainer of its own, which ends in order when this process is gone. */
export function startRun({ stage, job, environment, onEvent }: RunRequest): StartedRun {
  const trainer = startTrainer<unknown, PretrainSummary | FinetuneSummary>({
    entry: new URL(`./trainer/${stage === 'pretrain' ? 'pretrain' : 'finetune'}-entry.js`, import.meta.url),
    ...{ job, environment, onEvent },
    whenParentLost: 'stop',
    memoryRemedy: 'Lower runner.slots, or say what a run takes: runner.memoryGigabytes.',
  });
  const ended = trainer.ended.then(({ result }) => (result.ending === 'stopped' ? 'stopped' : 'done'));
  return { ...trainer, ended };
}

async function runHere(
  folder: string,
  { runner, failFast, forceUnlock }: SweepRunChoice & { readonly runner: LocalRunner },
  context: CommandContext,
): Promise<void> {
  const { output, environment } = context;
  const { result: summary, stoppedBy } = await steerRuns(context, (runs) =>
    runLocalSweep(folder, {
      ...{ runner, failFast, forceUnlock, environment, startRun },
      machine: thisMachine(environment.CUDA_VISIBLE_DEVICES),
      ...runs,
    }),
  );
  const table = keepSweepTable(folder);
  output.result({ ...summary, table }, () => renderSweepText(table));
  if (stoppedBy !== null) {
    output.next(`whisker sweep resume ${quoteForShell(folder)}`);
    throw new Interrupted(stoppedBy);
  }
  output.message(`\nThe table is in ${folder}: table.md, table.csv, table.tex, table.json.`);
  output.next(`whisker sweep table ${quoteForShell(folder)} --format markdown`);
  throwIfFailed(summary);
}

function submit(folder: string, runner: SlurmRunner, { output }: CommandContext): Promise<void> {
  const submission = submitSweep(folder, runner, [process.execPath, process.argv[1]]);
  const { arrays, tasks } = submission;
  output.result(submission, () =>
    tasks === 0 ? 'nothing is left to hand over' : `${tasks} tasks in the Slurm arrays ${arrays.join(', ')}`,
  );
  output.next(
    `whisker sweep status ${quoteForShell(folder)}`,
    `whisker sweep table ${quoteForShell(folder)}`,
    ...(arrays.length === 0 ? [] : [`scancel ${arrays.join(' ')}`]),
  );
  return Promise.resolve();
}

/** @throws UserError (`sweep`) naming the jobs that failed */
function throwIfFailed({ folder, states }: SweepSummary): void {
  const count = states.filter((state) => state === 'failed').length;
  if (count === 0) return;
  const failed = readStatus(folder, readPlan(folder)).filter(({ state }) => state === 'failed');
  const lines = failed.map(
    ({ job, error }) => `  ${job.variants.join(' = ')}, seed ${job.seed}: ${error?.split('\n')[0]}`,
  );
  throw new UserError('sweep', `${count} of ${states.length} jobs failed:\n\n${lines.join('\n')}`, {
    hint: `whisker sweep status ${folder} tells more; whisker sweep retry ${folder} --failed tries them again`,
  });
}
