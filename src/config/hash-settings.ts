import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.js';

/**
 * The name of settings: the first 16 hex digits of the sha256 of their canonical JSON (keys sorted, no spaces), so
 * that the order in which a person wrote them doesn't matter.
 */
export function hashSettings(settings: unknown): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex').slice(0, 16);
}
