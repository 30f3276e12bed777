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

/** What steps have left for the next event; plain numbers, exact in a checkpoint. */
export interface PendingReport {
  readonly steps: number;
  /** Sums of the outputs, by name. */
  readonly sums: Readonly<Record<string, number>>;
  /** Of the last of these steps. */
  readonly learningRate: number;
}

export const NOTHING_PENDING: PendingReport = { steps: 0, sums: {}, learningRate: 0 };

/** Collects the outputs of steps into one event for all of them. */
export interface StepReport {
  add(outputs: HostArrays, learningRate: number, took: StepTimes): void;
  /**
   * The event of the steps since the last one: means of loss, parts and gradient norm; the last learning rate.
   *
   * @param step updates made so far
   */
  take(step: number): StepEvent;
  /** What no event has told yet. */
  pending(): PendingReport;
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
 * @param before what an earlier start of the run has left
 */
export function startStepReport(shape: ReportShape, now: () => number, before: PendingReport): StepReport {
  let isFirst = true;
  let since = now();
  let pending = before;
  let timed = { steps: 0, seconds: 0, waited: 0 };
  let paces: readonly number[] = [];
  return {
    add(outputs, learningRate, { waitedSeconds, seconds }) {
      const sums = Object.entries(outputs).map(([name, { data }]) => [
        name,
        (pending.sums[name] ?? 0) + data[0],
      ]);
      pending = { steps: pending.steps + 1, sums: Object.fromEntries(sums), learningRate };
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
      const { steps, sums, learningRate } = pending;
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
        learningRate,
        gradientNorm: mean('gradientNorm'),
        windowsPerSecond,
        framesPerSecond: windowsPerSecond * shape.windowFrames,
        waitingShare: timed.waited / timed.seconds,
        memoryBytes: process.memoryUsage.rss(),
        etaSeconds: (shape.totalSteps - step) * medianOf(paces),
      };
      since = end;
      pending = NOTHING_PENDING;
      timed = { steps: 0, seconds: 0, waited: 0 };
      return event;
    },

    pending: () => pending,
  };
}

/** NaN of none. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
