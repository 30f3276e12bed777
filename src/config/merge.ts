import type { MapNode, SettingNode } from './tree.js';

/** A section with exactly one of these keys is one value with its unit, e.g. `duration: {minutes: 30}`. */
export const DURATION_UNITS: ReadonlySet<string> = new Set(['steps', 'epochs', 'minutes']);

/**
 * Lays `over` on `base`: sections are merged key by key, everything else is replaced. A section that makes another
 * choice (another `kind`, another unit of a duration) replaces the whole one below it, since the two share no meaning.
 */
export function mergeNodes(base: SettingNode | undefined, over: SettingNode): SettingNode {
  if (base?.type !== 'map' || over.type !== 'map' || isOtherChoice(base, over)) return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    entries.set(key, { key: entry.key, node: mergeNodes(base.entries.get(key)?.node, entry.node) });
  }
  return { type: 'map', origin: over.origin, entries };
}

/** Whether the section is a duration: all its keys are units. */
export function isDuration(section: MapNode): boolean {
  return section.entries.size > 0 && [...section.entries.keys()].every((key) => DURATION_UNITS.has(key));
}

function isOtherChoice(base: MapNode, over: MapNode): boolean {
  const [was, is] = [kindOf(base), kindOf(over)];
  if (was !== undefined && is !== undefined && was !== is) return true;
  return isDuration(base) && isDuration(over);
}

/** The value of a section's `kind`, where it has one. */
export function kindOf(section: MapNode): unknown {
  const node = section.entries.get('kind')?.node;
  return node?.type === 'scalar' ? node.value : undefined;
}
