import type { z } from 'zod';
import { mergeNodes } from './merge.js';
import { choicesOf, chosenOption, definitionOf, fieldsOf, peel } from './schema-walk.js';
import { DEFAULT, type MapEntry, type SettingNode, treeOf } from './tree.js';

/**
 * The tree with the schema's defaults below what was written, so that overrides can reach into them and every value
 * has an origin. A section that doesn't say which choice it makes gets the default section's.
 */
export function fillDefaults(
  schema: z.core.$ZodType,
  node: SettingNode | undefined,
): SettingNode | undefined {
  const { core, fallback } = peel(schema);
  let filled = node;
  if (fallback !== undefined) {
    const below = treeOf(fallback.value, DEFAULT);
    if (filled === undefined) filled = below;
    else if (choicesOf(core) !== undefined) filled = mergeNodes(core, below, filled);
  }
  if (filled === undefined) return undefined;
  const option = chosenOption(core, filled);
  if (option !== undefined) return fillDefaults(option, filled);
  const definition = definitionOf(core);
  if (filled.type === 'map') {
    const fields = fieldsOf(core);
    if (fields !== undefined) return { ...filled, entries: fillFields(fields, filled.entries) };
    if (definition.type === 'record') {
      const entries = [...filled.entries].map(([key, entry]) => {
        const child = fillDefaults(definition.valueType, entry.node) ?? entry.node;
        return [key, { key: entry.key, node: child }] as const;
      });
      return { ...filled, entries: new Map(entries) };
    }
  }
  if (filled.type === 'list' && definition.type === 'array') {
    const items = filled.items.map((item) => fillDefaults(definition.element, item) ?? item);
    return { ...filled, items };
  }
  return filled;
}

/** Fields in the schema's order, then what the schema doesn't know. */
function fillFields(
  fields: Readonly<Record<string, z.core.$ZodType>>,
  written: ReadonlyMap<string, MapEntry>,
): Map<string, MapEntry> {
  const entries = new Map<string, MapEntry>();
  for (const [name, schema] of Object.entries(fields)) {
    const entry = written.get(name);
    const node = fillDefaults(schema, entry?.node);
    if (node !== undefined) entries.set(name, { key: entry?.key ?? DEFAULT, node });
  }
  for (const [name, entry] of written) if (!entries.has(name)) entries.set(name, entry);
  return entries;
}
