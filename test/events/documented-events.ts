import { readFileSync } from 'node:fs';
import type { RunEvent, RunEventBody } from '../../src/events/event.js';

/** What a documented kind of value looks like. */
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  'yes or no': (value) => typeof value === 'boolean',
  'list of texts': (value) => Array.isArray(value) && value.every(KINDS.text),
  'numbers by name': (value) => isMap(value) && Object.values(value).every(KINDS.number),
  'guards by name': (value) => isMap(value) && Object.values(value).every(isGuard),
  figure: (value) => isMap(value) && isExactly(value, { name: KINDS.text, value: KINDS.number }),
};

/** Every type of event; the compiler sees that none is missing. */
export const EVENT_TYPES = Object.keys({
  started: 0,
  phase: 0,
  progress: 0,
  overall: 0,
  step: 0,
  guard: 0,
  checkpoint: 0,
  head: 0,
  result: 0,
  message: 0,
  sweep: 0,
  job: 0,
  finished: 0,
} satisfies Record<RunEventBody['type'], number>);

/** The table of `checkpoints/README.md`: type -> key -> whether a value is of the documented kind. */
export function readDocumentedEvents(): ReadonlyMap<
  string,
  Readonly<Record<string, (value: unknown) => boolean>>
> {
  const text = readFileSync(new URL('../../checkpoints/README.md', import.meta.url), 'utf8');
  const table = text.slice(text.indexOf('| `type` | further keys |'));
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2);
  return new Map(
    rows.map((row) => {
      const [, type, keys] = /^\| `(\w+)` \| (.*) \|$/.exec(row) ?? [];
      const kinds = keys.split(', ').map((key) => {
        const [, name, kind] = /^`(\w+)`: (.*)$/.exec(key) ?? [];
        return [name, isOfKind(kind)] as const;
      });
      return [type, Object.fromEntries(kinds)];
    }),
  );
}

/** What an event has that is not documented, or lacks; empty for a documented one. */
export function listUndocumented(event: RunEvent): string[] {
  const { time, type, ...rest } = event;
  const documented = readDocumentedEvents().get(type);
  if (documented === undefined) return [`${type} is not documented`];
  const keys = new Set([...Object.keys(documented), ...Object.keys(rest)]);
  return [
    ...(Number.isNaN(Date.parse(time)) ? [`${type}: time is ${time}`] : []),
    ...[...keys].flatMap((key) => {
      if (!(key in documented)) return [`${type}: ${key} is not documented`];
      const value = (rest as Record<string, unknown>)[key];
      return documented[key](value) ? [] : [`${type}: ${key} is ${JSON.stringify(value)}`];
    }),
  ];
}

function isOfKind(kind: string): (value: unknown) => boolean {
  const isNullable = kind.endsWith(' or null');
  const check = KINDS[isNullable ? kind.slice(0, -' or null'.length) : kind];
  if (check === undefined) throw new Error(`checkpoints/README.md knows a kind "${kind}"`);
  return (value) => (isNullable && value === null) || check(value);
}

function isGuard(value: unknown): boolean {
  const isRange = (range: unknown) => Array.isArray(range) && range.length === 2 && range.every(KINDS.number);
  return isMap(value) && isExactly(value, { value: KINDS.number, healthy: isRange });
}

function isExactly(map: object, checks: Readonly<Record<string, (value: unknown) => boolean>>): boolean {
  const keys = Object.keys(checks);
  return (
    Object.keys(map).length === keys.length &&
    keys.every((key) => checks[key]((map as Record<string, unknown>)[key]))
  );
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
