import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events/event.js';
import { openTensorBoardLog, scalarsOf } from '../../src/events/tensorboard.js';
import { at, GUARD, resultOf, stepAt } from '../ui/example-events.js';

const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const environment = join(caches, 'whisker', 'tensorboard-reader');
const python = join(environment, 'bin', 'python');

function call(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed:\n${stderr.slice(-2000)}`);
  return stdout;
}

const READ = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
accumulator = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}).Reload()
tags = accumulator.Tags()["scalars"]
print(json.dumps({tag: [[event.step, event.value] for event in accumulator.Scalars(tag)] for tag in tags}))
`;

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1')('the TensorBoard package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tensorboard-'));
  beforeAll(() => {
    if (!existsSync(python)) call('python3', '-m', 'venv', environment);
    call(python, '-m', 'pip', 'install', '--quiet', 'tensorboard==2.*', 'setuptools<80');
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  /** One start of a run. */
  function write(resumedStep: number | null, nowSeconds: number, events: readonly RunEvent[]): void {
    const log = openTensorBoardLog({ folder, resumedStep, nowSeconds: () => nowSeconds, host: 'host' });
    for (const event of events) log.receive(event);
    log.close();
  }

  it('reads every number of a run that was resumed from an earlier step, none twice', () => {
    const steps = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => stepAt(from + index));
    write(null, 1_800_000_000, [...steps(1, 400), GUARD, ...steps(401, 460)]);
    // Resumed from the checkpoint of step 420, on a machine whose clock is an hour behind.
    const rest = [...steps(421, 500), resultOf(4), at({ type: 'message', level: 'info', text: 'x' })];
    write(420, 1_799_996_400, rest);
    const expected = new Map<string, [number, number][]>();
    let step = 0;
    for (const event of [...steps(1, 400), GUARD, ...steps(401, 420), ...rest]) {
      if ('step' in event) step = event.step;
      for (const [tag, value] of scalarsOf(event)) {
        expected.set(tag, [...(expected.get(tag) ?? []), [step, Math.fround(value)]]);
      }
    }
    expect(JSON.parse(call(python, '-c', READ, folder))).toEqual(Object.fromEntries(expected));
  });
});
