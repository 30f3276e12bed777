import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SETTINGS_KINDS, SETTINGS_SCHEMAS } from '../config/kinds.js';
import { listSettings } from '../config/list-settings.js';
import { descriptionOf } from '../config/schema-walk.js';
import { UserError } from '../errors.js';
import { defineCommand } from './command.js';
import { shippedConfig } from './known-settings.js';
import { formatColumns, type Output } from './output.js';

const CONFIGS = new URL('../../configs/', import.meta.url);

export default defineCommand({
  positionals: {
    kind: { type: 'string', choices: SETTINGS_KINDS, describe: 'list the settings of this kind' },
    prefix: { type: 'string', describe: 'only settings that start so, e.g. training' },
  },
  options: {},
  example: ['$0 config list pretrain training', 'the settings of the training loop, with defaults'],
  async run({ kind, prefix }, { output }) {
    if (kind === undefined) return listKindsAndFiles(output);
    const rows = listSettings(SETTINGS_SCHEMAS[kind]).filter((row) => row.path.startsWith(prefix ?? ''));
    if (rows.length === 0) {
      throw new UserError('usage', `no setting of ${kind} starts with ${prefix}`, {
        hint: `whisker config list ${kind}`,
      });
    }
    output.result(rows, () =>
      rows
        .map((row) => {
          const condition = row.when === null ? '' : `   with ${row.when}`;
          const fallback = row.default === null ? '' : `, default ${row.default}`;
          return `${row.path}${condition}\n    ${row.type}${fallback}\n    ${row.description}`;
        })
        .join('\n'),
    );
    output.next(`whisker config init ${kind}`);
  },
});

/** The kinds of settings, and the files that come with the project. */
async function listKindsAndFiles(output: Output): Promise<void> {
  const kinds = SETTINGS_KINDS.map((kind) => ({ kind, says: descriptionOf(SETTINGS_SCHEMAS[kind]) }));
  const names = (await readdir(CONFIGS)).filter((name) => name.endsWith('.yaml')).sort();
  const files = names.map((name) => {
    const file = fileURLToPath(new URL(name, CONFIGS));
    return { file: shippedConfig(name), says: headerOf(readFileSync(file, 'utf8')) };
  });
  output.result({ kinds, files }, () =>
    [
      formatColumns(kinds.map(({ kind, says }) => [kind, says])),
      formatColumns(files.map(({ file, says }) => [file, says])),
    ].join('\n\n'),
  );
  output.next(`whisker config list ${SETTINGS_KINDS[0]}`);
}

/** The first line of comment that isn't for an editor. */
function headerOf(text: string): string {
  const comments = text.split('\n').filter((line) => line.startsWith('# '));
  return comments.find((line) => !line.startsWith('# yaml-language-server'))?.slice(2) ?? '';
}
