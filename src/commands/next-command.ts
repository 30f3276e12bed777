import type { SettingsKind } from '../config/kinds.js';
import { inYaml } from '../config/list-settings.js';

const COMMANDS: Readonly<Record<SettingsKind, string>> = {
  finetune: 'finetune',
  import: 'data import',
  pretrain: 'pretrain',
  sweep: 'sweep run',
};

/** The command that uses settings of a kind. */
export function nextCommandFor(kind: SettingsKind, file: string): string {
  return `whisker ${COMMANDS[kind]} ${quoteForShell(file)}`;
}

/** A word as a POSIX shell takes it. */
export function quoteForShell(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What to do with a fresh engine. */
export function nextAfterEngine(): readonly string[] {
  return ['whisker doctor'];
}

/** `data import` with settings that win over those of its file. */
export function importCommand(config: string, changes: Readonly<Record<string, unknown>>): string {
  return [nextCommandFor('import', config), ...overridesOf(changes)].join(' ');
}

/** Where `configs/quickstart.yaml` looks. */
const QUICKSTART_STORE = 'checkpoints/quickstart-data/store';

/** `pretrain` on a data set of that name and those subsets, with the settings of the quickstart. */
export function pretrainCommand(folder: string, datasetName: string, subsets: readonly string[]): string {
  const command = nextCommandFor('pretrain', 'configs/quickstart.yaml');
  if (folder === QUICKSTART_STORE) return command;
  const name = datasetName.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'mine';
  const all = subsets.includes('unlabelled') ? {} : { 'data.subsets': null };
  return [command, ...overridesOf({ name, 'data.folder': folder, ...all })].join(' ');
}

function overridesOf(changes: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(changes).map(([path, value]) => quoteForShell(`${path}=${inYaml(value)}`));
}
