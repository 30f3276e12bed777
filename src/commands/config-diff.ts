import { loadAnyKind } from '../config/kinds.js';
import { listDifferences } from '../config/list-differences.js';
import { defineCommand } from './command.js';
import { formatColumns } from './output.js';
import { quoteForShell } from './shell-words.js';

export default defineCommand({
  positionals: {
    one: { type: 'string', demandOption: true, describe: 'a settings file' },
    other: { type: 'string', demandOption: true, describe: 'another one' },
  },
  options: {},
  example: [
    '$0 config diff configs/quickstart.yaml configs/calms21-pretrain-base.yaml',
    'what differs, defaults included',
  ],
  async run({ one, other }, { output, environment }) {
    const [first, second] = [one, other].map((file) => loadAnyKind({ file, overrides: [], environment }));
    const differences = listDifferences(first.loaded.unexpanded, second.loaded.unexpanded);
    output.result(differences, () =>
      differences.length === 0
        ? 'The settings are the same.'
        : formatColumns([
            ['', one, other],
            ...differences.map((difference) => [difference.path, difference.one, difference.other]),
          ]),
    );
    output.next(`whisker config show ${quoteForShell(other)}`);
  },
});
