/**
 * The output shapes of every op that a recorded step may hold. A step is recorded without computing anything, so the
 * shapes come from here; TensorFlow checks them again when it loads the program.
 */
import { sizeOf } from '../arrays.js';
import type { AttributeValue, ValueInfo } from './recording.js';

type Shape = readonly number[];

/** What a rule sees of a node. */
export interface ShapeQuestion {
  readonly inputs: readonly ValueInfo[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly outputCount: number;
  /** The numbers of an input that must be a constant (axes, sizes); throws when it was computed. */
  constant(input: number): number[];
}

type ShapeRule = (question: ShapeQuestion) => Shape[];

const shapeOf = (question: ShapeQuestion, input: number): Shape =>
  (question.inputs[input] as ValueInfo).shape;
const attributeOf = (question: ShapeQuestion, name: string): unknown => question.attributes[name]?.value;
const fromEnd = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
const replaceAxis = (shape: Shape, axis: number, extents: Shape): Shape => [
  ...shape.slice(0, axis),
  ...extents,
  ...shape.slice(axis + 1),
];

const sameAsFirst: ShapeRule = (question) => [shapeOf(question, 0)];

const broadcast: ShapeRule = (question) => [
  question.inputs.map((input) => input.shape).reduce(broadcastShapes),
];

/** NumPy's rule: aligned from the last axis; 1 stretches. */
function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new Error(`shapes [${a}] and [${b}] don't broadcast`);
    return left === 1 ? right : left;
  });
}

const reduce: ShapeRule = (question) => {
  const shape = shapeOf(question, 0);
  const axes = new Set(question.constant(1).map((axis) => fromEnd(axis, shape.length)));
  if (attributeOf(question, 'keep_dims') === true)
    return [shape.map((extent, axis) => (axes.has(axis) ? 1 : extent))];
  return [shape.filter((_, axis) => !axes.has(axis))];
};

const dropAxis: ShapeRule = (question) => {
  const shape = shapeOf(question, 0);
  return [replaceAxis(shape, fromEnd(question.constant(1)[0] as number, shape.length), [])];
};

const matrixProduct =
  (transposeA: string, transposeB: string): ShapeRule =>
  (question) => {
    const [a, b] = [shapeOf(question, 0), shapeOf(question, 1)];
    const [rows, inner] =
      attributeOf(question, transposeA) === true ? [a.at(-1), a.at(-2)] : [a.at(-2), a.at(-1)];
    const [innerB, columns] =
      attributeOf(question, transposeB) === true ? [b.at(-1), b.at(-2)] : [b.at(-2), b.at(-1)];
    if (inner !== innerB) throw new Error(`inner sizes ${inner} and ${innerB} differ`);
    return [[...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), rows as number, columns as number]];
  };

const reshape: ShapeRule = (question) => {
  const size = sizeOf(shapeOf(question, 0));
  const wanted = question.constant(1);
  const known = wanted.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
  return [wanted.map((extent) => (extent === -1 ? size / known : extent))];
};

const pack: ShapeRule = (question) => {
  const shape = shapeOf(question, 0);
  const axis = fromEnd(attributeOf(question, 'axis') as number, shape.length + 1);
  return [[...shape.slice(0, axis), question.inputs.length, ...shape.slice(axis)]];
};

const unpack: ShapeRule = (question) => {
  const shape = shapeOf(question, 0);
  const part = replaceAxis(shape, fromEnd(attributeOf(question, 'axis') as number, shape.length), []);
  return Array.from({ length: question.outputCount }, () => part);
};

const split: ShapeRule = (question) => {
  const shape = shapeOf(question, 0);
  const axis = fromEnd(question.constant(2)[0] as number, shape.length);
  return question.constant(1).map((extent) => replaceAxis(shape, axis, [extent]));
};

const concat: ShapeRule = (question) => {
  const parts = question.inputs.slice(0, -1).map((input) => input.shape);
  const first = parts[0] as Shape;
  const axis = fromEnd(question.constant(parts.length)[0] as number, first.length);
  return [replaceAxis(first, axis, [parts.reduce((sum, shape) => sum + (shape[axis] as number), 0)])];
};

const slice: ShapeRule = (question) => {
  const begin = question.constant(1);
  const shape = shapeOf(question, 0);
  return [
    question
      .constant(2)
      .map((size, axis) => (size === -1 ? (shape[axis] as number) - (begin[axis] as number) : size)),
  ];
};

/** Without ellipsis and new axes, which tfjs resolves before it calls the op. */
const stridedSlice: ShapeRule = (question) => {
  const mask = (name: string, axis: number): boolean =>
    (((attributeOf(question, name) as number) >> axis) & 1) === 1;
  const [begin, end, strides] = [question.constant(1), question.constant(2), question.constant(3)];
  const extents = shapeOf(question, 0).flatMap((extent, axis) => {
    if (axis >= begin.length) return [extent];
    if (mask('shrink_axis_mask', axis)) return [];
    const stride = strides[axis] as number;
    const [low, high] = stride > 0 ? [0, extent] : [-1, extent - 1];
    const clamp = (index: number): number => Math.min(Math.max(fromEnd(index, extent), low), high);
    const from = mask('begin_mask', axis) ? (stride > 0 ? 0 : extent - 1) : clamp(begin[axis] as number);
    const to = mask('end_mask', axis) ? (stride > 0 ? extent : -1) : clamp(end[axis] as number);
    return [Math.max(0, Math.ceil((to - from) / stride))];
  });
  return [extents];
};

