import type { z } from 'zod';
import { choicesOf, definitionOf, describeType, descriptionOf, fieldsOf, peel } from './schema-walk.js';

/** One setting, for people. */
export interface SettingRow {
  /** As an override names it; N stands for a list index. */
  readonly path: string;
  /** The choice under which it exists, e.g. `encoder.type=transformer`. */
  readonly when: string | null;
  /** `a whole number, 1 to 64` */
  readonly type: string;
  /** As one would write it; null where the setting must be given or is a section. */
  readonly default: string | null;
  readonly description: string;
}

/** Every setting of a schema in order. Sections and choices have a row of their own when they are described. */
export function listSettings(schema: z.core.$ZodType): readonly SettingRow[] {
  return [...rowsOf(peel(schema).core, '', null)];
}

function* rowsOf(core: z.core.$ZodType, path: string, when: string | null): Generator<SettingRow> {
  const fields = fieldsOf(core);
  for (const [name, field] of Object.entries(fields ?? {})) {
    const childPath = path === '' ? name : `${path}.${name}`;
    yield* rowsOfField(field, childPath, when);
  }
}

function* rowsOfField(field: z.core.$ZodType, path: string, when: string | null): Generator<SettingRow> {
  const { core, fallback, isOptional } = peel(field);
  const definition = definitionOf(core);
  const isSection = definition.type === 'object';
  const shown =
    isSection && JSON.stringify(fallback?.value) === '{}' ? null : defaultOf(fallback, isOptional);
  yield { path, when, type: describeWithLimits(field), default: shown, description: descriptionOf(field) };
  if (isSection) yield* rowsOf(core, path, when);
  else if (definition.type === 'array') yield* rowsBelow(definition.element, `${path}.N`, when);
  else if (definition.type === 'record') yield* rowsBelow(definition.valueType, `${path}.NAME`, when);
  else yield* rowsOfChoices(core, path, when);
}

/** Rows of what a list or map holds; single values are told by the row of the list itself. */
function* rowsBelow(schema: z.core.$ZodType, path: string, when: string | null): Generator<SettingRow> {
  const { core } = peel(schema);
  if (fieldsOf(core) !== undefined) yield* rowsOf(core, path, when);
  else yield* rowsOfChoices(core, path, when);
}

/** A field that several options share (the same schema) is told once, with all of them: `format=csv|h5`. */
function* rowsOfChoices(core: z.core.$ZodType, path: string, when: string | null): Generator<SettingRow> {
  const choices = choicesOf(core);
  if (choices === undefined) return;
  const kind = `${path}.${choices.key}`;
  const options = [...choices.options].map(([value, option]) => ({
    value,
    option,
    fields: fieldsOf(option) ?? {},
  }));
  for (const { value, option, fields } of options) {
    const description = descriptionOf(option) || descriptionOf(fields[choices.key]);
    yield { path: kind, when, type: value, default: null, description };
    for (const [name, field] of Object.entries(fields)) {
      const sharers = options.filter((other) => other.fields[name] === field).map((other) => other.value);
      if (name === choices.key || sharers[0] !== value) continue;
      const isAlways = sharers.length === options.length;
      yield* rowsOfField(field, `${path}.${name}`, isAlways ? when : `${kind}=${sharers.join('|')}`);
    }
  }
}

function defaultOf(fallback: { readonly value: unknown } | undefined, isOptional: boolean): string | null {
  if (fallback === undefined) return isOptional ? 'left out' : null;
  return inYaml(fallback.value);
}

/** Words that YAML's core schema doesn't take for text. */
const YAML_WORD = /^(null|Null|NULL|true|True|TRUE|false|False|FALSE)$/;

/** A value as it would be written after `key=`. */
export function inYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inYaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, child]) => `${key}: ${inYaml(child)}`)
      .join(', ')}}`;
  }
  const isPlain = typeof value === 'string' && /^[A-Za-z][\w./-]*$/.test(value) && !YAML_WORD.test(value);
  return isPlain ? value : JSON.stringify(value);
}

function describeWithLimits(field: z.core.$ZodType): string {
  const { core } = peel(field);
  const definition = definitionOf(core);
  if (definition.type === 'array') return `a list of ${plural(describeWithLimits(definition.element))}`;
  const limits = definition.type === 'number' ? limitsOf(core) : '';
  return limits === '' ? describeType(field) : describeType(field).replace(/ or null$|$/, `${limits}$&`);
}

function plural(type: string): string {
  const word = /^a (section|list|number|whole number)(.*)$/.exec(type);
  return word === null ? type : `${word[1]}s${word[2]}`;
}

/** `, 1 to 64`, `, above 0`, or nothing. */
function limitsOf(core: z.core.$ZodType): string {
  let [low, high] = ['', ''];
  for (const check of definitionOf(core).checks ?? []) {
    const {
      check: name,
      value,
      inclusive,
    } = check._zod.def as {
      check: string;
      value?: number;
      inclusive?: boolean;
    };
    if (name === 'greater_than') low = inclusive ? `${value}` : `above ${value}`;
    if (name === 'less_than') high = inclusive ? `${value}` : `below ${value}`;
  }
  if (high === '1000000000') high = '';
  if (low === '' && high === '') return '';
  if (high === '') return low.startsWith('above') ? ` ${low}` : `, ${low} or more`;
  if (low === '') return high.startsWith('below') ? ` ${high}` : `, at most ${high}`;
  return high.startsWith('below') || low.startsWith('above') ? ` ${low}, ${high}` : `, ${low} to ${high}`;
}
