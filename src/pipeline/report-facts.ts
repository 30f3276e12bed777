import type { FactGroup } from '../report/report-data.js';
import { readRunJson, readRunSettings } from './run-folder.js';

/** Settings, versions and hashes of a run, as its folder keeps them. */
export function gatherFacts(runFolder: string, hashes: FactGroup['facts']): FactGroup[] {
  const resolved = readRunJson(runFolder, 'resolved.json');
  return [
    { title: 'Settings', facts: flatten(readRunSettings(runFolder)) },
    { title: 'Engine and versions', facts: resolved === undefined ? [] : flatten(resolved) },
    { title: 'Hashes', facts: hashes },
  ].filter(({ facts }) => facts.length > 0);
}

/** Every leaf of plain data by its dotted path; short lists are leaves. */
function flatten(value: unknown, path = ''): [string, string][] {
  const isBranch =
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length > 0 &&
    (!Array.isArray(value) || value.some((inner) => typeof inner === 'object' && inner !== null));
  if (!isBranch) return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flatten(inner, path === '' ? key : `${path}.${key}`),
  );
}
