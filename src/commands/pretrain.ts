import { loadKind } from '../config/kinds.js';
import { inYaml } from '../config/list-settings.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Estimate, EstimateJob } from '../pipeline/estimate.js';
import type { PretrainJob, PretrainSummary } from '../pipeline/pretrain.js';
import { formatBytes, formatCount, formatDuration } from '../ui/format.js';
import { type CommandContext, defineCommand, SETTINGS_POSITIONAL } from './command.js';
import { finetuneCommands } from './next-command.js';
import { formatColumns } from './output.js';
import { replay } from './replay.js';
import { givenSettings, PRETRAIN_MEMORY_REMEDY, RUN_OPTIONS, runFolderOf } from './run-options.js';
import { quoteForShell } from './shell-words.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

export default defineCommand({
  positionals: {
    config: { type: 'string', demandOption: true, describe: 'settings of kind pretrain' },
    settings: SETTINGS_POSITIONAL,
  },
  options: {
    ...RUN_OPTIONS,
    from: {
      type: 'string',
      describe:
        'start a new run from the weights of another one (its folder, or a .whisker file): new folder, anything may change; short for training.startFrom=...',
    },
    replay: {
      type: 'string',
      describe: 'run the batch of a diverged step alone: a diverged-step-NNNNNN.json; nothing is written',
    },
    'dry-run': {
      type: 'boolean',
      default: false,
      describe: 'say what the run would take, by a few measured steps; nothing is written',
    },
    'ignore-limits': {
      type: 'boolean',
      default: false,
      describe: 'begin even where memory or disk seem too small',
    },
  },
  example: [
    '$0 pretrain configs/quickstart.yaml name=first training.duration.steps=200',
    'a short run under a name of its own',
  ],
  async run(values, context) {
    const { config, resume, overwrite, 'force-unlock': forceUnlock, from } = values;
    const overrides = [
      ...values.settings,
      ...(from === undefined ? [] : [`training.startFrom=${inYaml(from)}`]),
    ];
    const loaded = loadKind('pretrain', { file: config, overrides, environment: context.environment });
    const { settings } = loaded;
    if (values.replay !== undefined) return replay(settings, values.replay, context);
    const folder = runFolderOf(settings.name);
    const ignoreLimits = values['ignore-limits'];
    const sameRun = [config, ...overrides, ...(ignoreLimits ? ['--ignore-limits'] : [])]
      .map(quoteForShell)
      .join(' ');
    if (values['dry-run']) {
      await estimate({ runs: [settings], folder, ignoreLimits }, context);
      context.output.next(`whisker pretrain ${sameRun}`);
      return;
    }
    const outcome = await runJob<PretrainJob, PretrainSummary>(
      {
        entry: new URL('./trainer/pretrain-entry.js', import.meta.url),
        job: {
          settings,
          given: givenSettings(loaded),
          folder,
          policy: { resume, overwrite, forceUnlock },
          ignoreLimits,
        },
        whenParentLost: settings.training.whenTerminalCloses,
        memoryRemedy: PRETRAIN_MEMORY_REMEDY,
      },
      context,
      { tellsEvents: true },
    );
    const { result } = outcome;
    const { output } = context;
    output.result(result, `${result.checkpoint}  step ${result.step} of ${result.totalSteps}`);
    output.next(
      ...(result.ending === 'stopped' || result.ending === 'time'
        ? [`whisker pretrain ${sameRun} --resume`]
        : adviseHeads(settings.data.folder, result.folder, config, context)),
    );
    throwIfStopped(outcome);
  },
});

function adviseHeads(folder: string, run: string, config: string, { environment }: CommandContext) {
  const dataset = openDataset(folder);
  const tracks = dataset.header.tracks.map(({ name }) => name);
  dataset.close();
  return finetuneCommands({ run, folder, tracks, config, environment });
}

/** Windows, parameters, steps, time, memory and disk of a run that is not made. */
async function estimate(job: EstimateJob, context: CommandContext): Promise<void> {
  const outcome = await runJob<EstimateJob, Estimate[]>(
    {
      entry: new URL('./trainer/estimate-entry.js', import.meta.url),
      job,
      whenParentLost: 'stop',
      memoryRemedy: PRETRAIN_MEMORY_REMEDY,
    },
    context,
  );
  throwIfStopped(outcome);
  const [result] = outcome.result;
  context.output.result(result, () =>
    formatColumns([
      ['recordings', `${result.recordings}`],
      ['windows in an epoch', `${result.windowsPerEpoch}`],
      ['parameters', formatCount(result.parameters)],
      ['steps', `${result.totalSteps} (${(result.totalSteps / result.stepsPerEpoch).toFixed(1)} epochs)`],
      ['a step', `${(1000 * result.stepSeconds).toFixed(1)} ms`],
      ['the whole run', formatDuration(result.seconds)],
      ['memory', formatBytes(result.peakBytes)],
      ['checkpoints', `${formatBytes(result.diskBytes)} (${formatBytes(result.checkpointBytes)} each)`],
    ]),
  );
}
