import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SETTINGS_SCHEMAS, type SettingsKind } from '../config/kinds.js';
import { UserError } from '../errors.js';
import { makeFolder, PARTIAL, writeWhole } from '../files/write-whole.js';
import { type LockOwner, lockFolder } from './lock.js';

/** The settings of a run as given and as completed; never with expanded `${WHISKER_NAME}`. */
export interface GivenSettings {
  /** The text of the settings file itself. */
  readonly text: string;
  readonly overrides: readonly string[];
  /** Complete settings, unexpanded: what a resumed run is compared with. */
  readonly complete: unknown;
}

/** What to do with a folder that is there already. */
export interface ExistingPolicy {
  readonly resume: boolean;
  readonly overwrite: boolean;
  /** Whether it is taken over from whoever holds it; a process: from that one alone. */
  readonly forceUnlock: boolean | LockOwner;
}

/** A run's folder, held by this process. */
export interface RunFolder {
  readonly path: string;
  /** Whether an earlier start is taken up. */
  readonly isResumed: boolean;
  /** Whose lock was taken over, for people; null: the folder was free. */
  readonly takenOver: string | null;
  /** Lets others have it. */
  release(): void;
  /** After a start that failed: takes away what this start has written, unless it has come to anything. */
  abandon(): void;
}

const COMPLETE = 'settings.json';

/**
 * Opens the folder of a run: a new one gets `config.yaml`, `overrides.json` and `settings.json`.
 * @param isHarmless whether a setting, by its dotted path, may differ when a run is resumed
 * @throws UserError (`usage`) when it is there and nobody said what to do, when another process holds it, or
 *   when a resumed run has other settings: with every difference
 */
export function openRunFolder(
  path: string,
  given: GivenSettings,
  policy: ExistingPolicy,
  isHarmless: (setting: string) => boolean,
): RunFolder {
  const exists = existsSync(join(path, COMPLETE));
  if (exists && !policy.resume && !policy.overwrite) {
    throw new UserError('usage', `${path} is there already`, {
      hint: 'Go on with it: --resume. Start anew and lose it: --overwrite. Or give the run another name: name=...',
    });
  }
  makeFolder(path);
  const { takenOver, release } = lockFolder(path, policy.forceUnlock);
  try {
    removePartials(path);
    const isResumed = exists && policy.resume;
    if (isResumed) assertSameSettings(path, given.complete, isHarmless);
    else startFolder(path, given, exists);
    const abandon = () => {
      if (!isResumed && !RESULT_FILES.some((name) => existsSync(join(path, name)))) clearFolder(path);
    };
    return { path, isResumed, takenOver, release, abandon };
  } catch (error) {
    release();
    throw error;
  }
}

/** The complete settings of a run, as they were written. @throws UserError (`data`) when it is no run folder */
export function readRunSettings(path: string): unknown {
  const file = join(path, COMPLETE);
  if (!existsSync(file)) {
    throw new UserError('data', `${path} is not the folder of a run: ${COMPLETE} is missing`, {
      hint: 'Name a folder that `whisker pretrain` or `whisker finetune` has made',
    });
  }
  return readJson(file);
}

/** Writes a JSON file of the run, whole. */
export function writeRunJson(path: string, name: string, value: unknown): void {
  writeWhole(join(path, name), [Buffer.from(`${JSON.stringify(value, null, 2)}\n`)]);
}

/** Reads a JSON file of the run; undefined where it isn't there. @throws UserError (`data`) when it is damaged */
export function readRunJson(path: string, name: string): unknown {
  const file = join(path, name);
  return existsSync(file) ? readJson(file) : undefined;
}

function startFolder(path: string, given: GivenSettings, exists: boolean): void {
  if (exists) clearFolder(path);
  writeWhole(join(path, 'config.yaml'), [Buffer.from(given.text)]);
  writeRunJson(path, 'overrides.json', given.overrides);
  writeRunJson(path, COMPLETE, given.complete);
}

/** What a run exists for, or has computed on the way there; a folder without any of them was never more than a start. */
const RESULT_FILES = ['steps', 'results.json', 'features', 'trained'];

/** What a run leaves in its folder; anything else was put there by somebody and stays. */
const RUN_FILES = [
  'STOP',
  'SAVE',
  'steps',
  'last',
  'best',
  'features',
  'heads',
  'predictions',
  'trained',
  'curve.json',
  'curve.csv',
  'table.md',
  'table.csv',
  'events.jsonl',
  'tensorboard',
  'resolved.json',
  'duration.json',
  'config.yaml',
  'overrides.json',
  'results.json',
  'report.html',
  COMPLETE,
];

/** What one step has left: see `training/divergence.ts`. */
const STEP_FILES = /^diverged-step-\d+\.(json|whisker)$/;

function clearFolder(path: string): void {
  for (const name of readdirSync(path)) if (STEP_FILES.test(name)) rmSync(join(path, name));
  for (const name of RUN_FILES) rmSync(join(path, name), { recursive: true, force: true });
}

/** What a process that was killed has left half written. Nobody else is at work here: the folder is locked. */
function removePartials(path: string): void {
  for (const name of readdirSync(path)) if (name.includes(PARTIAL)) rmSync(join(path, name));
  for (const folder of RUN_FILES.map((name) => join(path, name)).filter(isFolder)) {
    const names = readdirSync(folder, { encoding: 'utf8', recursive: true });
    for (const name of names) if (basename(name).includes(PARTIAL)) rmSync(join(folder, name));
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Settings that an earlier version has written get the defaults of those that were added since. */
function withDefaults(settings: unknown): unknown {
  const { kind } = (settings ?? {}) as { readonly kind?: SettingsKind };
  const schema = kind === undefined ? undefined : SETTINGS_SCHEMAS[kind];
  const parsed = schema?.safeParse(settings);
  return parsed?.success === true ? parsed.data : settings;
}

function assertSameSettings(path: string, now: unknown, isHarmless: (setting: string) => boolean): void {
  const differences = compareSettings(withDefaults(readRunSettings(path)), now);
  const serious = differences.filter(({ setting }) => !isHarmless(setting));
  if (serious.length === 0) return;
  const lines = differences.map(
    ({ setting, before, after }) =>
      `  ${setting}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}${isHarmless(setting) ? ' (harmless)' : ''}`,
  );
  throw new UserError('usage', `${path} was started with other settings:\n\n${lines.join('\n')}`, {
    hint: 'Resume with the settings it was started with, or start anew under another name (name=...), from its weights: --from',
  });
}

/** One setting that differs; undefined where it is absent. */
export interface SettingDifference {
  readonly setting: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Every difference between two settings, by dotted path. */
export function compareSettings(before: unknown, after: unknown, path = ''): SettingDifference[] {
  if (!isBranch(before) || !isBranch(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ setting: path, before, after }];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) =>
    compareSettings(before[key], after[key], path === '' ? key : `${path}.${key}`),
  );
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new UserError('data', `${file} is damaged: ${(cause as Error).message}`, { cause });
  }
}
