import { loadAnyKind } from '../config/kinds.js';
import { formatOrigin, printSettings } from '../config/print-settings.js';
import { defineCommand, SETTINGS_POSITIONAL } from './command.js';
import { nextCommandFor } from './next-command.js';

export default defineCommand({
  positionals: {
    config: { type: 'string', demandOption: true, describe: 'the settings file' },
    settings: SETTINGS_POSITIONAL,
  },
  options: {},
  example: ['$0 config show configs/quickstart.yaml seed=2', 'complete settings, each with its origin'],
  async run({ config, settings }, { output, environment }) {
    const { kind, loaded } = loadAnyKind({ file: config, overrides: settings, environment });
    const origins = [...loaded.origins].map(([path, origin]) => [path, formatOrigin(origin)]);
    output.result({ settings: loaded.unexpanded, origins: Object.fromEntries(origins) }, () =>
      printSettings(loaded.unexpanded, loaded.origins),
    );
    output.next(nextCommandFor(kind, config));
  },
});
