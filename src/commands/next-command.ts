import { basename, join } from 'node:path';
import type { SettingsKind } from '../config/kinds.js';
import { inYaml } from '../config/list-settings.js';
import { settingsThatUse, shippedConfig } from './known-settings.js';
import { quoteForShell } from './shell-words.js';

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

/** What heads are fitted on. */
export interface LabelledData {
  /** The folder of the pretraining. */
  readonly run: string;
  readonly folder: string;
  /** Names of its label tracks. */
  readonly tracks: readonly string[];
  /** The settings of the pretraining. */
  readonly config: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * `finetune` by settings that name that pretraining; where there are none, by those of the quickstart for CalMS21's tracks,
 * and by those for own behaviours for others. Without labels there is nothing to fit: features.
 */
export function finetuneCommands({
  run,
  folder,
  tracks,
  config,
  environment,
}: LabelledData): readonly string[] {
  const uses = (settings: { readonly run: string | readonly string[] | null }) =>
    [settings.run ?? []].flat().some((named) => join(named) === join(run));
  const known = settingsThatUse('finetune', config, uses, environment);
  if (known.length > 0) return known.slice(0, MOST).map((file) => nextCommandFor('finetune', file));
  if (tracks.length === 0)
    return [`whisker embed ${quoteForShell(run)} ${quoteForShell(folder)} --out features`];
  const changes = { name: `${basename(run)}-heads`, run, 'data.folder': folder };
  const [file, more] = tracks.includes('task1')
    ? ['quickstart-heads.yaml', {}]
    : ['own-behaviour.yaml', { 'protocol.tracks': tracks }];
  return [
    [nextCommandFor('finetune', shippedConfig(file)), ...overridesOf({ ...changes, ...more })].join(' '),
  ];
}

/** Advice of more lines is none. */
const MOST = 3;

function overridesOf(changes: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(changes).map(([path, value]) => quoteForShell(`${path}=${inYaml(value)}`));
}
