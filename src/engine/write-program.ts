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
  type BodyNames,
  type BodyPlan,
  functionReference,
  graphReference,
  typeAttribute,
  writeBody,
} from './write-body.js';

export interface ProgramPlan extends BodyPlan {
  readonly mode: Exclude<Mode, 'eager'>;
  /**
   * The program is meant for a GPU, where values change type, bits unchanged, at two places. Between the host and the
   * session floats pass as int32: the binding would copy floats to the device when they become tensors, and back again
   * for the session; integers it leaves on the host. Inside the session int32 state and the int32 ends of a compiled
   * step are kept as float32: TensorFlow has no int32 variables on GPUs, and one on the CPU would draw all that touches
   * it there.
   */
  readonly isForGpu: boolean;
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
    ...state.flatMap((layout, index) => variableNodes(layout, index, plan.isForGpu)),
    ...batch.flatMap(({ shape, dtype }, index) =>
      argumentNodes(graphNames.batch(index), shape, elementTypeNumber(dtype), plan.isForGpu),
    ),
    ...scalars.flatMap((_, index) => argumentNodes(graphNames.scalar(index), [], TF_FLOAT, plan.isForGpu)),
  ];
  const step = plan.mode === 'graph' ? inlineStep(plan) : calledStep(plan);
  return { nodes: [...frame, ...step.nodes], functions: step.functions };
}

/** A variable, how to read it, and how to write it from the host. */
function variableNodes(layout: ArrayLayout, index: number, isForGpu: boolean): GraphNode[] {
  const type = elementTypeNumber(layout.dtype);
  const kept = keptType(type, isForGpu);
  const [variable, toWrite] = [graphNames.variable(index), graphNames.toWrite(index)];
  const handle: Attributes = {
    dtype: typeAttribute(kept),
    shape: { kind: 'shape', value: layout.shape },
    shared_name: { kind: 'string', value: variable },
    container: { kind: 'string', value: '' },
  };
  const written = sameBits(`${toWrite}_kept`, `${toWrite}:0`, type, kept);
  return [
    node(variable, 'VarHandleOp', [], handle),
    ...readNodes(graphNames.read(index), `${variable}:0`, type, kept, graphReference),
    ...argumentNodes(toWrite, layout.shape, type, isForGpu),
    ...written.nodes,
    // A fed tensor may share the caller's memory, and a variable must own its values.
    node(`${toWrite}_copy`, 'DeepCopy', [written.value], { T: typeAttribute(kept) }),
    assign(`${toWrite}_assign`, `${variable}:0`, `${toWrite}_copy:0`, kept),
    ...doneNodes(graphNames.written(index), [`${toWrite}_assign`]),
  ];
}

/** Reads a variable of type `kept`; the node called `name` gives its value in its own type. */
function readNodes(
  name: string,
  variable: string,
  type: number,
  kept: number,
  reference: BodyNames['reference'],
): GraphNode[] {
  const read = kept === type ? name : `${name}_kept`;
  const nodes = [node(read, 'ReadVariableOp', [variable], { dtype: typeAttribute(kept) })];
  if (read !== name) nodes.push(bitcast(name, reference(read, 'ReadVariableOp', 0), kept, type));
  return nodes;
}

/** The type in which state and the ends of a compiled step are kept on the device. */
function keptType(type: number, isForGpu: boolean): number {
  return isForGpu && type === TF_INT32 ? TF_FLOAT : type;
}

/** `value` as another type of the same width, by a node called `name` where the types differ. */
function sameBits(
  name: string,
  value: string,
  from: number,
  to: number,
  reference: BodyNames['reference'] = graphReference,
): { readonly nodes: readonly GraphNode[]; readonly value: string } {
  if (from === to) return { nodes: [], value };
  return { nodes: [bitcast(name, value, from, to)], value: reference(name, 'Bitcast', 0) };
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
  const variable = (index: number): string => `${graphNames.variable(index)}:0`;
  const assigns = assignNodes(body, plan, variable, reads, graphReference);
  const ends = body.outputs.map(({ value, type }, index) => identity(graphNames.output(index), value, type));
  const stepped = doneNodes(graphNames.stepped, assigns.names);
  return { nodes: [...body.nodes, ...assigns.nodes, ...ends, ...stepped], functions: [] };
}

