import { createHash } from 'node:crypto';

/**
 * The name of settings: the first 16 hex digits of the sha256 of their canonical JSON (keys sorted, no spaces), so
 * that the order in which a person wrote them doesn't matter.
 */
export function hashSettings(settings: unknown): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex').slice(0, 16);
}

/** JSON with sorted keys; numbers as JavaScript prints them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}
