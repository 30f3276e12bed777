import { SETTINGS_SCHEMAS, type SettingsKind } from './kinds.js';
import { listSettings } from './list-settings.js';
import { descriptionOf } from './schema-walk.js';

/**
 * A settings file to start from: what must be given stands with a value to change, everything else as a comment with
 * its default and what it means.
 */
export function starterSettings(kind: SettingsKind): string {
  const schema = SETTINGS_SCHEMAS[kind];
  const lines = [
    `# ${descriptionOf(schema)}`,
    `# Every setting: whisker config list ${kind}`,
    '',
    ...STARTERS[kind],
  ];
  const optional = listSettings(schema)
    .filter((row) => row.default !== null && row.when === null && !row.path.includes('.N'))
    .map((row) => `# ${row.path}: ${row.default}   ${row.description}`);
  return `${[...lines, '', '# Defaults that may be changed:', ...optional].join('\n')}\n`;
}

/** What has no default, with values that name what belongs there. */
const STARTERS: Readonly<Record<SettingsKind, readonly string[]>> = {
  import: [
    'kind: import',
    'name: my-mice',
    'out: data/my-mice',
    'source:',
    '  format: deeplabcut-csv',
    '  name: my mice',
    '  files: [videos/*.csv]',
    '  framesPerSecond: 30',
    '  skeleton:',
    '    keypoints: [nose, neck, tail_base]',
    '    front: [nose]',
    '    back: [tail_base]',
    '  animals:',
    '    names: [resident, intruder]',
    '    identity: ordered',
  ],
  pretrain: ['kind: pretrain', 'name: my-mice', 'data:', '  folder: data/my-mice'],
};
