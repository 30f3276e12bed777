import { loadKind } from '../config/kinds.js';
import type { PretrainJob, PretrainSummary } from '../pipeline/pretrain.js';
import { defineCommand, SETTINGS_POSITIONAL } from './command.js';
import { quoteForShell } from './next-command.js';
import { givenSettings, RUN_OPTIONS, runFolderOf } from './run-options.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

export default defineCommand({
  positionals: {
    config: { type: 'string', demandOption: true, describe: 'settings of kind pretrain' },
    settings: SETTINGS_POSITIONAL,
  },
  options: RUN_OPTIONS,
  example: [
    '$0 pretrain configs/quickstart.yaml training.duration={steps: 200}',
    'learn an encoder from poses',
  ],
  async run({ config, settings: overrides, resume, overwrite, 'force-unlock': forceUnlock }, context) {
    const loaded = loadKind('pretrain', { file: config, overrides, environment: context.environment });
    const { settings } = loaded;
    const outcome = await runJob<PretrainJob, PretrainSummary>(
      {
        entry: new URL('./trainer/pretrain-entry.js', import.meta.url),
        job: {
          settings,
          given: givenSettings(loaded),
          folder: runFolderOf(settings.name),
          policy: { resume, overwrite, forceUnlock },
        },
        whenParentLost: 'stop',
        memoryRemedy: 'Lower training.batchWindows, window.windowFrames or encoder.width.',
      },
      context,
    );
    const { result } = outcome;
    const { output } = context;
    output.result(result, `${result.checkpoint}  step ${result.step} of ${result.totalSteps}`);
    const call = [config, ...overrides].map(quoteForShell).join(' ');
    output.next(
      result.ending === 'stopped'
        ? `whisker pretrain ${call} --resume`
        : `whisker finetune configs/quickstart-heads.yaml run=${quoteForShell(result.folder)}`,
    );
    throwIfStopped(outcome);
  },
});