/** The step as a function that XLA compiles as a whole, and the one call of it. */
function calledStep(plan: ProgramPlan): StepNodes {
  const { state, batch, scalars } = plan.signature;
  const values = [
    ...batch.map(({ dtype }, index) => ({ name: graphNames.batch(index), type: elementTypeNumber(dtype) })),
    ...scalars.map((_, index) => ({ name: graphNames.scalar(index), type: TF_FLOAT })),
  ].map(({ name, type }) => {
    const kept = keptType(type, plan.isForGpu);
    return {
      input: { name, type: kept },
      outside: sameBits(`${name}_kept`, `${name}:0`, type, kept),
      inside: sameBits(`${name}_value`, name, kept, type, functionReference),
    };
  });
  const inside = new Map(values.map(({ input, inside }) => [input.name, inside.value]));
  const inputs: TypedName[] = [
    ...values.map(({ input }) => input),
    ...state.map((_, index) => ({ name: graphNames.variable(index), type: TF_RESOURCE })),
  ];
  const readNames = state.map((_, index) => graphNames.read(index));
  const reads = state.flatMap(({ dtype }, index) => {
    const type = elementTypeNumber(dtype);
    const kept = keptType(type, plan.isForGpu);
    return readNodes(graphNames.read(index), graphNames.variable(index), type, kept, functionReference);
  });
  const opOfRead = new Map(reads.map(({ name, op }) => [name, op]));
  const body = writeBody(plan, {
    reference: functionReference,
    argument: (group, index) => {
      if (group === 'state') {
        const name = graphNames.read(index);
        return functionReference(name, opOfRead.get(name) as string, 0);
      }
      return inside.get(group === 'batch' ? graphNames.batch(index) : graphNames.scalar(index)) as string;
    },
  });
  const assigns = assignNodes(body, plan, graphNames.variable, readNames, functionReference);
  const outputName = graphNames.output;
  const ends = body.outputs.map(({ value, type }, index) => {
    const [name, kept] = [outputName(index), keptType(type, plan.isForGpu)];
    return {
      output: { name, type: kept },
      inside: sameBits(`${name}_kept`, value, type, kept, functionReference),
      outside:
        kept === type
          ? identity(name, `${CALL}:${index}`, type)
          : bitcast(name, `${CALL}:${index}`, kept, type),
    };
  });
  const definition: GraphFunction = {
    name: STEP_FUNCTION,
    inputs,
    outputs: ends.map(({ output }) => output),
    nodes: [
      ...values.flatMap(({ inside }) => inside.nodes),
      ...reads,
      ...body.nodes,
      ...assigns.nodes,
      ...ends.flatMap(({ inside }) => inside.nodes),
    ],
    returns: Object.fromEntries(ends.map(({ output, inside }) => [output.name, inside.value])),
    effects: assigns.names,
    attributes: MUST_COMPILE,
  };
  const call = node(
    CALL,
    'StatefulPartitionedCall',
    [
      ...values.map(({ outside }) => outside.value),
      ...state.map((_, index) => `${graphNames.variable(index)}:0`),
    ],
    {
      Tin: { kind: 'list(type)', value: inputs.map(({ type }) => type) },
      Tout: { kind: 'list(type)', value: ends.map(({ output }) => output.type) },
      f: { kind: 'function', value: STEP_FUNCTION },
      config: { kind: 'string', value: '' },
      config_proto: { kind: 'string', value: '' },
      executor_type: { kind: 'string', value: '' },
      ...MUST_COMPILE,
    },
  );
  return {
    nodes: [
      ...values.flatMap(({ outside }) => outside.nodes),
      call,
      ...ends.map(({ outside }) => outside),
      ...doneNodes(graphNames.stepped, [CALL]),
    ],
    functions: [definition],
  };
}

/** Every read of the old state comes before the first write of the new. */
function assignNodes(
  body: Body,
  { isForGpu }: ProgramPlan,
  variable: (index: number) => string,
  reads: readonly string[],
  reference: BodyNames['reference'],
): { readonly nodes: readonly GraphNode[]; readonly names: readonly string[] } {
  const after = reads.map((name) => `^${name}`);
  const written = body.nextState.map(({ index, value, type }) => {
    const [name, kept] = [`assign_${index}`, keptType(type, isForGpu)];
    const source = sameBits(`${name}_kept`, value, type, kept, reference);
    return { name, nodes: [...source.nodes, assign(name, variable(index), source.value, kept, after)] };
  });
  return { nodes: written.flatMap(({ nodes }) => nodes), names: written.map(({ name }) => name) };
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
export function feedName(name: string, type: number, isForGpu: boolean): string {
  return isForGpu && type === TF_FLOAT ? `${name}_bits` : name;
}

function argumentNodes(name: string, shape: readonly number[], type: number, isForGpu: boolean): GraphNode[] {
  const fed = feedName(name, type, isForGpu);
  const fedType = fed === name ? type : TF_INT32;
  const placeholder = node(fed, 'Placeholder', [], {
    dtype: typeAttribute(fedType),
    shape: { kind: 'shape', value: shape },
  });
  if (fed === name) return [placeholder];
  return [placeholder, bitcast(name, `${fed}:0`, fedType, type)];
}

function bitcast(name: string, value: string, from: number, to: number): GraphNode {
  return node(name, 'Bitcast', [value], { T: typeAttribute(from), type: typeAttribute(to) });
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
