import type { z } from 'zod';
import type { SettingNode } from './tree.js';

/** What lies below the wrappers of a schema: its core and what the wrappers said. */
export interface Peeled {
  readonly core: z.core.$ZodType;
  readonly isOptional: boolean;
  readonly isNullable: boolean;
  /** Present where the schema has a default. */
  readonly fallback: { readonly value: unknown } | undefined;
}

/** The definition of a schema, as zod keeps it for those who walk schemas. */
export function definitionOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** Takes `.optional()`, `.nullable()`, `.default()`, `.prefault()` and `.readonly()` off a schema. */
export function peel(schema: z.core.$ZodType): Peeled {
  let core = schema;
  let [isOptional, isNullable] = [false, false];
  let fallback: Peeled['fallback'];
  for (;;) {
    const definition = definitionOf(core);
    switch (definition.type) {
      case 'optional':
        isOptional = true;
        core = definition.innerType;
        break;
      case 'nullable':
        isNullable = true;
        core = definition.innerType;
        break;
      case 'default':
      case 'prefault':
        fallback ??= { value: definition.defaultValue };
        core = definition.innerType;
        break;
      case 'readonly':
        core = definition.innerType;
        break;
      default:
        return { core, isOptional, isNullable, fallback };
    }
  }
}

/** The fields of an object schema, or undefined for any other. */
export function fieldsOf(core: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  const definition = definitionOf(core);
  return definition.type === 'object' ? definition.shape : undefined;
}

/** What a discriminated union chooses by, and its options by that key's value. */
export interface Choices {
  readonly key: string;
  readonly options: ReadonlyMap<string, z.core.$ZodType>;
}

const knownChoices = new WeakMap<z.core.$ZodType, Choices>();

/** The choices of a discriminated union, or undefined for any other schema. */
export function choicesOf(core: z.core.$ZodType): Choices | undefined {
  const definition = definitionOf(core);
  if (definition.type !== 'union' || !('discriminator' in definition)) return undefined;
  const known = knownChoices.get(core);
  if (known !== undefined) return known;
  const key = (definition as z.core.$ZodDiscriminatedUnionDef).discriminator;
  const options = new Map<string, z.core.$ZodType>();
  for (const option of definition.options) {
    for (const value of option._zod.propValues?.[key] ?? []) options.set(String(value), option);
  }
  knownChoices.set(core, { key, options });
  return { key, options };
}

/** The option of a union that a section has chosen by its discriminator, or undefined. */
export function chosenOption(
  core: z.core.$ZodType,
  node: SettingNode | undefined,
): z.core.$ZodType | undefined {
  const choices = choicesOf(core);
  if (choices === undefined || node?.type !== 'map') return undefined;
  const chosen = node.entries.get(choices.key)?.node;
  return chosen?.type === 'scalar' ? choices.options.get(String(chosen.value)) : undefined;
}

/** The core schema of the section or value at `node`: wrappers off, the union's option taken. */
export function coreFor(schema: z.core.$ZodType, node: SettingNode | undefined): z.core.$ZodType {
  const { core } = peel(schema);
  const option = chosenOption(core, node);
  return option === undefined ? core : coreFor(option, node);
}

/** The schema of the child `key` of a section or list with the schema `core`, or undefined. */
export function childSchema(core: z.core.$ZodType, key: string | number): z.core.$ZodType | undefined {
  const definition = definitionOf(core);
  if (definition.type === 'object') return definition.shape[key];
  if (definition.type === 'array') return definition.element;
  if (definition.type === 'record') return definition.valueType;
  if (definition.type === 'tuple') return definition.items[Number(key)];
  return undefined;
}

/** The description of a schema, looked for below its wrappers too. */
export function descriptionOf(schema: z.core.$ZodType): string {
  let current: z.core.$ZodType | undefined = schema;
  while (current !== undefined) {
    const { description } = current as { description?: string };
    if (description !== undefined) return description;
    const definition = definitionOf(current) as { innerType?: z.core.$ZodType };
    current = definition.innerType;
  }
  return '';
}

/** What a schema takes, in words: `a whole number`, `one of cpu, cuda`, `text or null`. */
export function describeType(schema: z.core.$ZodType): string {
  const { core, isNullable } = peel(schema);
  return isNullable ? `${describeCore(core)} or null` : describeCore(core);
}

function describeCore(core: z.core.$ZodType): string {
  const definition = definitionOf(core);
  switch (definition.type) {
    case 'string':
      return 'text';
    case 'number':
      return isWhole(core) ? 'a whole number' : 'a number';
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'array':
    case 'tuple':
      return 'a list';
    case 'object':
    case 'record':
      return 'a section';
    case 'enum':
      return oneOf(Object.values(definition.entries).map(String));
    case 'literal':
      return oneOf(definition.values.map(String));
    case 'union': {
      const choices = choicesOf(core);
      if (choices !== undefined) return `a section of kind ${listOf([...choices.options.keys()])}`;
      return listOf(definition.options.map(describeType));
    }
    case 'unknown':
      return 'anything';
    default:
      return definition.type;
  }
}

/** Whether a number schema takes whole numbers only. */
export function isWhole(core: z.core.$ZodType): boolean {
  const formats = [definitionOf(core), ...(definitionOf(core).checks ?? []).map((check) => check._zod.def)];
  return formats.some((definition) => (definition as { format?: string }).format?.includes('int'));
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? values[0] : `one of ${values.join(', ')}`;
}

function listOf(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
