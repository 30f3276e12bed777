"""Writes src/engine/op-table.ts: the definitions, from TensorFlow's own registry, of the ops that a recorded step
may hold. Every one of them has an XLA kernel, which is checked here.

    python3 -m venv venv && venv/bin/pip install tensorflow-cpu==2.21.0
    venv/bin/python scripts/golden/op-table.py > src/engine/op-table.ts
"""
import tensorflow as tf
from tensorflow.python.framework import kernels, op_def_registry

assert tf.__version__ == "2.21.0", tf.__version__

# Pure ops whose output shapes follow from input shapes, attributes and constant inputs: no randomness, no state,
# no shapes that depend on values. Every one needs a rule in src/engine/shape-rules.ts.
OPS = """
Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Inv IsFinite IsInf IsNan LeakyRelu Log
Log1p LogicalNot Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softmax LogSoftmax Softplus
Sqrt Square Tan Tanh ZerosLike Identity
AddV2 Sub Mul Div RealDiv DivNoNan FloorDiv FloorMod Maximum Minimum Pow SquaredDifference Atan2 Equal NotEqual Greater
GreaterEqual Less LessEqual LogicalAnd LogicalOr EluGrad
AddN Select SelectV2 Cast MatMul BatchMatMulV2
Sum Mean Max Min Prod All Any ArgMax ArgMin Cumsum Cumprod
Reshape Transpose ExpandDims Pack Unpack SplitV ConcatV2 Slice StridedSlice PadV2 MirrorPad Tile ReverseV2 Fill Range
OneHot GatherV2 GatherNd UnsortedSegmentSum TopKV2 Diag
""".split()

# XLA registers its kernels when it is first used.
tf.function(lambda x: x + 1.0, jit_compile=True)(tf.zeros([]))


def attribute(attr):
    out = {"type": attr.type}
    if attr.HasField("default_value"):
        value = attr.default_value
        kind = value.WhichOneof("value")
        if kind == "s":
            out["default"] = value.s.decode()
        elif kind in ("b", "i", "f", "type"):
            out["default"] = getattr(value, kind)
        elif kind == "list":
            out["default"] = []
        else:
            raise ValueError(kind)
    return out


def argument(arg):
    assert not arg.type_list_attr and not arg.is_ref, arg
    out = {"name": arg.name}
    if arg.type_attr:
        out["typeAttribute"] = arg.type_attr
    else:
        out["type"] = arg.type
    if arg.number_attr:
        out["countAttribute"] = arg.number_attr
    return out


def literal(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value + "'"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {literal(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return repr(value)


def has_xla_kernel(name):
    return any(k.device_type == "XLA_CPU_JIT" for k in kernels.get_registered_kernels_for_op(name).kernel)


print("""/**
 * Definitions of the ops that a recorded step may hold; XLA has a kernel for each. Made by
 * scripts/golden/op-table.py from the registry of TensorFlow %s; never edited by hand. Types are TensorFlow's
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

export const OP_TABLE_TENSORFLOW = '%s';
export const GRAPH_DEF_VERSION = %d;

export const OP_TABLE: Readonly<Record<string, OpDefinition>> = {""" % (tf.__version__, tf.__version__, tf.version.GRAPH_DEF_VERSION))
for name in sorted(OPS):
    definition = op_def_registry.get(name)
    assert definition is not None and not definition.is_stateful, name
    assert has_xla_kernel(name), name
    entry = {
        "inputs": [argument(a) for a in definition.input_arg],
        "outputs": [argument(a) for a in definition.output_arg],
        "attributes": {a.name: attribute(a) for a in definition.attr},
    }
    print(f"  {name}: {literal(entry)},")
print("};")
