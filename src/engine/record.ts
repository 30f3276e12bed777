/**
 * Records a step without computing anything. tfjs' native backend turns each kernel into calls of its binding
 * (`executeOp`, `createTensor`); while a step is recorded, a stand-in takes these calls, notes them and answers with
 * the shape that the op would have. So a recording costs milliseconds, needs no device memory, and a step that looks
 * at a value can't be misled: there is none.
 */
import type * as tf from '@tensorflow/tfjs';
import { elementTypeNumber, TF_FLOAT } from './element-types.js';
import type { OutputInfo, Step, Tensors } from './engine.js';
import type { NativeBackend, NativeBinding, NativeTf, OpAttribute, TensorMetadata } from './native.js';
import { outputTypes, resolveAttributes } from './op-attributes.js';
import { OP_TABLE } from './op-table.js';
import type { Signature } from './program.js';
import {
  type ArgumentGroup,
  type ConstantValue,
  infoOf,
  type RecordedNode,
  type Recording,
  type ValueInfo,
  type ValueRef,
} from './recording.js';
import { SHAPE_RULES } from './shape-rules.js';
import { checkStepResult, refuse } from './step-result.js';

/** Ids of recorded tensors, far from those of real ones, so that neither can be taken for the other. */
const FIRST_ID = 2 ** 30;

/** Names that tfjs gives to ops that TensorFlow knows by a newer one. */
const RENAMED: Readonly<Record<string, string>> = { Add: 'AddV2' };

/** An op that no compiled program can hold; the step may still run op by op. */
export class UnsupportedOpError extends Error {
  constructor(readonly op: string) {
    super(`the op ${op} is not among those that a compiled program can hold`);
  }
}

export interface RecordedStep {
  readonly recording: Recording;
  readonly outputs: readonly OutputInfo[];
}

/**
 * @throws UserError when the step reads values, draws random numbers, uses tensors from outside, keeps tensors, or
 *   gives back other state than it was given
 * @throws UnsupportedOpError when it uses an op outside the table
 */
export function recordStep(native: NativeTf, step: Step, signature: Signature): RecordedStep {
  const { tf: tfjs, backend } = native;
  const recorder = new Recorder(native.binding);
  const tensorsBefore = tfjs.memory().numTensors;
  const restore = standIn(backend, recorder);
  try {
    const recorded = tfjs.tidy(() => traceStep(backend, recorder, step, signature) as never) as RecordedStep;
    const kept = tfjs.memory().numTensors - tensorsBefore;
    if (kept > 0) throw refuse(`keeps ${kept} tensors (tf.keep, tf.variable); return them as state`);
    return recorded;
  } finally {
    restore();
  }
}

function traceStep(
  backend: NativeBackend,
  recorder: Recorder,
  step: Step,
  signature: Signature,
): RecordedStep {
  const argument = (group: ArgumentGroup, index: number, info: ValueInfo): tf.Tensor =>
    backend.createOutputTensor(recorder.addArgument(group, index, info));
  const arrays = (group: 'state' | 'batch'): Tensors =>
    Object.fromEntries(
      signature[group].map(({ name, shape, dtype }, index) => [
        name,
        argument(group, index, { shape, type: elementTypeNumber(dtype) }),
      ]),
    );
  const scalars = Object.fromEntries(
    signature.scalars.map((name, index) => [name, argument('scalars', index, { shape: [], type: TF_FLOAT })]),
  );
  const result = step(arrays('state'), arrays('batch'), scalars);
  const outputs = checkStepResult(result, signature.state);
  const refOf = (tensor: tf.Tensor | undefined): ValueRef =>
    recorder.refOf(backend.getInputTensorIds([tensor as tf.Tensor])[0] as number);
  return {
    outputs,
    recording: {
      nodes: recorder.nodes,
      state: signature.state.map(({ name }) => refOf(result.state[name])),
      outputs: outputs.map(({ name }) => refOf(result.outputs[name])),
    },
  };
}

/** Puts the recorder in the place of the binding and bars what a recording can't hold. Returns the way back. */
function standIn(backend: NativeBackend, recorder: Recorder): () => void {
  const { binding, getInputTensorIds, readSync } = backend;
  const { random } = Math;
  const known = new WeakSet<object>();
  const { tensorMap } = backend;
  const prototypeSet = tensorMap.set;
  const assertInside = (dataId: object): void => {
    if (known.has(dataId)) return;
    throw refuse(
      'uses a tensor that was made outside of it',
      'Give it to the step in its state or batch, or make it inside; plain JavaScript numbers may come from outside',
    );
  };

  backend.binding = recorder.asBinding();
  tensorMap.set = (dataId, value) => {
    known.add(dataId);
    prototypeSet.call(tensorMap, dataId, value);
  };
  backend.getInputTensorIds = (tensors) => {
    for (const tensor of tensors) assertInside(tensor.dataId);
    return getInputTensorIds.call(backend, tensors);
  };
  backend.readSync = (dataId) => {
    assertInside(dataId);
    return readSync.call(backend, dataId);
  };
  Math.random = () => {
    throw refuse(
      'draws random numbers, which would be the same in every run of the program',
      'Draw them outside and give them to the step in its batch',
    );
  };
  return () => {
    Math.random = random;
    backend.binding = binding;
    for (const name of ['getInputTensorIds', 'readSync'] as const) Reflect.deleteProperty(backend, name);
    Reflect.deleteProperty(tensorMap, 'set');
  };
}

