/**
 * Definitions of the ops that a recorded step may hold; XLA has a kernel for each. Made by
 * scripts/golden/op-table.py from the registry of TensorFlow 2.21.0; never edited by hand. Types are TensorFlow's
 * DataType numbers.
 */

export interface OpArgument {
  readonly name: string;
  /** The attribute that holds the element type, or the type itself. */
  readonly typeAttribute?: string;
  readonly type?: number;
  /** The attribute that holds how many tensors stand here; without it, one. */
  readonly countAttribute?: string;
}

export interface OpAttributeDefinition {
  readonly type: string;
  readonly default?: number | boolean | string | readonly never[];
}

export interface OpDefinition {
  readonly inputs: readonly OpArgument[];
  readonly outputs: readonly OpArgument[];
  readonly attributes: Readonly<Record<string, OpAttributeDefinition>>;
}

export const OP_TABLE_TENSORFLOW = '2.21.0';
export const GRAPH_DEF_VERSION = 2474;

export const OP_TABLE: Readonly<Record<string, OpDefinition>> = {
  Abs: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Acos: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Acosh: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  AddN: {
    inputs: [{ name: 'inputs', typeAttribute: 'T', countAttribute: 'N' }],
    outputs: [{ name: 'sum', typeAttribute: 'T' }],
    attributes: { N: { type: 'int' }, T: { type: 'type' } },
  },
  AddV2: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  All: {
    inputs: [
      { name: 'input', type: 10 },
      { name: 'reduction_indices', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', type: 10 }],
    attributes: { keep_dims: { type: 'bool', default: false }, Tidx: { type: 'type', default: 3 } },
  },
  Any: {
    inputs: [
      { name: 'input', type: 10 },
      { name: 'reduction_indices', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', type: 10 }],
    attributes: { keep_dims: { type: 'bool', default: false }, Tidx: { type: 'type', default: 3 } },
  },
  ArgMax: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'dimension', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'output_type' }],
    attributes: {
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
      output_type: { type: 'type', default: 9 },
    },
  },
  ArgMin: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'dimension', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'output_type' }],
    attributes: {
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
      output_type: { type: 'type', default: 9 },
    },
  },
  Asin: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Asinh: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Atan: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Atan2: {
    inputs: [
      { name: 'y', typeAttribute: 'T' },
      { name: 'x', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Atanh: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  BatchMatMulV2: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: {
      T: { type: 'type' },
      adj_x: { type: 'bool', default: false },
      adj_y: { type: 'bool', default: false },
      grad_x: { type: 'bool', default: false },
      grad_y: { type: 'bool', default: false },
    },
  },
  Cast: {
    inputs: [{ name: 'x', typeAttribute: 'SrcT' }],
    outputs: [{ name: 'y', typeAttribute: 'DstT' }],
    attributes: {
      SrcT: { type: 'type' },
      DstT: { type: 'type' },
      Truncate: { type: 'bool', default: false },
    },
  },
  Ceil: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  ConcatV2: {
    inputs: [
      { name: 'values', typeAttribute: 'T', countAttribute: 'N' },
      { name: 'axis', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { N: { type: 'int' }, T: { type: 'type' }, Tidx: { type: 'type', default: 3 } },
  },
  Cos: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Cosh: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Cumprod: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'axis', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'out', typeAttribute: 'T' }],
    attributes: {
      exclusive: { type: 'bool', default: false },
      reverse: { type: 'bool', default: false },
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
    },
  },
  Cumsum: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'axis', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'out', typeAttribute: 'T' }],
    attributes: {
      exclusive: { type: 'bool', default: false },
      reverse: { type: 'bool', default: false },
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
    },
  },
  Diag: {
    inputs: [{ name: 'diagonal', typeAttribute: 'T' }],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Div: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  DivNoNan: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Elu: {
    inputs: [{ name: 'features', typeAttribute: 'T' }],
    outputs: [{ name: 'activations', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  EluGrad: {
    inputs: [
      { name: 'gradients', typeAttribute: 'T' },
      { name: 'outputs', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'backprops', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Equal: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', type: 10 }],
    attributes: { T: { type: 'type' }, incompatible_shape_error: { type: 'bool', default: true } },
  },
  Erf: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Exp: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  ExpandDims: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'dim', typeAttribute: 'Tdim' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' }, Tdim: { type: 'type', default: 3 } },
  },
  Expm1: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Fill: {
    inputs: [
      { name: 'dims', typeAttribute: 'index_type' },
      { name: 'value', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' }, index_type: { type: 'type', default: 3 } },
  },
  Floor: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  FloorDiv: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  FloorMod: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  GatherNd: {
    inputs: [
      { name: 'params', typeAttribute: 'Tparams' },
      { name: 'indices', typeAttribute: 'Tindices' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'Tparams' }],
    attributes: {
      Tparams: { type: 'type' },
      Tindices: { type: 'type' },
      bad_indices_policy: { type: 'string', default: '' },
    },
  },
  GatherV2: {
    inputs: [
      { name: 'params', typeAttribute: 'Tparams' },
      { name: 'indices', typeAttribute: 'Tindices' },
      { name: 'axis', typeAttribute: 'Taxis' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'Tparams' }],
    attributes: {
      batch_dims: { type: 'int', default: 0 },
      Tparams: { type: 'type' },
      Tindices: { type: 'type' },
      Taxis: { type: 'type' },
    },
  },
  Greater: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', type: 10 }],
    attributes: { T: { type: 'type' } },
  },
  GreaterEqual: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', type: 10 }],
    attributes: { T: { type: 'type' } },
  },
  Identity: {
    inputs: [{ name: 'input', typeAttribute: 'T' }],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Inv: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  IsFinite: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', type: 10 }],
    attributes: { T: { type: 'type' } },
  },
  IsInf: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', type: 10 }],
    attributes: { T: { type: 'type' } },
  },
  IsNan: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', type: 10 }],
    attributes: { T: { type: 'type' } },
  },
  LeakyRelu: {
    inputs: [{ name: 'features', typeAttribute: 'T' }],
    outputs: [{ name: 'activations', typeAttribute: 'T' }],
    attributes: { alpha: { type: 'float', default: 0.20000000298023224 }, T: { type: 'type', default: 1 } },
  },
  Less: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', type: 10 }],
    attributes: { T: { type: 'type' } },
  },
  LessEqual: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', type: 10 }],
    attributes: { T: { type: 'type' } },
  },
  Log: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Log1p: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  LogSoftmax: {
    inputs: [{ name: 'logits', typeAttribute: 'T' }],
    outputs: [{ name: 'logsoftmax', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  LogicalAnd: {
    inputs: [
      { name: 'x', type: 10 },
      { name: 'y', type: 10 },
    ],
    outputs: [{ name: 'z', type: 10 }],
    attributes: {},
  },
  LogicalNot: { inputs: [{ name: 'x', type: 10 }], outputs: [{ name: 'y', type: 10 }], attributes: {} },
  LogicalOr: {
    inputs: [
      { name: 'x', type: 10 },
      { name: 'y', type: 10 },
    ],
    outputs: [{ name: 'z', type: 10 }],
    attributes: {},
  },
  MatMul: {
    inputs: [
      { name: 'a', typeAttribute: 'T' },
      { name: 'b', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'product', typeAttribute: 'T' }],
    attributes: {
      transpose_a: { type: 'bool', default: false },
      transpose_b: { type: 'bool', default: false },
      T: { type: 'type' },
      grad_a: { type: 'bool', default: false },
      grad_b: { type: 'bool', default: false },
    },
  },
  Max: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'reduction_indices', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: {
      keep_dims: { type: 'bool', default: false },
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
    },
  },
  Maximum: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Mean: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'reduction_indices', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: {
      keep_dims: { type: 'bool', default: false },
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
    },
  },
  Min: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'reduction_indices', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: {
      keep_dims: { type: 'bool', default: false },
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
    },
  },
  Minimum: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  MirrorPad: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'paddings', typeAttribute: 'Tpaddings' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' }, Tpaddings: { type: 'type', default: 3 }, mode: { type: 'string' } },
  },
  Mul: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Neg: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  NotEqual: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', type: 10 }],
    attributes: { T: { type: 'type' }, incompatible_shape_error: { type: 'bool', default: true } },
  },
  OneHot: {
    inputs: [
      { name: 'indices', typeAttribute: 'TI' },
      { name: 'depth', type: 3 },
      { name: 'on_value', typeAttribute: 'T' },
      { name: 'off_value', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { axis: { type: 'int', default: -1 }, T: { type: 'type' }, TI: { type: 'type', default: 9 } },
  },
  OnesLike: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Pack: {
    inputs: [{ name: 'values', typeAttribute: 'T', countAttribute: 'N' }],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { N: { type: 'int' }, T: { type: 'type' }, axis: { type: 'int', default: 0 } },
  },
  PadV2: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'paddings', typeAttribute: 'Tpaddings' },
      { name: 'constant_values', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' }, Tpaddings: { type: 'type', default: 3 } },
  },
  Pow: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Prod: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'reduction_indices', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: {
      keep_dims: { type: 'bool', default: false },
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
    },
  },
  Range: {
    inputs: [
      { name: 'start', typeAttribute: 'Tidx' },
      { name: 'limit', typeAttribute: 'Tidx' },
      { name: 'delta', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'Tidx' }],
    attributes: { Tidx: { type: 'type', default: 3 } },
  },
  RealDiv: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Reciprocal: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Relu: {
    inputs: [{ name: 'features', typeAttribute: 'T' }],
    outputs: [{ name: 'activations', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Relu6: {
    inputs: [{ name: 'features', typeAttribute: 'T' }],
    outputs: [{ name: 'activations', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Reshape: {
    inputs: [
      { name: 'tensor', typeAttribute: 'T' },
      { name: 'shape', typeAttribute: 'Tshape' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' }, Tshape: { type: 'type', default: 3 } },
  },
  ReverseV2: {
    inputs: [
      { name: 'tensor', typeAttribute: 'T' },
      { name: 'axis', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { Tidx: { type: 'type', default: 3 }, T: { type: 'type' } },
  },
  Round: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Rsqrt: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Select: {
    inputs: [
      { name: 'condition', type: 10 },
      { name: 't', typeAttribute: 'T' },
      { name: 'e', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  SelectV2: {
    inputs: [
      { name: 'condition', type: 10 },
      { name: 't', typeAttribute: 'T' },
      { name: 'e', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Selu: {
    inputs: [{ name: 'features', typeAttribute: 'T' }],
    outputs: [{ name: 'activations', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Sigmoid: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Sign: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Sin: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Sinh: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Slice: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'begin', typeAttribute: 'Index' },
      { name: 'size', typeAttribute: 'Index' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' }, Index: { type: 'type' } },
  },
  Softmax: {
    inputs: [{ name: 'logits', typeAttribute: 'T' }],
    outputs: [{ name: 'softmax', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Softplus: {
    inputs: [{ name: 'features', typeAttribute: 'T' }],
    outputs: [{ name: 'activations', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  SplitV: {
    inputs: [
      { name: 'value', typeAttribute: 'T' },
      { name: 'size_splits', typeAttribute: 'Tlen' },
      { name: 'split_dim', type: 3 },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T', countAttribute: 'num_split' }],
    attributes: { num_split: { type: 'int' }, T: { type: 'type' }, Tlen: { type: 'type', default: 9 } },
  },
  Sqrt: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Square: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  SquaredDifference: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  StridedSlice: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'begin', typeAttribute: 'Index' },
      { name: 'end', typeAttribute: 'Index' },
      { name: 'strides', typeAttribute: 'Index' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: {
      T: { type: 'type' },
      Index: { type: 'type' },
      begin_mask: { type: 'int', default: 0 },
      end_mask: { type: 'int', default: 0 },
      ellipsis_mask: { type: 'int', default: 0 },
      new_axis_mask: { type: 'int', default: 0 },
      shrink_axis_mask: { type: 'int', default: 0 },
    },
  },
  Sub: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'y', typeAttribute: 'T' },
    ],
    outputs: [{ name: 'z', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Sum: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'reduction_indices', typeAttribute: 'Tidx' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: {
      keep_dims: { type: 'bool', default: false },
      T: { type: 'type' },
      Tidx: { type: 'type', default: 3 },
    },
  },
  Tan: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Tanh: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
  Tile: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'multiples', typeAttribute: 'Tmultiples' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' }, Tmultiples: { type: 'type', default: 3 } },
  },
  TopKV2: {
    inputs: [
      { name: 'input', typeAttribute: 'T' },
      { name: 'k', typeAttribute: 'Tk' },
    ],
    outputs: [
      { name: 'values', typeAttribute: 'T' },
      { name: 'indices', typeAttribute: 'index_type' },
    ],
    attributes: {
      sorted: { type: 'bool', default: true },
      T: { type: 'type' },
      Tk: { type: 'type', default: 3 },
      index_type: { type: 'type', default: 3 },
    },
  },
  Transpose: {
    inputs: [
      { name: 'x', typeAttribute: 'T' },
      { name: 'perm', typeAttribute: 'Tperm' },
    ],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' }, Tperm: { type: 'type', default: 3 } },
  },
  Unpack: {
    inputs: [{ name: 'value', typeAttribute: 'T' }],
    outputs: [{ name: 'output', typeAttribute: 'T', countAttribute: 'num' }],
    attributes: { num: { type: 'int' }, T: { type: 'type' }, axis: { type: 'int', default: 0 } },
  },
  UnsortedSegmentSum: {
    inputs: [
      { name: 'data', typeAttribute: 'T' },
      { name: 'segment_ids', typeAttribute: 'Tindices' },
      { name: 'num_segments', typeAttribute: 'Tnumsegments' },
    ],
    outputs: [{ name: 'output', typeAttribute: 'T' }],
    attributes: {
      T: { type: 'type' },
      Tindices: { type: 'type' },
      Tnumsegments: { type: 'type', default: 3 },
    },
  },
  ZerosLike: {
    inputs: [{ name: 'x', typeAttribute: 'T' }],
    outputs: [{ name: 'y', typeAttribute: 'T' }],
    attributes: { T: { type: 'type' } },
  },
};
