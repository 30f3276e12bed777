import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crc32c } from '../../src/events/crc32c.js';
import type { RunEvent } from '../../src/events/event.js';
import { openTensorBoardLog } from '../../src/events/tensorboard.js';
import golden from '../golden/tensorboard-events.json' with { type: 'json' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-tensorboard-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const time = '2026-01-01T00:00:00.000Z';
const step = (number: number, loss: number): RunEvent => ({
  time,
  type: 'step',
  step: number,
  totalSteps: 400,
  epoch: 0,
  loss,
  parts: { masked: loss / 2 },
  learningRate: 0.001,
  gradientNorm: 3.5,
  windowsPerSecond: 100,
  framesPerSecond: 6400,
  waitingShare: 0.25,
  memoryBytes: 1e9,
  etaSeconds: 1,
});

/** The file that the log wrote, as base64. */
function written(resumedStep: number | null, events: readonly RunEvent[]): string {
  let seconds = 1_700_000_000.25;
  const log = openTensorBoardLog({ folder, resumedStep, nowSeconds: () => seconds++, host: 'host' });
  for (const event of events) log.receive(event);
  log.close();
  const [name] = readdirSync(folder);
  expect(name).toMatch(/^events\.out\.tfevents\.1700000000\.host\.\d+$/);
  return readFileSync(path.join(folder, name)).toString('base64');
}

test('the bytes are those of TensorBoard’s own writer', () => {
  const bytes = written(null, [
    step(1, 2),
    step(300, Number.NaN),
    { time, type: 'phase', name: 'not shown', detail: '' },
    { time, type: 'guard', step: 300, metrics: { größe: { value: -0.5, healthy: [0, 1] } } },
  ]);
  expect(bytes).toBe(golden.fresh);
});

test('a resumed run voids later steps of earlier files', () => {
  const result: RunEvent = {
    time,
    type: 'result',
    task: 'task1',
    features: 'pose',
    seed: 0,
    metrics: { f1: 0.75 },
  };
  expect(written(300, [result])).toBe(golden.resumed);
});

test('CRC-32C of RFC 3720, B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
});
