import { SETTINGS_KINDS, SETTINGS_SCHEMAS, type SettingsKind } from './kinds.js';
import { listSettings, type SettingRow } from './list-settings.js';
import { descriptionOf } from './schema-walk.js';

/** The text of `configs/README.md`: how settings are written, and every setting with its type and default. */
export function settingsReference(): string {
  return [INTRODUCTION, ...SETTINGS_KINDS.map(referenceOf)].join('\n');
}

const INTRODUCTION = `# Settings

This page is made from the schemas in \`src/config/schema\`; a test keeps it current. \`whisker config list\` says the same in
the terminal, \`whisker config init KIND\` writes a file to start from, \`whisker config show FILE\` prints complete settings
with the origin of every value, \`whisker config check FILES\` tells all problems at once. \`schema.json\` makes editors
complete and check these files: start them with \`# yaml-language-server: $schema=schema.json\`.

- Files are YAML 1.2: \`no\` is text, \`1e-3\` is a number. A key that isn't a setting is an error.
- **On the command line** \`key=value\` wins over the file: \`training.batchWindows=128\`, \`objectives.0.weight=0.5\` (lists count
  from 0), \`'training.duration={minutes: 30}'\`. The text splits at the first \`=\`; the value is read as YAML: quote what
  shall stay text. A section given whole replaces the whole section.
- **\`extends: base.yaml\`** (or a list of files) puts files below this one, relative to it. Sections are merged key by key;
  lists and single values are replaced; a section of another \`type\` replaces the one below it.
- **\`\${window.windowFrames}\`** stands for another setting, \`\${WHISKER_NAME}\` for an environment variable; no other
  variables are read. What comes from the environment is never written to disk. \`$\${\` is a plain \`\${\`.
- A duration has exactly one of \`steps\`, \`epochs\` and \`minutes\`.
- Paths are relative to the folder in which a command runs.
`;

function referenceOf(kind: SettingsKind): string {
  const schema = SETTINGS_SCHEMAS[kind];
  const rows = listSettings(schema).map(rowOf);
  const head = ['| setting | type | default | |', '|---|---|---|---|'];
  return [`## ${kind}`, '', `${descriptionOf(schema)}.`, '', ...head, ...rows, ''].join('\n');
}

function rowOf({ path, when, type, default: fallback, description }: SettingRow): string {
  const condition = when === null ? '' : `<br>with \`${when}\``;
  const cells = [`\`${path}\`${condition}`, type, fallback === null ? '' : `\`${fallback}\``, description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
