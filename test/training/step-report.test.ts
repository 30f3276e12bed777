import { expect, test } from 'vitest';
import type { HostArrays } from '../../src/arrays.js';
import { NOTHING_PENDING, startStepReport } from '../../src/training/step-report.js';

const OUTPUTS = {
  loss: { shape: [], data: Float32Array.of(2) },
  gradientNorm: { shape: [], data: Float32Array.of(1) },
} as unknown as HostArrays;

/** A report whose clock is moved by hand: steps of 16 windows of 64 frames, 100 in all. */
function startReport() {
  let clock = 0;
  const shape = { totalSteps: 100, windowsPerBatch: 16, windowsPerEpoch: 160, windowFrames: 64 };
  const report = startStepReport(shape, () => clock, NOTHING_PENDING);
  return {
    pass: (seconds: number) => {
      clock += seconds;
    },
    step: (seconds: number, waitedSeconds = 0) => {
      clock += seconds + waitedSeconds;
      report.add(OUTPUTS, 1e-3, { waitedSeconds, seconds });
    },
    take: report.take,
  };
}

test('the first step compiles: rates and the time that is left do not count it', () => {
  const { step, take } = startReport();
  step(30);
  for (let number = 0; number < 4; number++) step(0.2, 0.05);
  const event = take(5);
  expect(event.etaSeconds).toBeCloseTo(95 * 0.25, 6);
  expect(event.windowsPerSecond).toBeCloseTo(16 / 0.25, 6);
  expect(event.waitingShare).toBeCloseTo(0.2, 6);
});

test('a probe lengthens what is left, not the rate of the steps; a pause is forgotten', () => {
  const { step, take, pass } = startReport();
  step(30);
  for (let number = 0; number < 10; number++) step(0.5);
  pass(1); // a probe
  const event = take(11);
  expect(event.windowsPerSecond).toBeCloseTo(32, 6);
  expect(event.etaSeconds).toBeCloseTo(89 * 0.6, 6);
  for (let number = 0; number < 10; number++) step(0.5);
  take(21);
  pass(600); // somebody has paused the run
  for (let number = 0; number < 10; number++) step(0.5);
  // Paces .6, .5, 60.5: the median is .6.
  expect(take(31).etaSeconds).toBeCloseTo(69 * 0.6, 6);
});

test('of the first step alone nothing is known', () => {
  const { step, take } = startReport();
  step(30);
  const event = take(1);
  expect([event.etaSeconds, event.windowsPerSecond, event.waitingShare]).toEqual([NaN, NaN, NaN]);
  expect(event.loss).toBe(2);
});
