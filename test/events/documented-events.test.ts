import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/events/event.js';
import { at, BUSY, HEADS, SWEEP } from '../ui/example-events.js';
import { EVENT_TYPES, listUndocumented, readDocumentedEvents } from './documented-events.js';

test('the table in checkpoints/README.md has every type of event', () => {
  expect([...readDocumentedEvents().keys()].sort()).toEqual([...EVENT_TYPES].sort());
});

test('events have the keys and kinds of value that it says', () => {
  const progress = {
    phase: 'features',
    done: 1,
    total: null,
    unit: 'frames',
    ratePerSecond: 2,
    etaSeconds: null,
  };
  const more = [
    at({ type: 'progress', ...progress }),
    at({ type: 'finished', outcome: 'done', seconds: 1, next: ['x'] }),
  ];
  const events = [...BUSY, ...HEADS, ...SWEEP, ...more];
  expect(new Set(events.map(({ type }) => type)).size).toBe(EVENT_TYPES.length);
  expect(events.flatMap(listUndocumented)).toEqual([]);
});

test('what is not documented is told', () => {
  const odd = { ...at({ type: 'message', level: 'info', text: 'x' }), level: 3, more: true };
  expect(listUndocumented(odd as unknown as RunEvent)).toEqual([
    'message: level is 3',
    'message: more is not documented',
  ]);
});
