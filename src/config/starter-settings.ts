import { fillDefaults } from './fill-defaults.js';
import { SETTINGS_SCHEMAS, type SettingsKind } from './kinds.js';
import { inYaml } from './list-settings.js';
import { childSchema, coreFor, descriptionOf } from './schema-walk.js';
import { plainOf, type SettingNode, treeOf } from './tree.js';

/**
 * A settings file to start from: what must be given stands with a value to change, everything else as a comment with
 * its default and what it means. Taking the `# ` away makes a setting.
 */
export function starterSettings(kind: SettingsKind): string {
  const schema = SETTINGS_SCHEMAS[kind];
  const given = treeOf(STARTERS[kind], { from: 'override', text: '' });
  const lines = linesOf(schema, fillDefaults(schema, given) ?? given, '');
  return `${[`# ${descriptionOf(schema)}`, `# Every setting: whisker config list ${kind}`, '', ...lines].join('\n')}\n`;
}

type Schema = (typeof SETTINGS_SCHEMAS)[SettingsKind] | NonNullable<ReturnType<typeof childSchema>>;

/** The lines of a section's settings; those of defaults start with `# ` behind the indent. */
function linesOf(schema: Schema, section: SettingNode, indent: string): readonly string[] {
  if (section.type !== 'map') return [];
  const core = coreFor(schema, section);
  return [...section.entries].flatMap(([key, { node }]) => {
    const child = childSchema(core, key);
    const says = child === undefined ? '' : `  # ${descriptionOf(child)}`;
    if (isGiven(node)) {
      if (!isSection(node) || child === undefined)
        return [`${indent}${key}: ${inYaml(plainOf(node))}${says}`];
      return [`${indent}${key}:${says}`, ...linesOf(child, node, `${indent}  `)];
    }
    return defaultLines(child, key, node, says).map((line) => `${indent}# ${line}`);
  });
}

/** The lines of a setting with all below it, plain. */
function defaultLines(
  schema: Schema | undefined,
  key: string,
  node: SettingNode,
  says: string,
): readonly string[] {
  const below = schema === undefined ? [] : linesBelow(schema, node);
  if (below.length === 0) return [`${key}: ${inYaml(plainOf(node))}${says}`];
  return [`${key}:${says}`, ...below.map((line) => `  ${line}`)];
}

function linesBelow(schema: Schema, node: SettingNode): readonly string[] {
  const core = coreFor(schema, node);
  if (node.type === 'map') {
    return [...node.entries].flatMap(([key, entry]) => {
      const child = childSchema(core, key);
      return defaultLines(child, key, entry.node, child === undefined ? '' : `  # ${descriptionOf(child)}`);
    });
  }
  if (node.type !== 'list' || !node.items.every(isSection)) return [];
  return node.items.flatMap((item, index) => {
    const child = childSchema(core, index);
    const lines = child === undefined ? [] : linesBelow(child, item);
    return lines.map((line, number) => (number === 0 ? `- ${line}` : `  ${line}`));
  });
}

function isSection(node: SettingNode): boolean {
  return node.type === 'map' && node.entries.size > 0;
}

/** Whether a person has to say it: something in it is more than a default. */
function isGiven(node: SettingNode): boolean {
  if (node.origin.from === 'default') return false;
  if (isSection(node) && node.type === 'map')
    return [...node.entries.values()].some((entry) => isGiven(entry.node));
  return true;
}

/** What has no default, with values that name what belongs there. */
const STARTERS: Readonly<Record<SettingsKind, Readonly<Record<string, unknown>>>> = {
  finetune: {
    kind: 'finetune',
    name: 'my-heads',
    run: 'checkpoints/my-mice',
    data: { folder: 'data/my-mice' },
    protocol: { type: 'own', tracks: ['behaviour'] },
  },
  import: {
    kind: 'import',
    name: 'my-mice',
    out: 'data/my-mice',
    source: {
      format: 'deeplabcut-csv',
      name: 'my mice',
      files: ['videos/*.csv'],
      framesPerSecond: 30,
      skeleton: { keypoints: ['nose', 'neck', 'tail_base'], front: ['nose'], back: ['tail_base'] },
      animals: { names: ['resident', 'intruder'], identity: 'ordered' },
    },
  },
  pretrain: { kind: 'pretrain', name: 'my-mice', data: { folder: 'data/my-mice' } },
  sweep: {
    kind: 'sweep',
    name: 'my-sweep',
    pretrain: 'pretrain.yaml',
    heads: 'finetune.yaml',
    variants: { baseline: {}, shallow: { 'pretrain.encoder.layers': 2 } },
  },
};
