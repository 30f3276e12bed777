import { loadKind } from '../config/kinds.js';
import { keepPlan, sweepFolder } from '../pipeline/sweep-folder.js';
import { planSweep } from '../pipeline/sweep-plan.js';
import { defineCommand, SETTINGS_POSITIONAL } from './command.js';
import { describeSweep } from './sweep-dry-run.js';
import { SWEEP_RUN_OPTIONS, workOnSweep } from './sweep-runner.js';

export default defineCommand({
  positionals: {
    config: { type: 'string', demandOption: true, describe: 'settings of kind sweep' },
    settings: SETTINGS_POSITIONAL,
  },
  options: {
    ...SWEEP_RUN_OPTIONS,
    'dry-run': {
      type: 'boolean',
      default: false,
      describe: 'list the jobs with their differences, and what they would take; nothing is written',
    },
  },
  example: ['$0 sweep run configs/sweeps/objectives.yaml', 'every variant with every seed, then a table'],
  async run(values, context) {
    const { config, settings: overrides, on } = values;
    const file = { file: config, overrides, environment: context.environment };
    const isOther = on !== undefined && loadKind('sweep', file).settings.runner.type !== on;
    const loaded = isOther
      ? loadKind('sweep', { ...file, overrides: [...overrides, `runner={type: ${on}}`] })
      : loadKind('sweep', file);
    const plan = planSweep(loaded, context.environment);
    const folder = sweepFolder(loaded.settings.name);
    if (values['dry-run']) return describeSweep(folder, plan, context);
    const { added, dropped } = keepPlan(folder, plan, loaded.files.at(-1)?.text ?? '');
    if (added + dropped > 0) {
      context.output.message(`The sweep has changed: ${added} jobs are new, ${dropped} are dropped.`);
    }
    const { runner, failFast } = loaded.settings;
    return workOnSweep(
      folder,
      { runner, failFast: failFast || values['fail-fast'], forceUnlock: values['force-unlock'] },
      context,
    );
  },
});
