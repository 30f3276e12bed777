import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { settingsJsonSchema } from '../../src/config/json-schema.js';
import { loadAnyKind, loadKind, SETTINGS_KINDS, SETTINGS_SCHEMAS } from '../../src/config/kinds.js';
import { listSettings } from '../../src/config/list-settings.js';
import { formatOrigin, printSettings } from '../../src/config/print-settings.js';
import { settingsReference } from '../../src/config/settings-reference.js';
import { starterSettings } from '../../src/config/starter-settings.js';
import { planSweep } from '../../src/pipeline/sweep-plan.js';

const CONFIGS = fileURLToPath(new URL('../../configs/', import.meta.url));

// `npx vitest run test/config/documents.test.ts -u` writes both files anew.
test('configs/README.md and configs/schema.json are what the schemas say', async () => {
  await expect(settingsReference()).toMatchFileSnapshot(path.join(CONFIGS, 'README.md'));
  const schema = `${JSON.stringify(settingsJsonSchema(SETTINGS_KINDS), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot(path.join(CONFIGS, 'schema.json'));
});

describe.each(SETTINGS_KINDS)('%s', (kind) => {
  test('every setting is described, and once', () => {
    const rows = listSettings(SETTINGS_SCHEMAS[kind]);
    expect(rows.filter((row) => row.description === '').map((row) => row.path)).toEqual([]);
    const names = rows.map((row) => `${row.path} ${row.when} ${row.type}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('the starter is good as it stands, and with every comment taken off it says the same', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'whisker-starter-'));
    const load = (text: string) => {
      const file = path.join(folder, 'starter.yaml');
      writeFileSync(file, text);
      return loadKind(kind, { file, overrides: [], environment: {} });
    };
    try {
      const [, , ...lines] = starterSettings(kind).split('\n');
      const given = load(lines.join('\n'));
      const bare = lines.map((line) => line.replace(/^(\s*)# /, '$1'));
      const complete = load(bare.join('\n'));
      expect(complete.settings).toEqual(given.settings);
      const origins = [...complete.origins.values()].map((origin) => origin.from);
      expect(origins.every((from) => from === 'file')).toBe(true);
      const shown = load(printSettings(given.unexpanded, given.origins));
      expect(shown.settings).toEqual(given.settings);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const SHIPPED = readdirSync(CONFIGS, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.yaml'),
);
const asShipped = (name: string) => ({
  file: path.join(CONFIGS, name),
  overrides: [],
  environment: new Proxy({}, { get: () => '/data' }),
});

test.each(SHIPPED)('configs/%s is good', (name) => {
  expect(() => loadAnyKind(asShipped(name))).not.toThrow();
});

test.each(SHIPPED.filter((name) => name.startsWith('sweeps')))(
  'configs/%s: its runs are good, its variants differ, and it says how it is run',
  (name) => {
    const source = asShipped(name);
    const plan = planSweep(loadKind('sweep', source), {});
    expect(plan.name).toBe(path.basename(name, '.yaml'));
    expect(plan.jobs).toHaveLength(plan.variants.length * plan.seeds.length);
    expect(readFileSync(source.file, 'utf8')).toContain(`#   whisker sweep run configs/${name}\n`);
  },
);

test('origins in words', () => {
  expect(formatOrigin({ from: 'default' })).toBe('default');
  expect(formatOrigin({ from: 'file', file: 'a.yaml', line: 3, column: 5 })).toBe('a.yaml:3:5');
  expect(formatOrigin({ from: 'override', text: 'a=1' })).toBe('override a=1');
});
