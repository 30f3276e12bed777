/** Numbers by name, the argument of a float64 twin. */
export type Values = Readonly<Record<string, Float64Array>>;

/**
 * The derivative of a scalar by every entry of one of its arguments: central differences in float64, good to about
 * 1e-8 of the largest derivative.
 */
export function differentiate(value: (values: Values) => number, values: Values, name: string): Float64Array {
  const step = 1e-5;
  return Float64Array.from(values[name], (_, index) => {
    const at = (shift: number) => {
      const moved = values[name].slice();
      moved[index] += shift;
      return value({ ...values, [name]: moved });
    };
    return (at(step) - at(-step)) / (2 * step);
  });
}