/** Ops that change nothing where they leave the shape as it is. */
const SHAPE_ONLY = new Set(['Reshape', 'Tile', 'Slice', 'PadV2', 'Identity']);

/** Constants up to this size are looked up among those that are there already. */
const SHARED_CONSTANT_BYTES = 256;

class Recorder {
  readonly nodes: RecordedNode[] = [];
  /** id - FIRST_ID -> what the tensor stands for */
  private readonly refs: ValueRef[] = [];
  /** What a node computes -> its number: the same computation is written once. */
  private readonly known = new Map<string, number>();

  constructor(private readonly real: NativeBinding) {}

  /** The stand-in has the real binding's constants; N-API properties can't be assigned, only defined. */
  asBinding(): NativeBinding {
    const methods = {
      createTensor: (shape: number[], type: number, values: ConstantValue['data']) =>
        this.addConstant(shape, type, values),
      deleteTensor: () => {},
      tensorDataSync: (id: number) => this.readConstant(id),
      executeOp: (op: string, attributes: OpAttribute[], inputs: number[], count: number) =>
        this.addOperation(RENAMED[op] ?? op, attributes, inputs, count),
    };
    return Object.create(
      this.real,
      Object.fromEntries(Object.entries(methods).map(([name, value]) => [name, { value }])),
    ) as NativeBinding;
  }

  addArgument(group: ArgumentGroup, index: number, info: ValueInfo): TensorMetadata {
    return this.add({ kind: 'argument', group, index, outputs: [info] })[0] as TensorMetadata;
  }

  refOf(id: number): ValueRef {
    const ref = this.refs[id - FIRST_ID];
    if (ref === undefined) throw new Error(`tensor ${id} is not part of this recording`);
    return ref;
  }

  private addConstant(shape: readonly number[], type: number, values: ConstantValue['data']): number {
    const value = { shape: [...shape], type, data: values.slice() };
    const isShared = value.data.byteLength <= SHARED_CONSTANT_BYTES;
    const key = isShared
      ? `${type} [${shape}] ${Buffer.from(value.data.buffer).toString('base64')}`
      : undefined;
    return (
      this.add({ kind: 'constant', value, outputs: [{ shape: value.shape, type }] }, key)[0] as TensorMetadata
    ).id;
  }

  /** Kernels read their own constants back at times; anything else has no value yet. */
  private readConstant(id: number): ConstantValue['data'] {
    const node = this.nodes[this.refOf(id).node] as RecordedNode;
    if (node.kind === 'constant') return node.value.data.slice();
    throw refuse(
      'reads the value of a tensor (dataSync, arraySync, print, or tf.gather, which checks its indices)',
      'A program runs without looking: use tf.where in place of if, and tf.oneHot with tf.matMul in place of tf.gather',
    );
  }

  private addOperation(
    op: string,
    given: OpAttribute[],
    inputIds: number[],
    outputCount: number,
  ): TensorMetadata[] {
    const definition = OP_TABLE[op];
    const rule = SHAPE_RULES[op];
    if (definition === undefined || rule === undefined) throw new UnsupportedOpError(op);
    const refs = inputIds.map((id) => this.refOf(id));
    const inputs = refs.map((ref) => infoOf(this.nodes, ref));
    const attributes = resolveAttributes(op, definition, inputs, given);
    const constant = (index: number): number[] => {
      const node = this.nodes[(refs[index] as ValueRef).node] as RecordedNode;
      if (node.kind === 'constant') return Array.from(node.value.data);
      throw refuse(`gives ${op} a computed value where a shape or an axis must be a plain number`);
    };
    const shapes = rule({ inputs, attributes, outputCount, constant });
    const types = outputTypes(definition, attributes);
    const outputs = shapes.map((shape, index) => ({ shape, type: types[index] as number }));
    if (outputs.length !== outputCount || types.length !== outputCount) {
      throw new Error(`${op} was called for ${outputCount} outputs, has ${types.length}`);
    }
    if (isNothing(op, inputs[0], outputs[0])) return [this.refer(refs[0] as ValueRef)];
    const key = `${op} ${refs.map(({ node, output }) => `${node}:${output}`)} ${JSON.stringify(attributes)}`;
    return this.add({ kind: 'operation', op, inputs: refs, attributes, outputs }, key);
  }

  /** Notes a node, or finds the one that computes the same; every tensor gets an id of its own. */
  private add(node: RecordedNode, key?: string): TensorMetadata[] {
    let index = key === undefined ? undefined : this.known.get(key);
    if (index === undefined) {
      index = this.nodes.push(node) - 1;
      if (key !== undefined) this.known.set(key, index);
    }
    return node.outputs.map((_, output) => this.refer({ node: index, output }));
  }

  private refer(ref: ValueRef): TensorMetadata {
    const { shape, type } = infoOf(this.nodes, ref);
    this.refs.push(ref);
    return { id: FIRST_ID + this.refs.length - 1, shape: [...shape], dtype: type };
  }
}

/** Kernels of tfjs cast to the type that a tensor has, and reshape to the shape that it has. */
function isNothing(op: string, input: ValueInfo | undefined, output: ValueInfo | undefined): boolean {
  if (input === undefined || output === undefined) return false;
  if (op === 'Cast') return input.type === output.type;
  return SHAPE_ONLY.has(op) && `${input.shape}` === `${output.shape}`;
}
