import { appendFileSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readCheckpoint, verifyCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { findCheckpoint } from '../../src/checkpoint/run-folder.js';
import { loadKind } from '../../src/config/kinds.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import type { RunEventBody } from '../../src/events/event.js';
import { readEventLog } from '../../src/events/event-log.js';
import { runPretraining } from '../../src/pipeline/pretrain.js';
import { replayStep } from '../../src/pipeline/replay.js';
import { writeTinyDataset } from './tiny-data.js';
import { watchedContext } from './watched-context.js';

const folder = mkdtempSync(join(tmpdir(), 'trouble-'));
const data = join(folder, 'data');
beforeAll(() => writeTinyDataset(data));

function settingsOf(name: string, overrides: readonly string[]) {
  return loadKind('pretrain', {
    file: null,
    overrides: [
      ...[
        'kind=pretrain',
        `name=${name}`,
        `data.folder="${data}"`,
        'window={windowFrames: 16, patchFrames: 2}',
      ],
      'encoder={type: transformer, width: 16, layers: 1, heads: 2, feedForward: 16}',
      ...['training.duration={steps: 6}', 'training.batchWindows=8', 'training.warmupSteps=2'],
      ...['training.workers=0', 'log.everySteps=1', 'checkpoint.everySteps=2', 'probe=null'],
      ...['engine={device: cpu, mode: graph}', ...overrides],
    ],
    environment: {},
  });
}

async function run(
  name: string,
  overrides: readonly string[] = [],
  { resume = false, onEvent = (_: RunEventBody): void => {} } = {},
) {
  const loaded = settingsOf(name, overrides);
  const context = watchedContext(onEvent);
  const job = {
    settings: loaded.settings,
    given: { text: '', overrides: loaded.overrides, complete: loaded.unexpanded },
    folder: join(folder, name),
    policy: { resume, overwrite: false, forceUnlock: false },
  };
  return { ...(await runPretraining(job, context)), events: context.events };
}

const messagesOf = (events: readonly RunEventBody[]) =>
  events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
const lastOf = (name: string) => findCheckpoint(join(folder, name), 'last') as string;

describe('a run whose data set changes', () => {
  const poses = join(data, 'pose.f32');

  it('stops before its next checkpoint, and keeps the last one', async () => {
    const original = readFileSync(poses);
    const meddle = (event: RunEventBody) => {
      if (event.type === 'step' && event.step === 3) appendFileSync(poses, 'x');
    };
    await expect(run('meddled', [], { onEvent: meddle })).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringContaining('was changed while a run was using it'),
    });
    verifyCheckpoint(lastOf('meddled'));
    expect(readCheckpoint(lastOf('meddled')).header.step).toBe(2);
    writeFileSync(poses, original);
    // What was written back is looked at, and found to be the same.
    expect(await run('meddled', [], { resume: true })).toMatchObject({ ending: 'done', step: 6 });
  });

  it('is not resumed on other poses, nor without any', async () => {
    const stop = (event: RunEventBody) => {
      if (event.type === 'checkpoint' && event.step === 2) throw new Error('stopped here');
    };
    await expect(run('vanished', [], { onEvent: stop })).rejects.toThrow('stopped here');
    const original = readFileSync(poses);
    const other = Buffer.from(original);
    other[40] ^= 1;
    writeFileSync(poses, other);
    await expect(run('vanished', [], { resume: true })).rejects.toMatchObject({ kind: 'data' });
    writeFileSync(poses, original);
    renameSync(data, `${data}-away`);
    await expect(run('vanished', [], { resume: true })).rejects.toMatchObject({ kind: 'data' });
    renameSync(`${data}-away`, data);
    expect(readCheckpoint(lastOf('vanished')).header.step).toBe(2);
  });
});

it('is told that a guard has nothing to compare before it goes by it', async () => {
  const dataset = openDataset(data);
  const id = dataset.recordings.find(({ tracks }) => tracks.includes('task1'))?.id;
  dataset.close();
  const monitor = 'monitor: {metric: neighbours agree, patienceProbes: 2}';
  const guards = `probe={everySteps: 1, windows: 16, track: task1, ${monitor}}`;
  await expect(run('one-held-out', [`data.holdOut.recordings=["${id}"]`, guards])).rejects.toThrow(
    'monitor.metric is neighbours agree, which the probe gives as NaN',
  );
});

it('counts recordings whose labels decide which checkpoint is best as seen', async () => {
  const dataset = openDataset(data);
  const labelled = dataset.recordings.filter(({ tracks }) => tracks.includes('task1'));
  dataset.close();
  const held = labelled.slice(0, 2).map(({ id }) => id);
  const seen = async (name: string, metric: string) => {
    const monitor = `monitor: {metric: ${metric}}`;
    const { checkpoint } = await run(name, [
      ...[`data.holdOut.recordings=${JSON.stringify(held)}`, 'training.duration={steps: 1}'],
      `probe={everySteps: 1, windows: 32, track: task1, ${monitor}}`,
    ]);
    const { recordings } = readCheckpoint(checkpoint).header.settings as { recordings: { id: string }[] };
    return held.filter((id) => recordings.some((own) => own.id === id));
  };
  expect(await seen('by-spread', 'spread')).toEqual([]);
  expect(await seen('by-labels', 'neighbours agree')).toEqual(held);
});

