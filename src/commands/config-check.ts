import { loadAnyKind, type SettingsKind } from '../config/kinds.js';
import { type Problem, SettingsError } from '../config/problem.js';
import { defineCommand } from './command.js';
import { nextCommandFor } from './next-command.js';
import { formatColumns } from './output.js';

/** What has to run before what. */
const ORDER: readonly SettingsKind[] = ['import', 'pretrain', 'finetune', 'sweep'];

export default defineCommand({
  positionals: {
    configs: { type: 'string', array: true, demandOption: true, describe: 'settings files' },
  },
  options: {},
  example: ['$0 config check configs/quickstart*.yaml', 'all problems of all files at once'],
  async run({ configs }, { output, environment }) {
    const good: { readonly file: string; readonly kind: SettingsKind; readonly name: string }[] = [];
    const problems: Problem[] = [];
    for (const file of configs) {
      try {
        const { kind, loaded } = loadAnyKind({ file, overrides: [], environment });
        good.push({ file, kind, name: 'name' in loaded.settings ? loaded.settings.name : '' });
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        problems.push(...error.problems);
      }
    }
    const rows = good.map(({ file, kind, name }) => [file, 'is fine', kind, name]);
    output.result(good, formatColumns(rows));
    if (problems.length > 0) throw new SettingsError(problems);
    const [first] = good.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    output.next(nextCommandFor(first.kind, first.file));
  },
});
