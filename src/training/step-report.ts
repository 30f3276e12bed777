import type { HostArrays } from '../arrays.js';
import type { RunEventBody } from '../events/event.js';

type StepEvent = Extract<RunEventBody, { type: 'step' }>;

/** What doesn't change during a run. */
export interface ReportShape {
  readonly totalSteps: number;
  readonly windowsPerBatch: number;
  readonly windowsPerEpoch: number;
  readonly windowFrames: number;
}

/** Collects the outputs of steps into one event for all of them. */
export interface StepReport {
  add(outputs: HostArrays, learningRate: number, took: StepTimes): void;
  /**
   * The event of the steps since the last one: means of loss, parts and gradient norm; the last learning rate.
   *
   * @param step updates made so far
   */
  take(step: number): StepEvent;
}

export interface StepTimes {
  /** How long the step had to wait for its batch. */
  readonly waitedSeconds: number;
  /** The step itself. */
  readonly seconds: number;
}

/** The time that is left is told by the median pace of so many reports: one with a pause in it changes nothing. */
const PACES = 9;

/**
 * The first step compiles: neither rates nor the time that is left count it.
 * @param now seconds of a monotonic clock
 */
export function startStepReport(shape: ReportShape, now: () => number): StepReport {
  let isFirst = true;
  let since = now();
  let sums: Record<string, number> = {};
  let steps = 0;
  let timed = { steps: 0, seconds: 0, waited: 0 };
  let rate = 0;
  let paces: readonly number[] = [];
  return {
    add(outputs, learningRate, { waitedSeconds, seconds }) {
      for (const [name, { data }] of Object.entries(outputs)) sums[name] = (sums[name] ?? 0) + data[0];
      steps++;
      rate = learningRate;
      if (isFirst) since = now();
      else {
        timed = {
          steps: timed.steps + 1,
          seconds: timed.seconds + waitedSeconds + seconds,
          waited: timed.waited + waitedSeconds,
        };
      }
      isFirst = false;
    },

    take(step) {
      const end = now();
      const windowsPerSecond = (timed.steps * shape.windowsPerBatch) / timed.seconds;
      const mean = (name: string) => sums[name] / steps;
      const partNames = Object.keys(sums).filter((name) => name.startsWith('part/'));
      if (timed.steps > 0) paces = [...paces, (end - since) / timed.steps].slice(-PACES);
      const event: StepEvent = {
        type: 'step',
        step,
        totalSteps: shape.totalSteps,
        epoch: (step * shape.windowsPerBatch) / shape.windowsPerEpoch,
        loss: mean('loss'),
        parts: Object.fromEntries(partNames.map((name) => [name.slice('part/'.length), mean(name)])),
        learningRate: rate,
        gradientNorm: mean('gradientNorm'),
        windowsPerSecond,
        framesPerSecond: windowsPerSecond * shape.windowFrames,
        waitingShare: timed.waited / timed.seconds,
        memoryBytes: process.memoryUsage.rss(),
        etaSeconds: (shape.totalSteps - step) * medianOf(paces),
      };
      since = end;
      sums = {};
      steps = 0;
      timed = { steps: 0, seconds: 0, waited: 0 };
      return event;
    },
  };
}

/** NaN of none. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
