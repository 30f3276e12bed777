/** TensorFlow's GraphDef, FunctionDef and SavedModel messages, as far as programs need them, and their bytes. */
import { sizeOf } from '../arrays.js';
import { GRAPH_DEF_VERSION, OP_TABLE_TENSORFLOW } from './op-table.js';
import {
  bytesField,
  concatBytes,
  type Field,
  floatField,
  integerField,
  mapField,
  messageField,
  packedField,
  textField,
  textMapField,
} from './protobuf.js';
import type { AttributeValue, ConstantValue } from './recording.js';

/** A node; inputs are `name:0` (`name:output:0` in a function) and, for control, `^name`. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface TypedName {
  readonly name: string;
  readonly type: number;
}

export interface GraphFunction {
  readonly name: string;
  readonly inputs: readonly TypedName[];
  readonly outputs: readonly TypedName[];
  readonly nodes: readonly GraphNode[];
  /** Output name -> `node:output:0`. */
  readonly returns: Readonly<Record<string, string>>;
  /** Nodes that must run although nothing that is returned depends on them. */
  readonly effects: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly functions: readonly GraphFunction[];
}

export const SAVED_MODEL_TAG = 'serve';

/** An input or output of a signature: its name there, and the tensor that it is in the graph. */
export interface ServedTensor {
  readonly name: string;
  /** `node:0` */
  readonly tensor: string;
  readonly type: number;
  readonly shape: readonly number[];
}

/** What other programs can call in a SavedModel. */
export interface Serving {
  readonly inputs: readonly ServedTensor[];
  readonly outputs: readonly ServedTensor[];
}

/** A SavedModel of one graph without variables on disk: the content of `saved_model.pb`. */
export function encodeSavedModel(graph: Graph, serving?: Serving): Uint8Array {
  const metaInfo = messageField(1, [textField(4, SAVED_MODEL_TAG), textField(5, OP_TABLE_TENSORFLOW)]);
  const signatures = serving === undefined ? [] : mapField(5, { serving_default: signatureFields(serving) });
  const metaGraph = messageField(2, [metaInfo, messageField(2, graphFields(graph)), ...signatures]);
  return concatBytes([integerField(1, 1), metaGraph]);
}

function signatureFields({ inputs, outputs }: Serving): Field[] {
  const infos = (tensors: readonly ServedTensor[]) =>
    Object.fromEntries(
      tensors.map(({ name, tensor, type, shape }) => [
        name,
        [textField(1, tensor), integerField(2, type), messageField(3, shapeFields(shape))],
      ]),
    );
  return [
    ...mapField(1, infos(inputs)),
    ...mapField(2, infos(outputs)),
    textField(3, 'tensorflow/serving/predict'),
  ];
}

function graphFields(graph: Graph): Field[] {
  return [
    ...graph.nodes.map((node) => messageField(1, nodeFields(node))),
    messageField(4, [integerField(1, GRAPH_DEF_VERSION)]),
    messageField(
      2,
      graph.functions.map((definition) => messageField(1, functionFields(definition))),
    ),
  ];
}

function nodeFields(node: GraphNode): Field[] {
  return [
    textField(1, node.name),
    textField(2, node.op),
    ...node.inputs.map((input) => textField(3, input)),
    ...mapField(5, encodeAttributes(node.attributes)),
  ];
}

function functionFields(definition: GraphFunction): Field[] {
  const argument = (number: number, { name, type }: TypedName): Field =>
    messageField(number, [textField(1, name), integerField(3, type)]);
  const effects = Object.fromEntries(definition.effects.map((name) => [name, name]));
  const signature = [
    textField(1, definition.name),
    ...definition.inputs.map((input) => argument(2, input)),
    ...definition.outputs.map((output) => argument(3, output)),
    integerField(17, true),
    ...definition.effects.map((name) => textField(20, name)),
  ];
  return [
    messageField(1, signature),
    ...definition.nodes.map((node) => messageField(3, nodeFields(node))),
    ...textMapField(4, definition.returns),
    ...mapField(5, encodeAttributes(definition.attributes)),
    ...textMapField(6, effects),
  ];
}

function encodeAttributes(attributes: Readonly<Record<string, AttributeValue>>): Record<string, Field[]> {
  const names = Object.keys(attributes).sort();
  return Object.fromEntries(
    names.map((name) => [name, [encodeAttribute(attributes[name] as AttributeValue)]]),
  );
}

function encodeAttribute(attribute: AttributeValue): Field {
  switch (attribute.kind) {
    case 'string':
      return textField(2, attribute.value);
    case 'int':
      return integerField(3, attribute.value);
    case 'float':
      return floatField(4, attribute.value);
    case 'bool':
      return integerField(5, attribute.value);
    case 'type':
      return integerField(6, attribute.value);
    case 'shape':
      return messageField(7, shapeFields(attribute.value));
    case 'tensor':
      return messageField(8, tensorFields(attribute.value));
    case 'function':
      return messageField(10, [textField(1, attribute.value)]);
    case 'list(type)':
      return messageField(1, [packedField(6, attribute.value)]);
    case 'list(int)':
      return messageField(1, [packedField(3, attribute.value)]);
  }
}

function shapeFields(shape: readonly number[]): Field[] {
  return shape.map((extent) => messageField(2, [integerField(1, extent)]));
}

function tensorFields({ shape, type, data }: ConstantValue): Field[] {
  const header = [integerField(1, type), messageField(2, shapeFields(shape))];
  if (sizeOf(shape) === 0) return header;
  return [...header, bytesField(4, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}
