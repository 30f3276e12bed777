import { join } from 'node:path';
import type { SettingsKind } from '../config/kinds.js';
import { inYaml } from '../config/list-settings.js';
import { settingsThatUse, shippedConfig } from './known-settings.js';

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

/** `data import` by settings of the project, with changes that win over those of the file. */
export function importCommand(shipped: string, changes: Readonly<Record<string, unknown>>): string {
  return [nextCommandFor('import', shippedConfig(shipped)), ...overridesOf(changes)].join(' ');
}

/** What is pretrained on. */
export interface PretrainingData {
  readonly folder: string;
  /** Of the data set. */
  readonly name: string;
  readonly subsets: readonly string[];
  /** The settings by which it was imported, where they are known. */
  readonly config: string | null;
  readonly environment: NodeJS.ProcessEnv;
}

/** `pretrain` by settings that name that data set; where there are none, by those of the quickstart with changes. */
export function pretrainCommands({
  folder,
  name,
  subsets,
  config,
  environment,
}: PretrainingData): readonly string[] {
  const uses = ({ data }: { readonly data: { readonly folder: string } }) =>
    join(data.folder) === join(folder);
  const known = settingsThatUse('pretrain', config, uses, environment);
  if (known.length > 0) return known.slice(0, MOST).map((file) => nextCommandFor('pretrain', file));
  const runName = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'mine';
  const all = subsets.includes('unlabelled') ? {} : { 'data.subsets': null };
  const changes = overridesOf({ name: runName, 'data.folder': folder, ...all });
  return [[nextCommandFor('pretrain', shippedConfig('quickstart.yaml')), ...changes].join(' ')];
}

/**
 * `finetune` by settings that name that pretraining; where there are none, by those for own behaviours with changes.
 * @param run, data - folders
 */
export function finetuneCommands(
  run: string,
  data: string,
  config: string,
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  const uses = (settings: { readonly run: string | readonly string[] | null }) =>
    [settings.run ?? []].flat().some((folder) => join(folder) === join(run));
  const known = settingsThatUse('finetune', config, uses, environment);
  if (known.length > 0) return known.slice(0, MOST).map((file) => nextCommandFor('finetune', file));
  const changes = overridesOf({ run, 'data.folder': data, 'protocol.tracks': ['my-behaviour'] });
  return [[nextCommandFor('finetune', shippedConfig('own-behaviour.yaml')), ...changes].join(' ')];
}

/** Advice of more lines is none. */
const MOST = 3;

function overridesOf(changes: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(changes).map(([path, value]) => quoteForShell(`${path}=${inYaml(value)}`));
}
