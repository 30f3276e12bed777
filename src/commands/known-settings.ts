import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeepReadonly } from '../config/freeze.js';
import { loadKind, type SettingsByKind, type SettingsKind } from '../config/kinds.js';
import { peekSetting } from '../config/load-settings.js';
import { SettingsError } from '../config/problem.js';

const SHIPPED = fileURLToPath(new URL('../../configs/', import.meta.url));

/** A settings file of the project, as it can be named here: `configs/NAME` in a checkout, else where the package lies. */
export function shippedConfig(name: string): string {
  const near = join('configs', name);
  return existsSync(near) ? near : join(SHIPPED, name);
}

/**
 * Settings files of a kind that go on from something, e.g. the pretraining of a data set: those beside `config`, in this
 * folder and in `configs/`, the nearest first. Files that can't be loaded are none.
 */
export function settingsThatUse<Kind extends SettingsKind>(
  kind: Kind,
  config: string | null,
  uses: (settings: DeepReadonly<SettingsByKind[Kind]>) => boolean,
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  const folders = new Set(
    [...(config === null ? [] : [dirname(config)]), '.', 'configs'].map((folder) => join(folder)),
  );
  return [...folders].flatMap((folder) =>
    yamlFiles(folder).filter((file) => {
      const source = { file, overrides: [], environment };
      try {
        return peekSetting(source, 'kind').value === kind && uses(loadKind(kind, source).settings);
      } catch (error) {
        if (error instanceof SettingsError) return false;
        throw error;
      }
    }),
  );
}

function yamlFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return names.sort().map((name) => join(folder, name));
}
