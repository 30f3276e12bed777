import { expect, test } from 'vitest';
import type { JobState, RunEvent } from '../../src/events/event.js';
import { formatBytes, formatCount, formatDuration, formatNumber } from '../../src/ui/format.js';
import { createPlainView } from '../../src/ui/plain.js';
import { at, BUSY, CHECKPOINT, GUARD, STARTED, stepAt } from './example-events.js';

function linesFor(events: readonly RunEvent[], secondsPerEvent = 1): string[] {
  const lines: string[] = [];
  let seconds = 0;
  const view = createPlainView({
    write: (line) => lines.push(line),
    everySeconds: 10,
    nowSeconds: () => seconds,
  });
  for (const event of events) {
    view.receive(event);
    seconds += secondsPerEvent;
  }
  return lines;
}

test('one line an event, in words', () => {
  expect(linesFor([STARTED, stepAt(20), GUARD, CHECKPOINT])).toEqual([
    'pretrain quickstart in checkpoints/quickstart: cpu (xla) on AMD EPYC 7B13, 2 threads, 2,000 steps',
    'step 20/2000  epoch 0.100  loss 2.922  masked 1.461  contrastive 1.501  rate 1.0e-3  gradient 2.345  512 windows/s  32.8k frames/s  waiting 3 %  3 min 20 s left  1.2 GB',
    'guards at step 400: probe 0.531 (healthy 0.3 to 1), spread 0.010 (NOT HEALTHY, healthy above 0.1), identity 0.400 (healthy 0 to 0.5)',
    'checkpoint at step 400 (best so far): checkpoints/quickstart/steps/step-000400.whisker, 0.210 s',
  ]);
});

test('jobs of a sweep are told when they begin and end, and every ten seconds in between', () => {
  const job = (state: JobState, progress: number | null, error: string | null = null): RunEvent =>
    at({
      ...{ type: 'job', id: 'a', variant: '- contrast', seed: 1, state, progress, error },
      ...{ stage: 'pretrain', metric: { name: 'loss', value: 0.5 }, etaSeconds: 70 },
    });
  const counts = { pending: 1, running: 1, done: 0, failed: 0, interrupted: 0 };
  const sweep = at({ type: 'sweep', name: 's', folder: 'f', counts, slots: 1, etaSeconds: null });
  const running = [0.1, 0.2, 0.3].map((progress) => job('running', progress));
  expect(linesFor([job('pending', null), sweep, ...running, job('failed', 0.3, 'no memory')], 4)).toEqual([
    'sweep s: 1 pending, 1 running',
    'job - contrast, seed 1: running  pretrain  10 %  loss 0.500  1 min 10 s left',
    'job - contrast, seed 1: failed  loss 0.500  no memory',
  ]);
});

test('steps are told every ten seconds, the last one always, everything else at once', () => {
  const steps = Array.from({ length: 35 }, (_, index) => stepAt(index + 1));
  const told = linesFor([...steps, stepAt(2000), GUARD]).map((line) => line.split('  ')[0]);
  expect(told.slice(0, -1)).toEqual([
    'step 1/2000',
    'step 11/2000',
    'step 21/2000',
    'step 31/2000',
    'step 2000/2000',
  ]);
});

test('never a control character, always one line', () => {
  const evil = 'a\u001b[2J\r\nb\tc\u0007';
  const lines = linesFor([
    at({ type: 'message', level: 'warning', text: evil }),
    at({ type: 'phase', name: evil, detail: evil }),
  ]);
  expect(lines).toEqual(['warning: a b c', 'a b c: a b c']);
});

test('every kind of event has its line', () => {
  const finished = at({ type: 'finished', outcome: 'done', seconds: 3725, next: ['whisker report x'] });
  const progress = at({
    type: 'progress',
    phase: 'features',
    done: 1200,
    total: null,
    unit: 'frames',
    ratePerSecond: 12,
    etaSeconds: 5,
  });
  const head = at({
    type: 'head',
    task: 'task1',
    features: 'pose',
    seed: 0,
    fold: 2,
    iteration: 30,
    loss: 0.25,
  });
  expect(linesFor([...BUSY.slice(1, 2), progress, head, finished])).toEqual([
    'training: 12 recordings, 40,000 windows',
    'features: 1,200 frames, 12 a second, 5 s left',
    'head task1, pose, seed 0, fold 2: iteration 30, loss 0.250',
    'done after 1 h 02 min',
  ]);
});

test('numbers for people', () => {
  expect([0, 0.12345, 12.345, 1234.5, 12345.6, 1e-4, 1.5e7, -3, Number.NaN].map(formatNumber)).toEqual([
    '0',
    '0.123',
    '12.35',
    '1235',
    '12346',
    '1.0e-4',
    '1.5e+7',
    '-3',
    'NaN',
  ]);
  expect([0, 59.6, 200, 7500, 100_000, Number.NaN].map(formatDuration)).toEqual([
    '0 s',
    '1 min 00 s',
    '3 min 20 s',
    '2 h 05 min',
    '1 d 04 h',
    '?',
  ]);
  expect([999, 1000, 1.25e9, 3e15].map(formatBytes)).toEqual(['999 B', '1.0 kB', '1.3 GB', '3000.0 TB']);
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
});