const pad: ShapeRule = (question) => {
  const paddings = question.constant(1);
  return [
    shapeOf(question, 0).map(
      (extent, axis) => extent + (paddings[2 * axis] as number) + (paddings[2 * axis + 1] as number),
    ),
  ];
};

const tile: ShapeRule = (question) => {
  const multiples = question.constant(1);
  return [shapeOf(question, 0).map((extent, axis) => extent * (multiples[axis] as number))];
};

const range: ShapeRule = (question) => {
  const [start, limit, delta] = [0, 1, 2].map((input) => question.constant(input)[0] as number) as [
    number,
    number,
    number,
  ];
  return [[Math.max(0, Math.ceil((limit - start) / delta))]];
};

const oneHot: ShapeRule = (question) => [[...shapeOf(question, 0), question.constant(1)[0] as number]];

const gather: ShapeRule = (question) => {
  const [shape, indices] = [shapeOf(question, 0), shapeOf(question, 1)];
  const axis = fromEnd(question.constant(2)[0] as number, shape.length);
  return [replaceAxis(shape, axis, indices.slice(attributeOf(question, 'batch_dims') as number))];
};

const gatherNd: ShapeRule = (question) => {
  const [shape, indices] = [shapeOf(question, 0), shapeOf(question, 1)];
  return [[...indices.slice(0, -1), ...shape.slice(indices.at(-1) as number)]];
};

const segmentSum: ShapeRule = (question) => {
  const [shape, ids] = [shapeOf(question, 0), shapeOf(question, 1)];
  return [[question.constant(2)[0] as number, ...shape.slice(ids.length)]];
};

const topK: ShapeRule = (question) => {
  const shape = [...shapeOf(question, 0).slice(0, -1), question.constant(1)[0] as number];
  return [shape, shape];
};

const expandDims: ShapeRule = (question) => {
  const shape = shapeOf(question, 0);
  const axis = fromEnd(question.constant(1)[0] as number, shape.length + 1);
  return [[...shape.slice(0, axis), 1, ...shape.slice(axis)]];
};

const transpose: ShapeRule = (question) => [
  question.constant(1).map((axis) => shapeOf(question, 0)[axis] as number),
];

const ruled = (rule: ShapeRule, ops: string): [string, ShapeRule][] => ops.split(' ').map((op) => [op, rule]);

/** Op name -> the shapes of its outputs. */
export const SHAPE_RULES: Readonly<Record<string, ShapeRule>> = Object.fromEntries([
  ...ruled(
    sameAsFirst,
    'Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Inv IsFinite IsInf',
  ),
  ...ruled(
    sameAsFirst,
    'IsNan LeakyRelu Log Log1p LogicalNot Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu',
  ),
  ...ruled(
    sameAsFirst,
    'Sigmoid Sign Sin Sinh Softmax LogSoftmax Softplus Sqrt Square Tan Tanh ZerosLike Identity',
  ),
  ...ruled(sameAsFirst, 'AddN Cast Cumsum Cumprod ReverseV2 EluGrad'),
  ...ruled(
    broadcast,
    'AddV2 Sub Mul Div RealDiv DivNoNan FloorDiv FloorMod Maximum Minimum Pow SquaredDifference Atan2',
  ),
  ...ruled(broadcast, 'Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr SelectV2'),
  ...ruled((question) => [shapeOf(question, 1)], 'Select'),
  ...ruled(reduce, 'Sum Mean Max Min Prod All Any'),
  ...ruled(dropAxis, 'ArgMax ArgMin'),
  ...ruled(matrixProduct('transpose_a', 'transpose_b'), 'MatMul'),
  ...ruled(matrixProduct('adj_x', 'adj_y'), 'BatchMatMulV2'),
  ...ruled(reshape, 'Reshape'),
  ...ruled(transpose, 'Transpose'),
  ...ruled(expandDims, 'ExpandDims'),
  ...ruled(pack, 'Pack'),
  ...ruled(unpack, 'Unpack'),
  ...ruled(split, 'SplitV'),
  ...ruled(concat, 'ConcatV2'),
  ...ruled(slice, 'Slice'),
  ...ruled(stridedSlice, 'StridedSlice'),
  ...ruled(pad, 'PadV2 MirrorPad'),
  ...ruled(tile, 'Tile'),
  ...ruled((question) => [question.constant(0)], 'Fill'),
  ...ruled(range, 'Range'),
  ...ruled(oneHot, 'OneHot'),
  ...ruled(gather, 'GatherV2'),
  ...ruled(gatherNd, 'GatherNd'),
  ...ruled(segmentSum, 'UnsortedSegmentSum'),
  ...ruled(topK, 'TopKV2'),
  ...ruled((question) => [[...shapeOf(question, 0), ...shapeOf(question, 0)]], 'Diag'),
]);
