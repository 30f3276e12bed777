import { expect, test } from 'vitest';
import { EMPTY_CURVE, extendCurve, plotCurve } from '../../src/ui/curve.js';
import { addMessage, INITIAL_STATE, reduceEvent } from '../../src/ui/run-state.js';
import { summaryLines } from '../../src/ui/summary.js';
import { at, BUSY, CHECKPOINT, resultOf, stepAt } from './example-events.js';

const reduce = (events: readonly Parameters<typeof reduceEvent>[1][]) =>
  events.reduce(reduceEvent, INITIAL_STATE);

test('the newest of each event stays; the best checkpoint outlives later ones', () => {
  const state = reduce([...BUSY, { ...CHECKPOINT, step: 600, best: false } as typeof CHECKPOINT]);
  expect(state.step?.step).toBe(600);
  expect(state.checkpoint?.step).toBe(600);
  expect(state.bestCheckpoint?.step).toBe(400);
  expect(state.messages).toHaveLength(2);
});

test('an answer goes when the checkpoint is there that it promised; other messages stay', () => {
  const busy = reduce(BUSY);
  const asked = addMessage(busy, { level: 'answer', text: 'Saving a checkpoint after this step.' });
  expect(asked.messages).toHaveLength(3);
  expect(reduceEvent(asked, CHECKPOINT).messages).toEqual(busy.messages);
});

test('a new phase and a step take older progress away', () => {
  const progress = at({
    type: 'progress',
    phase: 'features',
    done: 1,
    total: 2,
    unit: 'recordings',
    ratePerSecond: null,
    etaSeconds: null,
  });
  expect(reduce([progress]).progress).not.toBeNull();
  expect(reduce([progress, at({ type: 'phase', name: 'heads', detail: '' })]).progress).toBeNull();
  expect(reduce([progress, stepAt(1)]).progress).toBeNull();
});

test('the reducer never changes the state that it was given', () => {
  const before = reduce(BUSY);
  const copy = structuredClone(before);
  for (const event of [stepAt(610), resultOf(1), ...BUSY]) reduceEvent(before, event);
  expect(before).toEqual(copy);
});

test('the sum is a curve of its own only beside several parts', () => {
  expect(Object.keys(reduce([stepAt(1)]).curves)).toEqual(['loss', 'masked', 'contrastive']);
  expect(Object.keys(reduce([stepAt(1, { masked: 1 })]).curves)).toEqual(['masked']);
});

test('lists and curves stay bounded however long the run is', () => {
  let state = INITIAL_STATE;
  for (let step = 1; step <= 3000; step++) {
    state = reduceEvent(state, stepAt(step, { masked: step }));
    state = reduceEvent(state, resultOf(step));
    state = reduceEvent(state, at({ type: 'message', level: 'info', text: `${step}` }));
  }
  expect(state.results).toHaveLength(500);
  expect(state.messages).toHaveLength(500);
  const { points, stride, pending } = state.curves.masked;
  expect(points.length).toBeLessThan(1024);
  // The mean of the averaged points and of what is pending is the mean of all values: (1 + 3000) / 2.
  const sum = points.reduce((total, point) => total + stride * point.value, 0);
  const rest = pending.reduce((total, point) => total + point.value, 0);
  expect((sum + rest) / 3000).toBe(1500.5);
});

test('a rising line: from the lower left dot to the upper right one, drawn through', () => {
  let curve = EMPTY_CURVE;
  for (let step = 0; step < 4; step++) curve = extendCurve(curve, { step, value: step });
  // 2 columns x 1 row = 4 x 4 dots. Heights 0, 1, 2, 3; between neighbours both heights are set:
  // column 0: 0; column 1: 0 1; column 2: 1 2; column 3: 2 3.
  const { rows, low, high } = plotCurve(curve, 2, 1, 3);
  // Cell 0: left dot row 3 (0x40), right dots rows 3 and 2 (0x80 + 0x20); cell 1: left rows 2, 1 (0x04 + 0x02),
  // right rows 1, 0 (0x10 + 0x08).
  expect(rows).toEqual([
    String.fromCodePoint(0x2800 + 0x40 + 0x80 + 0x20, 0x2800 + 0x04 + 0x02 + 0x10 + 0x08),
  ]);
  expect([low, high]).toEqual([0, 3]);
});

test('gaps between points are bridged, what has not happened yet stays empty, one value is a line in the middle', () => {
  const two = [
    { step: 0, value: 0 },
    { step: 3, value: 1 },
  ].reduce(extendCurve, EMPTY_CURVE);
  // Dots 0..3 of 8 are drawn for steps 0..3 of 7: the right half stays blank.
  expect(plotCurve(two, 4, 1, 7).rows[0].slice(2)).toBe('\u2800\u2800');
  expect(plotCurve(two, 4, 1, 7).rows[0].slice(0, 2)).not.toContain('\u2800');
  const one = extendCurve(EMPTY_CURVE, { step: 5, value: 7 });
  expect(plotCurve(one, 2, 1, 5).rows).toEqual(['\u2802\u2800']);
  expect(plotCurve(EMPTY_CURVE, 2, 1, 5).rows).toEqual(['\u2800\u2800']);
});

test('the summary names the last step, unhealthy guards, the checkpoint and every warning', () => {
  const text = summaryLines(reduce(BUSY)).join('\n');
  for (const wanted of ['step 600/2000', 'NOT HEALTHY', 'step-000400', 'warning: recording 7']) {
    expect(text).toContain(wanted);
  }
  expect(text).not.toContain('recorded the step');
});
