import { writeFile } from 'node:fs/promises';
import { SETTINGS_KINDS } from '../config/kinds.js';
import { starterSettings } from '../config/starter-settings.js';
import { UserError } from '../errors.js';
import { defineCommand } from './command.js';
import { quoteForShell } from './next-command.js';

export default defineCommand({
  positionals: {
    kind: { type: 'string', choices: SETTINGS_KINDS, default: SETTINGS_KINDS[0], describe: 'of what' },
    file: { type: 'string', describe: 'where to; KIND.yaml if left out' },
  },
  options: {},
  example: ['$0 config init pretrain mice.yaml', 'settings to start from, with every default written out'],
  async run({ kind, file }, { output }) {
    const target = file ?? `${kind}.yaml`;
    const text = starterSettings(kind);
    try {
      await writeFile(target, text, { flag: 'wx' });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') {
        throw new UserError('usage', `${target} exists already`, { hint: 'Name another file.' });
      }
      throw new UserError('usage', `${target} can't be written (${code})`, { cause: error });
    }
    output.result({ file: target, kind }, target);
    output.next(`whisker config check ${quoteForShell(target)}`);
  },
});
