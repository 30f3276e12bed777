/** How the learning rate moves over a run. */
export interface Schedule {
  /** The highest rate, reached when the warm-up ends. */
  readonly peak: number;
  /** The rate at the last step. */
  readonly final: number;
  /** Steps of linear rise; 0: none. */
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/**
 * Linear warm-up, then half a cosine down to `final` at the last step. Steps count from 0; the first step of a
 * warm-up of n has rate peak / n. Beyond the last step the rate stays `final`.
 * Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017, eq. 5 (without restarts).
 */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { peak, final, warmupSteps, totalSteps } = schedule;
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const descent = Math.max(1, totalSteps - 1 - warmupSteps);
  const progress = Math.min(1, (step - warmupSteps) / descent);
  return final + ((peak - final) * (1 + Math.cos(Math.PI * progress))) / 2;
}
