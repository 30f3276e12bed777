import type { z } from 'zod';
import { type LoadedSettings, loadSettings, peekSetting, type SettingsSource } from './load-settings.js';
import { nearest } from './nearest.js';
import { formatValue, SettingsError } from './problem.js';
import { type FinetuneSettings, finetuneSettings } from './schema/finetune.js';
import { type ImportSettings, importSettings } from './schema/import.js';
import { type PretrainSettings, pretrainSettings } from './schema/pretrain.js';
import { type SweepSettings, sweepSettings } from './schema/sweep.js';
import { formatPath } from './tree.js';

/** The settings of each kind. */
export interface SettingsByKind {
  readonly finetune: FinetuneSettings;
  readonly import: ImportSettings;
  readonly pretrain: PretrainSettings;
  readonly sweep: SweepSettings;
}

/** A value of `kind`. */
export type SettingsKind = keyof SettingsByKind;

/** The schema of each kind of settings, by the value of its `kind`. */
export const SETTINGS_SCHEMAS: { readonly [Kind in SettingsKind]: z.ZodType<SettingsByKind[Kind]> } = {
  finetune: finetuneSettings,
  import: importSettings,
  pretrain: pretrainSettings,
  sweep: sweepSettings,
};

/** All values of `kind`. */
export const SETTINGS_KINDS = Object.keys(SETTINGS_SCHEMAS) as readonly SettingsKind[];

/**
 * Loads settings of one kind.
 * @throws SettingsError with every problem at once; of settings of another kind, that they are
 */
export function loadKind<Kind extends SettingsKind>(
  kind: Kind,
  source: SettingsSource,
): LoadedSettings<SettingsByKind[Kind]> {
  try {
    return loadSettings<z.ZodType<SettingsByKind[Kind]>>(SETTINGS_SCHEMAS[kind], source);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const ofKind = error.problems.find(({ path }) => formatPath(path) === 'kind');
    const isOther = SETTINGS_KINDS.some((name) => name !== kind && ofKind?.got === formatValue(name));
    throw isOther && ofKind !== undefined ? new SettingsError([ofKind]) : error;
  }
}

/** Loads settings of whatever kind they say they are. @throws SettingsError with every problem at once */
export function loadAnyKind(source: SettingsSource): {
  readonly kind: SettingsKind;
  readonly loaded: LoadedSettings<SettingsByKind[SettingsKind]>;
} {
  const { value: said, origin } = peekSetting(source, 'kind');
  const kind = SETTINGS_KINDS.find((name) => name === said);
  if (kind !== undefined) return { kind, loaded: loadKind(kind, source) };
  const expected = `${said === undefined ? 'is missing: ' : 'must be '}one of ${SETTINGS_KINDS.join(', ')}`;
  const suggestion = typeof said === 'string' ? nearest(said, SETTINGS_KINDS) : undefined;
  throw new SettingsError([
    {
      code: 'choice',
      origin,
      path: ['kind'],
      expected,
      ...(said === undefined ? {} : { got: formatValue(said) }),
      ...(suggestion === undefined ? {} : { suggestion }),
    },
  ]);
}
