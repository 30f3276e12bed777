/** TensorFlow's DataType numbers, as far as programs use them. */
export const TF_FLOAT = 1;
export const TF_INT32 = 3;
const TF_BOOL = 10;
export const TF_BFLOAT16 = 14;
export const TF_RESOURCE = 20;

const NAMES: Readonly<Record<number, string>> = {
  [TF_FLOAT]: 'float32',
  [TF_INT32]: 'int32',
  [TF_BOOL]: 'bool',
  [TF_BFLOAT16]: 'bfloat16',
  [TF_RESOURCE]: 'resource',
};

export function elementTypeName(type: number): string {
  return NAMES[type] ?? `type ${type}`;
}

/** The number of float32 or int32. */
export function elementTypeNumber(name: 'float32' | 'int32'): number {
  return name === 'float32' ? TF_FLOAT : TF_INT32;
}
