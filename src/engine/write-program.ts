/**
 * Makes a graph of a recorded step: state in resource variables, arguments as placeholders, and three ways to run it
 * (step, read, write). In `graph` mode the step's operations stand in the graph itself; in `xla` mode they are the
 * body of a function that XLA compiles as a whole.
 */

import { elementTypeNumber, TF_FLOAT, TF_INT32, TF_RESOURCE } from './element-types.js';
import type { Mode } from './engine.js';
import type { Graph, GraphFunction, GraphNode, TypedName } from './graph.js';
import type { ArrayLayout } from './layout.js';
import type { AttributeValue } from './recording.js';
import {
  type Body,
  type BodyPlan,
  functionReference,
  graphReference,
  typeAttribute,
  writeBody,
} from './write-body.js';

export interface ProgramPlan extends BodyPlan {
  readonly mode: Exclude<Mode, 'eager'>;
  /**
   * Float32 arguments are fed as the int32 of the same bits. On a GPU the binding would copy floats to the device when
   * they become tensors, and back again for the session; integers it leaves on the host.
   */
  readonly feedsBits: boolean;
}

/** Names of the graph's ends, by position in the signature: user names may hold characters that graphs refuse. */
export const graphNames = {
  batch: (index: number): string => `batch_${index}`,
  scalar: (index: number): string => `scalar_${index}`,
  output: (index: number): string => `output_${index}`,
  variable: (index: number): string => `variable_${index}`,
  read: (index: number): string => `read_${index}`,
  toWrite: (index: number): string => `to_write_${index}`,
  written: (index: number): string => `written_${index}`,
  stepped: 'stepped',
} as const;

const STEP_FUNCTION = 'step';
const CALL = 'call';
const MUST_COMPILE = { _XlaMustCompile: { kind: 'bool', value: true } } as const;

type Attributes = Readonly<Record<string, AttributeValue>>;

export function writeProgram(plan: ProgramPlan): Graph {
  const { state, batch, scalars } = plan.signature;
  const frame = [
    ...state.flatMap((layout, index) => variableNodes(layout, index, plan.feedsBits)),
    ...batch.flatMap(({ shape, dtype }, index) =>
      argumentNodes(graphNames.batch(index), shape, elementTypeNumber(dtype), plan.feedsBits),
    ),
    ...scalars.flatMap((_, index) => argumentNodes(graphNames.scalar(index), [], TF_FLOAT, plan.feedsBits)),
  ];
  const step = plan.mode === 'graph' ? inlineStep(plan) : calledStep(plan);
  return { nodes: [...frame, ...step.nodes], functions: step.functions };
}

/** A variable, how to read it, and how to write it from the host. */
function variableNodes(layout: ArrayLayout, index: number, feedsBits: boolean): GraphNode[] {
  const type = elementTypeNumber(layout.dtype);
  const [variable, toWrite] = [graphNames.variable(index), graphNames.toWrite(index)];
  const handle: Attributes = {
    dtype: typeAttribute(type),
    shape: { kind: 'shape', value: layout.shape },
    shared_name: { kind: 'string', value: variable },
    container: { kind: 'string', value: '' },
  };
  return [
    node(variable, 'VarHandleOp', [], handle),
    node(graphNames.read(index), 'ReadVariableOp', [`${variable}:0`], { dtype: typeAttribute(type) }),
    ...argumentNodes(toWrite, layout.shape, type, feedsBits),
    // A fed tensor may share the caller's memory, and a variable must own its values.
    node(`${toWrite}_copy`, 'DeepCopy', [`${toWrite}:0`], { T: typeAttribute(type) }),
    assign(`${toWrite}_assign`, `${variable}:0`, `${toWrite}_copy:0`, type),
    ...doneNodes(graphNames.written(index), [`${toWrite}_assign`]),
  ];
}

interface StepNodes {
  readonly nodes: readonly GraphNode[];
  readonly functions: readonly GraphFunction[];
}

/** The step's operations as nodes of the graph itself. */
function inlineStep(plan: ProgramPlan): StepNodes {
  const reads = plan.signature.state.map((_, index) => graphNames.read(index));
  const body = writeBody(plan, {
    reference: graphReference,
    argument: (group, index) => {
      if (group === 'state') return `${graphNames.read(index)}:0`;
      return `${group === 'batch' ? graphNames.batch(index) : graphNames.scalar(index)}:0`;
    },
  });
  const assigns = assignNodes(body, (index) => `${graphNames.variable(index)}:0`, reads);
  const ends = body.outputs.map(({ value, type }, index) => identity(graphNames.output(index), value, type));
  const stepped = doneNodes(
    graphNames.stepped,
    assigns.map(({ name }) => name),
  );
  return { nodes: [...body.nodes, ...assigns, ...ends, ...stepped], functions: [] };
}

