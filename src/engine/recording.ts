/** A recorded step: a list of pure operations in the order of their execution. */

/** One output of one node. */
export interface ValueRef {
  readonly node: number;
  readonly output: number;
}

export interface ValueInfo {
  readonly shape: readonly number[];
  /** TensorFlow's DataType number. */
  readonly type: number;
}

export interface ConstantValue extends ValueInfo {
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** An attribute of an operation, tagged with TensorFlow's name of its kind. */
export type AttributeValue =
  | { readonly kind: 'type'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'shape'; readonly value: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: ConstantValue }
  | { readonly kind: 'function'; readonly value: string }
  | { readonly kind: 'list(type)'; readonly value: readonly number[] }
  | { readonly kind: 'list(int)'; readonly value: readonly number[] };

export type ArgumentGroup = 'state' | 'batch' | 'scalars';

export type RecordedNode =
  | {
      readonly kind: 'argument';
      readonly group: ArgumentGroup;
      readonly index: number;
      readonly outputs: readonly ValueInfo[];
    }
  | { readonly kind: 'constant'; readonly value: ConstantValue; readonly outputs: readonly ValueInfo[] }
  | {
      readonly kind: 'operation';
      readonly op: string;
      readonly inputs: readonly ValueRef[];
      readonly attributes: Readonly<Record<string, AttributeValue>>;
      readonly outputs: readonly ValueInfo[];
    };

export interface Recording {
  readonly nodes: readonly RecordedNode[];
  /** The new value of each state array, in the order of the signature. */
  readonly state: readonly ValueRef[];
  /** The outputs in the order of their names. */
  readonly outputs: readonly ValueRef[];
}

export function infoOf(nodes: readonly RecordedNode[], ref: ValueRef): ValueInfo {
  return (nodes[ref.node] as RecordedNode).outputs[ref.output] as ValueInfo;
}

/** Whether the state at `index` comes back as it was given. */
export function isUnchangedState(recording: Recording, index: number): boolean {
  const source = recording.nodes[(recording.state[index] as ValueRef).node] as RecordedNode;
  return source.kind === 'argument' && source.group === 'state' && source.index === index;
}

export function changesState(recording: Recording): boolean {
  return recording.state.some((_, index) => !isUnchangedState(recording, index));
}
