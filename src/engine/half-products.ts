/**
 * Matrix products in bfloat16: both factors are rounded to it, each once however often it is used, and the product
 * comes back as float32.
 */
import { TF_BFLOAT16, TF_FLOAT, TF_INT32 } from './element-types.js';
import type { AttributeValue, ConstantValue } from './recording.js';

/**
 * `cast-back`: TensorFlow's own product of bfloat16, cast to float32.
 * `xla-dot`: XLA's product, which adds up and gives float32. On a CPU XLA takes the processor's bfloat16 instructions
 * (AMX, AVX-512) for these alone, and only where the first factor is not transposed and both lie row by row in memory;
 * a product of any other kind is computed in float32.
 */
export type HalfProductWay = 'cast-back' | 'xla-dot';

type Attributes = Readonly<Record<string, AttributeValue>>;

/** A product as TensorFlow writes it in float32. */
export interface Product {
  /** The node that shall give it. */
  readonly name: string;
  readonly op: 'MatMul' | 'BatchMatMulV2';
  readonly attributes: Attributes;
  /** [left, right], of equal rank. */
  readonly factors: readonly string[];
  readonly rank: number;
}

/** Adds nodes to a graph. */
export interface NodeWriter {
  /** @returns the reference of the node's first output */
  operation(name: string, op: string, inputs: readonly string[], attributes: Attributes): string;
  constant(name: string, value: ConstantValue): string;
}

const T: AttributeValue = { kind: 'type', value: TF_BFLOAT16 };
const FLOAT: AttributeValue = { kind: 'type', value: TF_FLOAT };
const INDEX: AttributeValue = { kind: 'type', value: TF_INT32 };
const NO: AttributeValue = { kind: 'bool', value: false };

export class HalfProducts {
  /** The op of the node that gives a product. */
  readonly resultOp: 'Cast' | 'XlaDotV2';
  private readonly halves = new Map<string, string>();

  constructor(
    private readonly nodes: NodeWriter,
    way: HalfProductWay,
  ) {
    this.resultOp = way === 'cast-back' ? 'Cast' : 'XlaDotV2';
  }

  write(product: Product): void {
    const { name, op, attributes, factors, rank } = product;
    if (this.resultOp === 'Cast') {
      const halves = factors.map((factor) => this.once(factor, (id) => this.cast(`half_${id}`, factor)));
      const half = this.nodes.operation(`${name}_half`, op, halves, { ...attributes, T });
      this.nodes.operation(name, 'Cast', [half], { SrcT: T, DstT: FLOAT, Truncate: NO });
      return;
    }
    const [left, right] = factors.map((factor) => this.rowByRow(factor)) as [string, string];
    const [isLeftSwapped, isRightSwapped] = swapsOf(product);
    const first = isLeftSwapped ? this.swapped(left, rank) : left;
    this.nodes.operation(name, 'XlaDotV2', [first, right], {
      ...{ LhsT: T, RhsT: T, preferred_element_type: FLOAT },
      dimension_numbers: { kind: 'string', value: dimensionNumbers(rank, isRightSwapped) },
      precision_config: { kind: 'string', value: '' },
    });
  }

  private cast(name: string, value: string): string {
    return this.nodes.operation(name, 'Cast', [value], { SrcT: FLOAT, DstT: T, Truncate: NO });
  }

  private rowByRow(value: string): string {
    return this.once(value, (id) => this.relaid(this.cast(`half_${id}`, value), id));
  }

  /**
   * `value` [..., m, n] with its last two axes swapped, for real: left to itself XLA would put the swap back into the
   * product.
   */
  private swapped(value: string, rank: number): string {
    return this.once(`swapped ${value}`, (id) => {
      const axes = Int32Array.from({ length: rank }, (_, axis) => axis);
      axes.set([rank - 1, rank - 2], rank - 2);
      const order = this.nodes.constant(`order_${id}`, { shape: [rank], type: TF_INT32, data: axes });
      const turned = this.nodes.operation(`swap_${id}`, 'Transpose', [value, order], { T, Tperm: INDEX });
      return this.nodes.operation(`swapped_${id}`, 'XlaOptimizationBarrier', [this.relaid(turned, id)], {
        T: { kind: 'list(type)', value: [TF_BFLOAT16] },
      });
    });
  }

  /**
   * The same values. A transposed array keeps its place in memory until XLA chooses layouts, which is after it has
   * chosen products; an axis put on and taken off again makes it one that lies row by row.
   */
  private relaid(value: string, id: number): string {
    const axis = this.nodes.constant(`axis_${id}`, { shape: [], type: TF_INT32, data: Int32Array.of(0) });
    const raised = this.nodes.operation(`raised_${id}`, 'ExpandDims', [value, axis], { T, Tdim: INDEX });
    const squeeze_dims: AttributeValue = { kind: 'list(int)', value: [0] };
    return this.nodes.operation(`relaid_${id}`, 'Squeeze', [raised], { T, squeeze_dims });
  }

  private once(key: string, make: (id: number) => string): string {
    const known = this.halves.get(key);
    if (known !== undefined) return known;
    const made = make(this.halves.size);
    this.halves.set(key, made);
    return made;
  }
}

/** Whether a product swaps the last two axes of its left and of its right factor. */
function swapsOf({ op, attributes }: Product): boolean[] {
  const names = op === 'MatMul' ? ['transpose_a', 'transpose_b'] : ['adj_x', 'adj_y'];
  return names.map((name) => {
    const flag = attributes[name];
    return flag?.kind === 'bool' && flag.value;
  });
}

/**
 * XLA's message `DotDimensionNumbers` on the wire, for a left factor [batch..., m, k] and a right one [batch..., k, n]
 * or, swapped, [batch..., n, k]: fields 1 and 2 hold the axes that are summed over, 3 and 4 the batch axes.
 */
function dimensionNumbers(rank: number, isRightSwapped: boolean): string {
  const batch = Array.from({ length: rank - 2 }, (_, axis) => axis);
  const fields = [[rank - 1], [isRightSwapped ? rank - 1 : rank - 2], batch, batch];
  const bytes = fields.flatMap((axes, index) =>
    axes.length === 0 ? [] : [((index + 1) << 3) | 2, axes.length, ...axes],
  );
  return String.fromCharCode(...bytes);
}
