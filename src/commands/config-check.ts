import { loadAnyKind } from '../config/kinds.js';
import { type Problem, SettingsError } from '../config/problem.js';
import { defineCommand } from './command.js';
import { nextCommandFor } from './next-command.js';
import { formatColumns } from './output.js';

export default defineCommand({
  positionals: {
    configs: { type: 'string', array: true, demandOption: true, describe: 'settings files' },
  },
  options: {},
  example: ['$0 config check configs/quickstart*.yaml', 'all problems of all files at once'],
  async run({ configs }, { output, environment }) {
    const good: { readonly file: string; readonly kind: string; readonly name: string }[] = [];
    const problems: Problem[] = [];
    let next = '';
    for (const file of configs) {
      try {
        const { kind, loaded } = loadAnyKind({ file, overrides: [], environment });
        good.push({ file, kind, name: 'name' in loaded.settings ? loaded.settings.name : '' });
        next ||= nextCommandFor(kind, file);
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error;
        problems.push(...error.problems);
      }
    }
    const rows = good.map(({ file, kind, name }) => [file, 'is fine', kind, name]);
    output.result(good, formatColumns(rows));
    if (problems.length > 0) throw new SettingsError(problems);
    output.next(next);
  },
});
