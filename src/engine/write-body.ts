/** Writes a recorded step's operations as graph nodes: only those that are needed, with the guard and the precision. */

import { elementTypeNumber, TF_FLOAT, TF_INT32 } from './element-types.js';
import type { OutputInfo } from './engine.js';
import type { GraphNode } from './graph.js';
import { HalfProducts, type HalfProductWay, type NodeWriter, type Product } from './half-products.js';
import { OP_TABLE } from './op-table.js';
import type { Signature } from './program.js';
import {
  type ArgumentGroup,
  type AttributeValue,
  type ConstantValue,
  infoOf,
  isUnchangedState,
  type RecordedNode,
  type Recording,
  type ValueRef,
} from './recording.js';
import { GUARD_OUTPUT } from './step-result.js';

export interface BodyPlan {
  readonly recording: Recording;
  readonly signature: Signature;
  readonly outputs: readonly OutputInfo[];
  /** How matrix products are made in bfloat16; null: they stay float32. */
  readonly halfProducts: HalfProductWay | null;
}

/** How the surrounding graph or function names things. */
export interface BodyNames {
  /** Output number `output` of the node `node`, which is an `op`. */
  reference(node: string, op: string, output: number): string;
  argument(group: ArgumentGroup, index: number): string;
}

interface TypedReference {
  readonly value: string;
  readonly type: number;
}

export interface Body {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly TypedReference[];
  /** The state that changes, by position; what comes back as it came needs no write. */
  readonly nextState: readonly (TypedReference & { readonly index: number })[];
}

export const typeAttribute = (value: number): AttributeValue => ({ kind: 'type', value });

/** `name:0`, as nodes of a graph refer to each other. */
export const graphReference: BodyNames['reference'] = (node, _op, output) => `${node}:${output}`;

/** Ops that are not recorded but written beside what is, whose output is called `output`. */
const OTHER_OPS_WITH_OUTPUT = new Set(['Const', 'Bitcast', 'Squeeze', 'XlaDotV2', 'XlaOptimizationBarrier']);

/** `name:argument:0`, as nodes of a function refer to each other: outputs go by their names in the op's definition. */
export const functionReference: BodyNames['reference'] = (node, op, output) => {
  if (OTHER_OPS_WITH_OUTPUT.has(op)) return `${node}:output:0`;
  if (op === 'ReadVariableOp') return `${node}:value:0`;
  const declared = OP_TABLE[op]?.outputs ?? [];
  const first = declared[0];
  if (first === undefined) throw new Error(`${op} has no outputs`);
  if (first.countAttribute !== undefined) return `${node}:${first.name}:${output}`;
  return `${node}:${declared[output]?.name}:0`;
};

export function writeBody(plan: BodyPlan, names: BodyNames): Body {
  const { recording, signature } = plan;
  const writer = new BodyWriter(plan, names);
  const needed = reachable(recording);
  recording.nodes.forEach((recorded, index) => {
    if (needed.has(index)) writer.writeRecorded(recorded, index);
  });
  const guard = writer.writeGuard();
  const nextState = signature.state.flatMap((layout, index) => {
    const ref = recording.state[index] as ValueRef;
    if (isUnchangedState(recording, index)) return [];
    const type = elementTypeNumber(layout.dtype);
    const fresh = writer.nameOf(ref);
    const old = names.argument('state', index);
    const value =
      guard === undefined ? fresh : writer.writeChoice(`guarded_${index}`, guard, fresh, old, type);
    return [{ index, value, type }];
  });
  const outputs = recording.outputs.map((ref) => ({
    value: writer.nameOf(ref),
    type: infoOf(recording.nodes, ref).type,
  }));
  return { nodes: writer.nodes, outputs, nextState };
}

/** Nodes that an output or a new state depends on. */
function reachable(recording: Recording): Set<number> {
  const needed = new Set([...recording.state, ...recording.outputs].map((ref) => ref.node));
  for (let index = recording.nodes.length - 1; index >= 0; index--) {
    const recorded = recording.nodes[index] as RecordedNode;
    if (!needed.has(index) || recorded.kind !== 'operation') continue;
    for (const input of recorded.inputs) needed.add(input.node); // inputs come before their users
  }
  return needed;
}

class BodyWriter implements NodeWriter {
  readonly nodes: GraphNode[] = [];
  private readonly halfProducts: HalfProducts | null;

