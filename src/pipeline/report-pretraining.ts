import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readEventLog } from '../events/event-log.js';
import type { Curve, PretrainingReport } from '../report/report-data.js';
import { loadEncoder } from './load-encoder.js';
import { gatherFacts } from './report-facts.js';

/** Points that a picture needs. */
const MOST_POINTS = 400;

/** A pretraining: its curves, and what names its encoder. */
export function gatherPretraining(runFolder: string): PretrainingReport {
  const name = basename(runFolder);
  return {
    name,
    group: name,
    ...gatherCurves(runFolder),
    facts: gatherFacts(runFolder, encoderFacts(runFolder)),
  };
}

/** The curves of a pretraining, from its log of events. */
export function gatherCurves(runFolder: string): Pick<PretrainingReport, 'curves' | 'guards'> {
  const log = join(runFolder, 'events.jsonl');
  const events = existsSync(log) ? readEventLog(log) : [];
  const curves = new Map<string, [number, number][]>();
  const guards = new Map<string, { points: [number, number][]; healthy: readonly [number, number] }>();
  const add = (name: string, step: number, value: number) => {
    if (!Number.isFinite(value)) return;
    const points = curves.get(name);
    if (points === undefined) curves.set(name, [[step, value]]);
    else points.push([step, value]);
  };
  for (const event of events) {
    if (event.type === 'step') {
      add('loss', event.step, event.loss);
      for (const [part, value] of Object.entries(event.parts)) add(`loss: ${part}`, event.step, value);
      add('learning rate', event.step, event.learningRate);
      add('gradient norm', event.step, event.gradientNorm);
    } else if (event.type === 'guard') {
      for (const [name, { value, healthy }] of Object.entries(event.metrics)) {
        if (!Number.isFinite(value)) continue;
        const points = guards.get(name)?.points ?? [];
        guards.set(name, { points: [...points, [event.step, value]], healthy });
      }
    }
  }
  return {
    curves: [...curves].map(([name, points]): Curve => ({ name, points: thin(points) })),
    guards: [...guards].map(([name, { points, healthy }]) => ({ name, points: thin(points), healthy })),
  };
}

/** What names the encoder; nothing while there is no checkpoint. */
function encoderFacts(runFolder: string): [string, string][] {
  if (!existsSync(join(runFolder, 'last'))) return [];
  const { hash, step, card } = loadEncoder(runFolder, 'last');
  return [
    ['encoder, last checkpoint', hash],
    ['step', String(step)],
    ['data set', card.dataset.hash],
    ['recordings learned from', String(card.recordings.length)],
  ];
}

/** Means of neighbouring points, as many as a picture needs. */
function thin(points: readonly [number, number][]): [number, number][] {
  const size = Math.ceil(points.length / MOST_POINTS);
  if (size <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const own = points.slice(index * size, (index + 1) * size);
    const mean = own.reduce((sum, [, value]) => sum + value, 0) / own.length;
    return [own[own.length - 1][0], mean];
  });
}