describe('a clock that jumps', () => {
  it('changes neither bits nor durations', async () => {
    const calm = await run('calm');
    const hours = [0, -5, 3, -48, 1];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-01T00:00:00Z') });
    try {
      let jumps = 0;
      const jump = () => vi.setSystemTime(Date.parse('2026-03-01T00:00:00Z') + 3.6e6 * hours[jumps++ % 5]);
      const jumped = await run('jumped', [], { onEvent: jump });
      expect(readCheckpoint(jumped.checkpoint).tensors).toEqual(readCheckpoint(calm.checkpoint).tensors);
      const events = readEventLog(join(jumped.folder, 'events.jsonl'));
      expect(new Set(events.map(({ time }) => time.slice(0, 10))).size).toBeGreaterThan(1);
      const seconds = events.flatMap((event) => ('seconds' in event ? [event.seconds] : []));
      expect(seconds).toHaveLength(4); // three checkpoints and the end
      for (const took of seconds) expect(took).toSatisfy((value: number) => value >= 0 && value < 3000);
      const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []));
      expect(
        steps.slice(1).every(({ windowsPerSecond, etaSeconds }) => windowsPerSecond > 0 && etaSeconds >= 0),
      ).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a run that starts from the weights of another', () => {
  it('has its encoder, a new optimiser, and may differ in everything else', async () => {
    const first = await run('first', ['objectives=[{type: masked, decoder: {width: 8, heads: 2}}]']);
    // A step that moves nothing shows where it began.
    const rest = [
      'training.duration={steps: 1}',
      'training.learningRate=1e-30',
      'training.finalLearningRate=0',
    ];
    const objective = 'objectives=[{type: contrastive}]';
    const from = `training.startFrom="${first.folder}"`;
    const second = await run('second', [...rest, objective, from, 'seed=9']);
    const [before, after] = [first, second].map(({ checkpoint }) => readCheckpoint(checkpoint).tensors);
    const encoder = Object.keys(before).filter((name) => name.startsWith('encoder/'));
    expect(encoder.length).toBeGreaterThan(5);
    for (const name of encoder) expect(after[name].data, name).toEqual(before[name].data);
    const told = messagesOf(second.events).join('\n');
    expect(told).toContain(`starts from ${encoder.length} tensors of ${first.checkpoint} (step 6)`);
    expect(told).toMatch(/random: .*contrastive/);
    const resolved = JSON.parse(readFileSync(join(second.folder, 'resolved.json'), 'utf8'));
    expect(resolved.startFrom).toMatchObject({ path: first.checkpoint, step: 6 });
  });

  it('counts what those weights had learned from as seen', async () => {
    const half = 'data.holdOut.modulo={divisor: 2, remainders: [0]}';
    const other = 'data.holdOut.modulo={divisor: 2, remainders: [1]}';
    const before = await run('half', [half]);
    const after = await run('other-half', [other, `training.startFrom="${before.folder}"`]);
    const seen = (path: string) => {
      const { recordings } = readCheckpoint(path).header.settings as { recordings: { id: string }[] };
      return recordings.map(({ id }) => id);
    };
    const alone = await run('other-half-alone', [other]);
    expect(new Set(seen(after.checkpoint))).toEqual(
      new Set([...seen(before.checkpoint), ...seen(alone.checkpoint)]),
    );
  });

  it('is told where there are no weights', async () => {
    await expect(run('nowhere', [`training.startFrom="${join(folder, 'missing')}"`])).rejects.toMatchObject({
      kind: 'data',
    });
  });
});

describe('a diverged step', () => {
  const wild = ['training.learningRate=1e20', 'training.warmupSteps=0', 'training.maxGradientNorm=1e20'];

  it('is named, and run again alone: whole and window by window', async () => {
    await expect(run('wild', wild)).rejects.toMatchObject({
      kind: 'failure',
      message: expect.stringMatching(
        /^Training diverged: the loss parts .* are not finite at step 1 \(.*learning rate .*gradient norm before it \d/,
      ),
      hint: expect.stringMatching(/--replay .* runs it alone\. A lower training\.learningRate may help/),
    });
    const file = join(folder, 'wild', 'diverged-step-000001.json');
    const before = readFileSync(file);
    const { settings } = settingsOf('wild', wild);
    const replayed = await replayStep(
      { settings, file },
      watchedContext(() => {}),
    );
    expect(replayed).toMatchObject({ step: 1, allFinite: false });
    expect(replayed.windows).toHaveLength(8);
    expect(replayed.windows[0].allFinite).toBe(false);
    expect(replayed.windows.every(({ largestInput }) => Number.isFinite(largestInput))).toBe(true);
    expect(readFileSync(file)).toEqual(before);
    const other = settingsOf('wild', [...wild, 'seed=5']).settings;
    await expect(
      replayStep(
        { settings: other, file },
        watchedContext(() => {}),
      ),
    ).rejects.toThrow('do not give the windows');
  });
});
