import { expect, test } from 'vitest';
import { createEmitter } from '../../src/events/emitter.js';
import type { RunEvent } from '../../src/events/event.js';

const NOW = '2026-01-01T00:00:00.000Z';

test('observers get frozen copies, so that the run’s own data stays its own', () => {
  const received: RunEvent[] = [];
  const { emit, observe } = createEmitter(() => NOW);
  observe({ name: 'list', receive: (event) => received.push(event) });
  const metrics = { f1: 0.5 };
  emit({ type: 'result', task: 'task1', features: 'pose', seed: 0, metrics });
  metrics.f1 = 0.9;
  expect(received).toEqual([
    { time: NOW, type: 'result', task: 'task1', features: 'pose', seed: 0, metrics: { f1: 0.5 } },
  ]);
  expect(() => Object.assign((received[0] as { metrics: object }).metrics, { f1: 1 })).toThrow(TypeError);
});

test('an observer that fails is let go, the others and the run go on and are told once', () => {
  const received: RunEvent[] = [];
  const { emit, observe } = createEmitter(() => NOW);
  observe({
    name: 'events.jsonl',
    receive: () => {
      throw new Error('no space left');
    },
  });
  observe({ name: 'list', receive: (event) => received.push(event) });
  emit({ type: 'phase', name: 'a', detail: '' });
  emit({ type: 'phase', name: 'b', detail: '' });
  expect(received.map((event) => (event.type === 'message' ? event.text : event.type))).toEqual([
    'phase',
    'events.jsonl is no longer written: no space left',
    'phase',
  ]);
});

test('an observer that fails on every event, the warning included, ends nothing', () => {
  const { emit, observe } = createEmitter(() => NOW);
  for (const name of ['one', 'other']) {
    observe({
      name,
      receive: () => {
        throw new Error('broken');
      },
    });
  }
  expect(() => emit({ type: 'phase', name: 'a', detail: '' })).not.toThrow();
});
