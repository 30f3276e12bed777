/** Attributes and output types of an op, which eager execution infers and a graph must state. */
import { elementTypeName } from './element-types.js';
import type { OpAttribute } from './native.js';
import type { OpDefinition } from './op-table.js';
import type { AttributeValue, ValueInfo } from './recording.js';
import { refuse } from './step-result.js';

/**
 * Every attribute of the definition: types and counts from the inputs (tfjs passes wrong ones at times, and eager
 * execution infers them), the rest as given, else the default.
 */
export function resolveAttributes(
  op: string,
  definition: OpDefinition,
  inputs: readonly ValueInfo[],
  given: readonly OpAttribute[],
): Record<string, AttributeValue> {
  const resolved: Record<string, AttributeValue> = {};
  const listed = definition.inputs.filter((argument) => argument.countAttribute !== undefined).length;
  let next = 0;
  for (const argument of definition.inputs) {
    // No op of the table has two lists, so that one list takes what the single arguments leave.
    const count =
      argument.countAttribute === undefined ? 1 : inputs.length - (definition.inputs.length - listed);
    if (argument.countAttribute !== undefined)
      resolved[argument.countAttribute] = { kind: 'int', value: count };
    const type = inputs[next]?.type;
    if (type === undefined) throw new Error(`${op} has no input ${argument.name}`);
    if (argument.typeAttribute !== undefined)
      resolved[argument.typeAttribute] = { kind: 'type', value: type };
    else if (type !== argument.type) throw refuse(`gives ${op} ${elementTypeName(type)} as ${argument.name}`);
    next += count;
  }
  for (const [name, { type: kind, default: fallback }] of Object.entries(definition.attributes)) {
    if (resolved[name] !== undefined) continue;
    const value = given.find((attribute) => attribute.name === name)?.value ?? fallback;
    if (value === undefined) throw new Error(`${op} was called without its attribute ${name}`);
    const tag = Array.isArray(value) ? 'list(int)' : kind;
    resolved[name] = { kind: tag, value } as AttributeValue;
  }
  return resolved;
}

/** The types of the outputs, one for each tensor. */
export function outputTypes(
  definition: OpDefinition,
  attributes: Readonly<Record<string, AttributeValue>>,
): number[] {
  return definition.outputs.flatMap(({ type, typeAttribute, countAttribute }) => {
    const number = typeAttribute === undefined ? type : attributes[typeAttribute]?.value;
    const count = countAttribute === undefined ? 1 : (attributes[countAttribute]?.value as number);
    return Array.from({ length: count }, () => number as number);
  });
}
