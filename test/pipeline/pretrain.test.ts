import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { loadKind } from '../../src/config/kinds.js';
import type { RunEvent, RunEventBody } from '../../src/events/event.js';
import { loadEncoder } from '../../src/pipeline/load-encoder.js';
import { type PretrainSummary, runPretraining } from '../../src/pipeline/pretrain.js';
import { writeTinyDataset } from './tiny-data.js';
import { watchedContext } from './watched-context.js';

const STEPS = 6;
const STOPPED_AT = 3;
const folder = mkdtempSync(join(tmpdir(), 'pretrain-'));
const data = join(folder, 'data');

const ENCODERS = {
  transformer: 'encoder={type: transformer, width: 16, layers: 1, heads: 2, feedForward: 16}',
  temporalConv: 'encoder={type: temporalConv, width: 16, dilations: [1, 2]}',
};
const OBJECTIVES = {
  'masked and contrastive':
    'objectives=[{type: masked, decoder: {width: 8, heads: 2, feedForward: 8}}, {type: contrastive, weight: 0.3}]',
  neighbours: 'objectives=[{type: contrastive, positives: {kind: neighbours, withinSeconds: 1}}]',
};

async function run(
  name: string,
  overrides: readonly string[],
  { resume = false, stopAt = null as number | null, folderName = name } = {},
): Promise<PretrainSummary & { events: RunEventBody[] }> {
  const loaded = loadKind('pretrain', {
    file: null,
    overrides: [
      'kind=pretrain',
      `name=${name}`,
      `data.folder="${data}"`,
      'window={windowFrames: 16, patchFrames: 2}',
      `training.duration={steps: ${STEPS}}`,
      'training.batchWindows=8',
      'training.warmupSteps=2',
      'training.workers=0',
      'log.everySteps=1',
      'checkpoint.everySteps=2',
      'probe={everySteps: 4, windows: 16, track: task1}',
      'engine={device: cpu, mode: graph}',
      ...overrides,
    ],
    environment: {},
  });
  const context = watchedContext((event, stop) => {
    if (event.type === 'step' && event.step === stopAt) stop();
  });
  const job = {
    settings: loaded.settings,
    given: { text: '', overrides: loaded.overrides, complete: loaded.unexpanded },
    folder: join(folder, folderName),
    policy: { resume, overwrite: false, forceUnlock: false },
  };
  return { ...(await runPretraining(job, context)), events: context.events };
}

/** The log without what depends on the clock and the machine. */
function readSteps(runFolder: string) {
  return readFileSync(join(runFolder, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent)
    .flatMap((event) =>
      event.type === 'step'
        ? [[event.step, event.loss, event.parts, event.learningRate, event.gradientNorm]]
        : [],
    );
}

beforeAll(() => writeTinyDataset(data));

describe('runPretraining', { timeout: 240_000 }, () => {
  for (const [encoderName, encoder] of Object.entries(ENCODERS)) {
    for (const [objectiveName, objectives] of Object.entries(OBJECTIVES)) {
      // XLA takes seconds to compile: one combination stands for it.
      const mode = encoderName === 'transformer' && objectiveName !== 'neighbours' ? 'xla' : 'graph';
      it(`stopped and resumed ends with the same bits: ${encoderName}, ${objectiveName}, ${mode}`, async () => {
        const name = `${encoderName}-${objectiveName.replaceAll(' ', '-')}`;
        const settings = [encoder, objectives, `engine.mode=${mode}`];
        const whole = await run(name, settings, { folderName: `${name}-whole` });
        expect(whole).toMatchObject({ ending: 'done', step: STEPS });
        const first = await run(name, settings, { stopAt: STOPPED_AT });
        expect(first).toMatchObject({ ending: 'stopped', step: STOPPED_AT });
        const second = await run(name, settings, { resume: true });
        expect(second).toMatchObject({ ending: 'done', step: STEPS });

        const expected = readCheckpoint(whole.checkpoint);
        const got = readCheckpoint(second.checkpoint);
        expect(Object.keys(got.tensors).sort()).toEqual(Object.keys(expected.tensors).sort());
        for (const [path, { data: values }] of Object.entries(expected.tensors)) {
          expect(Buffer.from(got.tensors[path].data.buffer), path).toEqual(Buffer.from(values.buffer));
        }
        expect(got.header.progress).toEqual(expected.header.progress);
        expect(readSteps(second.folder)).toEqual(readSteps(whole.folder));
        expect(readSteps(second.folder).map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6]);
      });
    }
  }

  it('keeps all that the encoder needs in the checkpoint', async () => {
    const { folder: runFolder } = await run('card', [ENCODERS.transformer, 'data.subsets=[unlabelled]']);
    const { card, parameters, step } = loadEncoder(runFolder, 'last');
    expect(step).toBe(STEPS);
    expect(card.recordings.map(({ id }) => id)).toHaveLength(2);
    expect(card.skeleton.keypoints).toContain('tail_base');
    expect(Object.keys(parameters).every((path) => path.startsWith('encoder/'))).toBe(true);
  });

  it('measures its guards on recordings that are held out', async () => {
    const { events } = await run('guards', [
      ENCODERS.transformer,
      'data.holdOut.modulo={divisor: 2, remainders: [1]}',
    ]);
    const guards = events.flatMap((event) => (event.type === 'guard' ? [event] : []));
    expect(guards.map(({ step }) => step)).toEqual([0, 4, STEPS]);
    for (const { metrics } of guards) {
      expect(metrics.spread.value).toBeGreaterThan(0);
      expect(metrics['effective rank'].value).toBeGreaterThan(1);
    }
  });

  it('refuses to resume with other settings, naming them', async () => {
    await run('changed', [ENCODERS.transformer], { stopAt: 2 });
    await expect(
      run('changed', [ENCODERS.transformer, 'training.learningRate=0.5'], { resume: true }),
    ).rejects.toThrow('training.learningRate: 0.001 -> 0.5');
  });
});
