/** One update of AdamW in float64, in PyTorch's order; moments are replaced, nothing is written to. */
export interface AdamWTwinState {
  readonly parameter: readonly number[];
  readonly first: readonly number[];
  readonly second: readonly number[];
}

export interface AdamWTwinOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** @param update the number of this update, from 1 */
export function adamWTwin(
  state: AdamWTwinState,
  gradient: readonly number[],
  update: number,
  options: AdamWTwinOptions,
): AdamWTwinState {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = options;
  const first = state.first.map((mean, i) => beta1 * mean + (1 - beta1) * gradient[i]);
  const second = state.second.map((mean, i) => beta2 * mean + (1 - beta2) * gradient[i] ** 2);
  const parameter = state.parameter.map((value, i) => {
    const firstUnbiased = first[i] / (1 - beta1 ** update);
    const secondUnbiased = second[i] / (1 - beta2 ** update);
    return (
      value * (1 - learningRate * weightDecay) -
      (learningRate * firstUnbiased) / (Math.sqrt(secondUnbiased) + epsilon)
    );
  });
  return { parameter, first, second };
}
