import { z } from 'zod';
import { SETTINGS_SCHEMAS, type SettingsKind } from './kinds.js';

/** JSON Schema (draft 2020-12) of settings files as people write them: defaults may be left out, `extends` is allowed. */
export function settingsJsonSchema(kinds: readonly SettingsKind[]): Record<string, unknown> {
  const schemas = kinds.map((kind) => {
    const { $schema: _, ...schema } = z.toJSONSchema(SETTINGS_SCHEMAS[kind], { io: 'input' });
    const properties = { ...EXTENDS, ...(schema.properties as object) };
    // Whatever is required may come from a file that is extended.
    return { ...schema, properties, required: ['kind'] };
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of Whisker',
    ...(schemas.length === 1 ? schemas[0] : { oneOf: schemas }),
  };
}

const EXTENDS = {
  extends: {
    description: 'Files below this one, relative to it: what they say holds where this file says nothing',
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
  },
};
