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
  /** @param waitedSeconds how long the step had to wait for its batch */
  add(outputs: HostArrays, learningRate: number, waitedSeconds: number): void;
  /**
   * The event of the steps since the last one: means of loss, parts and gradient norm; the last learning rate.
   *
   * @param step updates made so far
   */
  take(step: number): StepEvent;
}

/** @param now seconds of a monotonic clock */
export function startStepReport(shape: ReportShape, now: () => number): StepReport {
  let since = now();
  let sums: Record<string, number> = {};
  let steps = 0;
  let waited = 0;
  let rate = 0;
  return {
    add(outputs, learningRate, waitedSeconds) {
      for (const [name, { data }] of Object.entries(outputs)) sums[name] = (sums[name] ?? 0) + data[0];
      steps++;
      waited += waitedSeconds;
      rate = learningRate;
    },

    take(step) {
      const end = now();
      const seconds = Math.max(end - since, 1e-9);
      const windowsPerSecond = (steps * shape.windowsPerBatch) / seconds;
      const mean = (name: string) => sums[name] / steps;
      const partNames = Object.keys(sums).filter((name) => name.startsWith('part/'));
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
        waitingShare: waited / seconds,
        memoryBytes: process.memoryUsage.rss(),
        etaSeconds: ((shape.totalSteps - step) * seconds) / steps,
      };
      since = end;
      sums = {};
      steps = 0;
      waited = 0;
      return event;
    },
  };
}