/** The step as a function that XLA compiles as a whole, and the one call of it. */
function calledStep(plan: ProgramPlan): StepNodes {
  const { state, batch, scalars } = plan.signature;
  const inputs: TypedName[] = [
    ...batch.map(({ dtype }, index) => ({ name: graphNames.batch(index), type: elementTypeNumber(dtype) })),
    ...scalars.map((_, index) => ({ name: graphNames.scalar(index), type: TF_FLOAT })),
    ...state.map((_, index) => ({ name: graphNames.variable(index), type: TF_RESOURCE })),
  ];
  const reads = state.map(({ dtype }, index) =>
    node(graphNames.read(index), 'ReadVariableOp', [graphNames.variable(index)], {
      dtype: typeAttribute(elementTypeNumber(dtype)),
    }),
  );
  const body = writeBody(plan, {
    reference: functionReference,
    argument: (group, index) => {
      if (group === 'state') return `${graphNames.read(index)}:value:0`;
      return group === 'batch' ? graphNames.batch(index) : graphNames.scalar(index);
    },
  });
  const assigns = assignNodes(
    body,
    graphNames.variable,
    reads.map(({ name }) => name),
  );
  const outputName = graphNames.output;
  const definition: GraphFunction = {
    name: STEP_FUNCTION,
    inputs,
    outputs: body.outputs.map(({ type }, index) => ({ name: outputName(index), type })),
    nodes: [...reads, ...body.nodes, ...assigns],
    returns: Object.fromEntries(body.outputs.map(({ value }, index) => [outputName(index), value])),
    effects: assigns.map(({ name }) => name),
    attributes: MUST_COMPILE,
  };
  const call = node(
    CALL,
    'StatefulPartitionedCall',
    inputs.map(({ name }) => `${name}:0`),
    {
      Tin: { kind: 'list(type)', value: inputs.map(({ type }) => type) },
      Tout: { kind: 'list(type)', value: body.outputs.map(({ type }) => type) },
      f: { kind: 'function', value: STEP_FUNCTION },
      config: { kind: 'string', value: '' },
      config_proto: { kind: 'string', value: '' },
      executor_type: { kind: 'string', value: '' },
      ...MUST_COMPILE,
    },
  );
  const ends = body.outputs.map(({ type }, index) => identity(outputName(index), `${CALL}:${index}`, type));
  return { nodes: [call, ...ends, ...doneNodes(graphNames.stepped, [CALL])], functions: [definition] };
}

/** Every read of the old state comes before the first write of the new. */
function assignNodes(body: Body, variable: (index: number) => string, reads: readonly string[]): GraphNode[] {
  return body.nextState.map(({ index, value, type }) =>
    assign(
      `assign_${index}`,
      variable(index),
      value,
      type,
      reads.map((name) => `^${name}`),
    ),
  );
}

function assign(
  name: string,
  variable: string,
  value: string,
  type: number,
  after: readonly string[] = [],
): GraphNode {
  return node(name, 'AssignVariableOp', [variable, value, ...after], { dtype: typeAttribute(type) });
}

function identity(name: string, value: string, type: number): GraphNode {
  return node(name, 'Identity', [value], { T: typeAttribute(type) });
}

/** Where the session is fed for the argument `name`. */
export function feedName(name: string, type: number, feedsBits: boolean): string {
  return feedsBits && type === TF_FLOAT ? `${name}_bits` : name;
}

function argumentNodes(
  name: string,
  shape: readonly number[],
  type: number,
  feedsBits: boolean,
): GraphNode[] {
  const fed = feedName(name, type, feedsBits);
  const fedType = fed === name ? type : TF_INT32;
  const placeholder = node(fed, 'Placeholder', [], {
    dtype: typeAttribute(fedType),
    shape: { kind: 'shape', value: shape },
  });
  if (fed === name) return [placeholder];
  return [
    placeholder,
    node(name, 'Bitcast', [`${fed}:0`], { T: typeAttribute(fedType), type: typeAttribute(type) }),
  ];
}

/** A session runs what it must fetch, and assignments give nothing back: a number that comes after them does. */
function doneNodes(name: string, after: readonly string[]): GraphNode[] {
  const value = { shape: [], type: TF_INT32, data: new Int32Array(1) };
  const attributes: Attributes = { dtype: typeAttribute(TF_INT32), value: { kind: 'tensor', value } };
  return [
    node(
      name,
      'Const',
      after.map((input) => `^${input}`),
      attributes,
    ),
  ];
}

function node(name: string, op: string, inputs: readonly string[], attributes: Attributes): GraphNode {
  return { name, op, inputs, attributes };
}
