/** What a benchmark found out; `scripts/peers` prints the same keys for other libraries. */
export interface BenchResult {
  /** Who did the work: library, device, mode. */
  readonly program: string;
  readonly medianMilliseconds: number;
  readonly minimumMilliseconds: number;
  /** Frames of the windows that one run handles, by the median. */
  readonly framesPerSecond: number;
  /** The most memory that the process held, all that it started with included. */
  readonly peakBytes: number;
}

export interface BenchPlan {
  /** Runs that are made first and not counted: caches fill, the processor speeds up. */
  readonly warmUpRuns: number;
  readonly runs: number;
  /** Frames that one run handles. */
  readonly framesPerRun: number;
}

/** Times each of some runs. @param run does the work once; its number counts from 0, warm-up included */
export async function measureRuns(
  program: string,
  { warmUpRuns, runs, framesPerRun }: BenchPlan,
  run: (number: number) => void | Promise<void>,
): Promise<BenchResult> {
  const milliseconds: number[] = [];
  for (let number = 0; number < warmUpRuns + runs; number++) {
    const started = performance.now();
    await run(number);
    if (number >= warmUpRuns) milliseconds.push(performance.now() - started);
  }
  const median = medianOf(milliseconds);
  return {
    program,
    medianMilliseconds: median,
    minimumMilliseconds: Math.min(...milliseconds),
    framesPerSecond: (1000 * framesPerRun) / median,
    peakBytes: 1024 * process.resourceUsage().maxRSS,
  };
}

/** The middle value, or the mean of the two middle ones. @param values at least one */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
