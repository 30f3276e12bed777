import { join } from 'node:path';
import type { DeepReadonly } from '../config/freeze.js';
import { loadKind } from '../config/kinds.js';
import { peekSetting, type SettingsSource } from '../config/load-settings.js';
import { type FinetuneSettings, keepsHeads } from '../config/schema/finetune.js';
import { UserError } from '../errors.js';
import type { TaskResult } from '../evaluation/protocols/run-task.js';
import { loadHeads, type StoredHeads } from './head-files.js';
import { readRunJson, readRunSettings } from './run-folder.js';

/** Which heads of a run are meant; null: the only task, the first row that keeps heads, the first seed. */
export interface HeadChoice {
  readonly task: string | null;
  /** A row of the run's settings, e.g. `encoder & kinematics`. */
  readonly features: string | null;
  readonly seed: number | null;
}

/**
 * The complete settings of a finetuning, from its folder.
 * @param environment where `${WHISKER_NAME}` is looked up
 * @throws UserError (`data`) when the folder is no run, or one of another kind
 */
export function loadFinetuneSettings(
  runFolder: string,
  environment: SettingsSource['environment'],
): DeepReadonly<FinetuneSettings> {
  readRunSettings(runFolder);
  const source = { file: join(runFolder, 'settings.json'), overrides: [], environment };
  const { value: kind } = peekSetting(source, 'kind');
  if (kind !== 'finetune') {
    throw new UserError('data', `${runFolder} must be a run of finetune, got one of ${String(kind)}`, {
      hint: 'Heads are made by `whisker finetune`: name the folder that it told',
    });
  }
  return loadKind('finetune', source).settings;
}

/** Reads the heads that are meant. @throws UserError (`usage`) listing what there is, when it isn't clear */
export function chooseHeads(runFolder: string, rows: readonly string[], choice: HeadChoice): StoredHeads {
  const results = (readRunJson(runFolder, 'results.json') as readonly TaskResult[] | undefined) ?? [];
  const withHeads = rows.filter(keepsHeads);
  refuseUnkept(runFolder, withHeads, rows, choice.features);
  // Rows on shifted labels are controls: nobody predicts with them.
  const usable = results.filter(({ features }) => withHeads.includes(features));
  if (usable.length === 0) {
    throw new UserError('data', `${runFolder} has no heads yet`, {
      hint: 'Run `whisker finetune` with --resume',
    });
  }
  const tasks = distinct(usable.map(({ task }) => task));
  if (choice.task === null && tasks.length > 1) {
    throw new UserError('usage', `${runFolder} has heads for ${tasks.length} tasks: which one?`, {
      hint: `Add --task and one of ${tasks.join(', ')}`,
    });
  }
  const task = pick('task', runFolder, tasks, choice.task);
  const ofTask = usable.filter((result) => result.task === task);
  const present = withHeads.filter((row) => ofTask.some(({ features }) => features === row));
  const features = pick('features', runFolder, present, choice.features);
  const seeds = distinct(ofTask.filter((result) => result.features === features).map(({ seed }) => seed));
  return loadHeads(runFolder, task, features, pick('seed', runFolder, seeds, choice.seed));
}

/** Baselines and rows on published features are scored where they are fitted, and gone after that. */
function refuseUnkept(
  runFolder: string,
  withHeads: readonly string[],
  rows: readonly string[],
  named: string | null,
): void {
  const isNamed = named !== null && rows.includes(named) && !keepsHeads(named);
  if (!isNamed && withHeads.length > 0) return;
  const baseline = isNamed ? named : rows.join(', ');
  throw new UserError(
    isNamed ? 'usage' : 'data',
    `${runFolder} keeps no heads of ${baseline}: such rows are scored where they are fitted`,
    {
      hint:
        withHeads.length > 0
          ? `Name a row with heads: ${withHeads.join(', ')}`
          : 'Add a row on features (encoder, kinematics, ...) to `rows` and finetune under another name',
    },
  );
}

/** What was named, else the first. */
function pick<Value extends string | number>(
  option: string,
  runFolder: string,
  known: readonly Value[],
  named: Value | null,
): Value {
  if (named === null) return known[0];
  if (known.includes(named)) return named;
  throw new UserError('usage', `${runFolder} has no heads for --${option} ${named}`, {
    hint: `It has ${known.join(', ')}`,
  });
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
