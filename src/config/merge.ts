import type { z } from 'zod';
import { childSchema, choicesOf, coreFor, peel } from './schema-walk.js';
import type { MapNode, SettingNode } from './tree.js';

/** A section with exactly one of these keys is one value with its unit, e.g. `duration: {minutes: 30}`. */
export const DURATION_UNITS: ReadonlySet<string> = new Set(['steps', 'epochs', 'minutes']);

/**
 * Lays `over` on `base`: sections are merged key by key, everything else is replaced. A section that makes another
 * choice (another `type`, another unit of a duration) replaces the whole one below it, since the two share no meaning.
 * @param schema what tells choices from other sections; undefined where it isn't known
 */
export function mergeNodes(
  schema: z.core.$ZodType | undefined,
  base: SettingNode | undefined,
  over: SettingNode,
): SettingNode {
  if (base?.type !== 'map' || over.type !== 'map' || isOtherChoice(schema, base, over)) return over;
  const entries = new Map(base.entries);
  const core = schema === undefined ? undefined : coreOfMerged(schema, base, over);
  for (const [key, entry] of over.entries) {
    const below = base.entries.get(key)?.node;
    const child = core === undefined ? undefined : childSchema(core, key);
    entries.set(key, { key: entry.key, node: mergeNodes(child, below, entry.node) });
  }
  return { type: 'map', origin: over.origin, entries };
}

/** Whether the section is a duration: all its keys are units. */
export function isDuration(section: MapNode): boolean {
  return section.entries.size > 0 && [...section.entries.keys()].every((key) => DURATION_UNITS.has(key));
}

/** The key by whose value a section of this schema says which choice it makes, if it makes one. */
export function choiceKeyOf(schema: z.core.$ZodType | undefined): string | undefined {
  return schema === undefined ? undefined : choicesOf(peel(schema).core)?.key;
}

function isOtherChoice(schema: z.core.$ZodType | undefined, base: MapNode, over: MapNode): boolean {
  if (isDuration(base) && isDuration(over)) return true;
  const key = choiceKeyOf(schema);
  if (key === undefined) return false;
  const [was, is] = [valueAt(base, key), valueAt(over, key)];
  return was !== undefined && is !== undefined && was !== is;
}

function coreOfMerged(schema: z.core.$ZodType, base: MapNode, over: MapNode): z.core.$ZodType {
  const key = choiceKeyOf(schema);
  return coreFor(schema, key !== undefined && over.entries.has(key) ? over : base);
}

/** The single value of a key, where it has one. */
export function valueAt(section: MapNode, key: string): unknown {
  const node = section.entries.get(key)?.node;
  return node?.type === 'scalar' ? node.value : undefined;
}