  constructor(
    private readonly plan: BodyPlan,
    private readonly names: BodyNames,
  ) {
    this.halfProducts = plan.halfProducts === null ? null : new HalfProducts(this, plan.halfProducts);
  }

  nameOf(ref: ValueRef): string {
    const source = this.plan.recording.nodes[ref.node] as RecordedNode;
    if (source.kind === 'argument') return this.names.argument(source.group, source.index);
    return this.names.reference(`n${ref.node}`, this.opOf(source), ref.output);
  }

  writeRecorded(recorded: RecordedNode, index: number): void {
    if (recorded.kind === 'argument') return;
    const name = `n${index}`;
    if (recorded.kind === 'constant') {
      this.constant(name, recorded.value);
      return;
    }
    const inputs = recorded.inputs.map((ref) => this.nameOf(ref));
    const { op, attributes } = asWritten(recorded);
    const halfProducts = this.halfProductsFor(recorded);
    if (halfProducts !== null) {
      const rank = recorded.outputs[0]?.shape.length ?? 2;
      halfProducts.write({ name, op: op as Product['op'], attributes, factors: inputs, rank });
      return;
    }
    if (isLongSum(recorded)) this.writeSum(name, inputs, attributes);
    else this.operation(name, op, inputs, attributes);
  }

  /**
   * A sum of many as additions one after the other: where memory is short TensorFlow rewrites AddN into operations that
   * XLA doesn't have (TemporaryVariable).
   */
  private writeSum(
    name: string,
    inputs: readonly string[],
    { T }: Readonly<Record<string, AttributeValue>>,
  ): void {
    inputs.reduce((sum, input, index) =>
      this.operation(index < inputs.length - 1 ? `${name}_${index}` : name, 'AddV2', [sum, input], { T }),
    );
  }

  /** `ok > 0`, where the step has an output of that name. */
  writeGuard(): string | undefined {
    const index = this.plan.outputs.findIndex((output) => output.name === GUARD_OUTPUT);
    const ok = this.plan.recording.outputs[index];
    if (ok === undefined) return undefined;
    const { type } = infoOf(this.plan.recording.nodes, ok);
    const data = type === TF_INT32 ? new Int32Array(1) : new Float32Array(1);
    const zero = this.constant('guard_zero', { shape: [], type, data });
    return this.operation('guard', 'Greater', [this.nameOf(ok), zero], { T: typeAttribute(type) });
  }

  writeChoice(name: string, condition: string, yes: string, no: string, type: number): string {
    return this.operation(name, 'SelectV2', [condition, yes, no], { T: typeAttribute(type) });
  }

  /** The op of the node that goes by a recorded node's name. */
  private opOf(source: Operation | (RecordedNode & { readonly kind: 'constant' })): string {
    if (source.kind === 'constant') return 'Const';
    if (isLongSum(source)) return 'AddV2';
    return this.halfProductsFor(source)?.resultOp ?? asWritten(source).op;
  }

  /** What writes a product in bfloat16; null for other operations, and where products stay float32. */
  private halfProductsFor(recorded: Operation): HalfProducts | null {
    const isProduct = recorded.op === 'MatMul' || recorded.op === 'BatchMatMulV2';
    return isProduct && recorded.outputs[0]?.type === TF_FLOAT ? this.halfProducts : null;
  }

  constant(name: string, value: ConstantValue): string {
    return this.operation(name, 'Const', [], {
      dtype: typeAttribute(value.type),
      value: { kind: 'tensor', value },
    });
  }

  operation(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
  ): string {
    this.nodes.push({ name, op, inputs, attributes });
    return this.names.reference(name, op, 0);
  }
}

type Operation = RecordedNode & { readonly kind: 'operation' };

/** tfjs calls the batched product for two matrices too; the plain one has the faster kernels. */
function asWritten(recorded: Operation): Pick<Operation, 'op' | 'attributes'> {
  if (recorded.op !== 'BatchMatMulV2' || recorded.outputs[0]?.shape.length !== 2) return recorded;
  const { T, adj_x, adj_y } = recorded.attributes as Record<string, AttributeValue>;
  return {
    op: 'MatMul',
    attributes: { T, transpose_a: adj_x, transpose_b: adj_y } as Operation['attributes'],
  };
}

function isLongSum({ op, inputs }: Operation): boolean {
  return op === 'AddN' && inputs.length > 1;
}
