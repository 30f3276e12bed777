import { describe, expect, it } from 'vitest';
import { createFeatureSource, joinSources } from '../../../src/evaluation/features/feature-source.js';
import { fitTaskHead, joinLabels, scoreHeldOut } from '../../../src/evaluation/protocols/fit-task-head.js';
import { openTrainingView } from '../../../src/evaluation/protocols/label-views.js';
import {
  createLinearHeads,
  type LinearHeadsOptions,
} from '../../../src/evaluation/protocols/linear-heads.js';
import {
  openTask,
  type RunTaskOptions,
  runTask,
  type TaskOutcome,
} from '../../../src/evaluation/protocols/run-task.js';
import type { Task } from '../../../src/evaluation/protocols/task.js';
import { chanceLevel } from '../../../src/evaluation/statistics/bootstrap.js';
import type { RunEventBody } from '../../../src/events/event.js';
import { headSettings, makeDataset, plainProducts, socialTask, tellingFeatures } from './made-dataset.js';

const dataset = makeDataset(12);
const pooling = {
  statistics: 'moments',
  scalesSeconds: [0, 0.5],
  spread: false,
  reduction: null,
  flagMissing: false,
} as const;
const telling = createFeatureSource(tellingFeatures(dataset, 1), dataset.recordings, pooling, 1);
const noise = createFeatureSource(tellingFeatures(dataset, 100, 'noise'), dataset.recordings, pooling, 1);
const task = socialTask;
const events: RunEventBody[] = [];
const heads = (options: Partial<LinearHeadsOptions> = {}) =>
  createLinearHeads({
    sources: [telling],
    settings: headSettings,
    createProducts: plainProducts,
    memory: null,
    ...options,
  });
const options: RunTaskOptions = {
  dataset,
  open: openTask(dataset, task),
  classifier: heads(),
  seed: 1,
  few: null,
  shifted: false,
  transductive: false,
  withWhole: false,
  anchor: null,
  emit: (event) => events.push(event),
};
const run = async (more: Partial<RunTaskOptions> = {}): Promise<TaskOutcome> =>
  (await runTask({ ...options, ...more })) as TaskOutcome;

describe('a task', () => {
  it('is learned from telling features, not from noise', async () => {
    const { result, fitted } = await run();
    expect(result.metrics.map).toBeGreaterThan(0.85);
    expect(result.metrics.f1).toBeGreaterThan(0.75);
    expect(result.fits[0].unit).toBe('recording');
    expect(result.frames).toBe(6 * 370); // ten base frames and twenty unannotated ones are not scored
    expect(result.classes.map(({ name }) => name)).toEqual(['attack', 'sniff']);
    expect(fitted[0].parts[0].head.classNames).toEqual(task.classes);
    const chance = chanceLevel(result.evidence);
    const byLoss = { ...headSettings, chooseBy: 'loss' } as const;
    const { result: guess } = await run({ classifier: heads({ sources: [noise], settings: byLoss }) });
    expect(Math.abs(guess.metrics.map - chance)).toBeLessThan(0.08);
    expect(guess.fits[0].strengths).toEqual([1]);
  });

  it.each(['map', 'f1', 'loss'] as const)(
    'chooses the strength of a weighted head by the %s of what it says',
    async (chooseBy) => {
      const settings = {
        ...headSettings,
        chooseBy,
        classWeights: 'balanced',
        priorCorrection: true,
      } as const;
      const [split] = options.open.splits;
      const view = openTrainingView(dataset, task, split);
      const { inputs } = telling.fit(view.recordings, split);
      const { tried, heldOut, places } = await fitTaskHead({
        ...{ task, inputs, view, settings, recordings: dataset.recordings, createProducts: plainProducts },
        ...{ anchor: null, onIteration: () => {} },
      });
      if (heldOut === null) throw new Error('nothing was held out');
      const { frames, probabilities } = heldOut;
      const said = scoreHeldOut({ task, settings }, joinLabels(places), frames, probabilities);
      expect(said).toBe(Math.max(...tried.map(({ score }) => score)));
    },
  );

  it('weighs strengths by inputs and labelled recordings where they are those of a prior', async () => {
    const [split] = options.open.splits;
    const view = openTrainingView(dataset, task, split);
    const { inputs } = telling.fit(view.recordings, split);
    const settings = { ...headSettings, strengthUnit: 'prior' } as const;
    const { tried, places } = await fitTaskHead({
      ...{ task, inputs, view, settings, recordings: dataset.recordings, createProducts: plainProducts },
      ...{ anchor: null, onIteration: () => {} },
    });
    expect(places.length).toBeGreaterThan(1);
    expect(inputs.width).toBeGreaterThan(1);
    expect(tried.map(({ strength }) => strength)).toEqual(
      headSettings.strengths.map((strength) => (strength * inputs.width) / places.length),
    );
  });

  it('falls to chance when labels are shifted in time', async () => {
    const { result } = await run({ shifted: true });
    expect(result.features).toBe('telling (labels shifted)');
    expect(Math.abs(result.metrics.map - chanceLevel(result.evidence))).toBeLessThan(0.12);
  });

  it('says what it does: head and result events', async () => {
    events.length = 0;
    await run();
    expect(events.filter(({ type }) => type === 'head').length).toBeGreaterThan(3);
    expect(events.at(-1)).toMatchObject({ type: 'result', task: 'social', features: 'telling', seed: 1 });
  });

  it('warns of a head that is not as near to its optimum as it was to be, and of no other', async () => {
    const warnings = async (more: Partial<typeof headSettings>) => {
      events.length = 0;
      await run({ classifier: heads({ settings: { ...headSettings, strengths: [0.01], ...more } }) });
      return events.filter(({ type }) => type === 'message').length;
    };
    expect(await warnings({ relativeGap: 1e-4 })).toBe(0);
    expect(await warnings({ maxIterations: 2 })).toBe(1);
  });

  it('gives the same figures again', async () => {
    const [a, b] = [await run(), await run()];
    expect(a.result.metrics).toEqual(b.result.metrics);
  });

  it('joins features before the head, or fuses heads', async () => {
    const joined = await run({ classifier: heads({ sources: [joinSources([telling, noise])] }) });
    expect(joined.result.features).toBe('telling+noise');
    const fused = await run({ classifier: heads({ sources: [telling, noise] }) });
    expect(fused.result.features).toBe('telling & noise');
    expect(fused.fitted[0].parts).toHaveLength(2);
    expect(fused.result.metrics.map).toBeGreaterThan(0.8);
  });

  it('fuses by the shares that the folds choose, or alike', async () => {
    const sources = [noise, telling];
    const alone = await run();
    const chosen = await run({ classifier: heads({ sources }) });
    const [noisy, good] = chosen.result.fits[0].shares;
    expect(noisy + good).toBe(1);
    expect(noisy).toBeLessThan(0.5);
    const equal = await run({
      classifier: heads({ sources, settings: { ...headSettings, fusion: 'equal' } }),
    });
    expect(equal.result.fits[0].shares).toEqual([0.5, 0.5]);
    expect(chosen.result.metrics.map).toBeGreaterThan(equal.result.metrics.map);
    expect(alone.result.fits[0].shares).toEqual([1]);
    const single = { ...headSettings, strengths: [1] };
    const unchosen = await run({ classifier: heads({ sources, settings: single }) });
    expect(unchosen.result.fits[0].shares).toEqual([0.5, 0.5]); // no folds, nothing to choose by
  });

  it('fits the heads that rows share once', async () => {
    const memory = new Map();
    let fits = 0;
    const counting: typeof telling = {
      ...telling,
      fit(...given) {
        fits++;
        return telling.fit(...given);
      },
    };
    const row = (names: readonly string[], sources: LinearHeadsOptions['sources']) =>
      run({
        classifier: heads({ sources, memory: { heads: memory, nameOf: (source) => names[source] } }),
      });
    const alone = await row(['telling'], [counting]);
    const fused = await row(['telling', 'noise'], [counting, noise]);
    expect(fits).toBe(1);
    expect(fused.fitted[0].parts[0].head).toBe(alone.fitted[0].parts[0].head);
    const anew = await run({ classifier: heads({ sources: [telling, noise] }) });
    expect(fused.result.metrics).toEqual(anew.result.metrics);
    await row(['telling, seed 2'], [counting]);
    expect(fits).toBe(2);
  });

  it('pools the predictions of folds', async () => {
    const folds = openTask(dataset, { ...task, split: { by: 'number-modulo', subset: null, count: 3 } });
    const { result } = await run({ open: folds });
    expect(result.evidence.recordings).toHaveLength(12);
    expect(result.fits.map(({ split }) => split)).toEqual(['fold 0', 'fold 1', 'fold 2']);
    const withWhole = await run({ open: folds, withWhole: true });
    expect(withWhole.result.metrics).toEqual(result.metrics); // the head of all recordings is in no figure
    expect(withWhole.whole?.fit.trainedFrames).toBe((3 / 2) * result.fits[0].trainedFrames);
    expect((await run({ withWhole: true })).whole).toBeNull();
  });

  it('of one behaviour has a binary head', async () => {
    const groom: Task = {
      ...task,
      name: 'groom',
      track: 'groom',
      kind: 'binary',
      classes: ['other', 'groom'],
      scoredClasses: ['groom'],
    };
    const { result, fitted } = await run({
      open: openTask(dataset, groom),
      classifier: heads({ settings: { ...headSettings, classWeights: 'balanced', priorCorrection: true } }),
    });
    expect(result.metrics.map).toBeGreaterThan(0.85);
    expect(fitted[0].parts[0].head.coefficients.columns).toBe(1);
  });

  it('refuses poses that are on both sides', () => {
    const recordings = dataset.recordings.map((entry, index) =>
      index === 3 ? { ...entry, poseHash: 'memory:video4' } : entry,
    );
    expect(() => openTask({ ...dataset, recordings }, task)).toThrow(/video4 \(train\) and video3 \(test\)/);
  });
});

it('ends without a result when its classifier was asked to stop', async () => {
  const stopping = { name: 'stopping', method: 'none', fit: async () => null };
  expect(await runTask({ ...options, classifier: stopping })).toBeNull();
});

describe('tied tasks', () => {
  const numbers = { by: 'numbers', subset: null, train: [1, 3, 5], folds: null } as const;
  const other: Task = { ...task, name: 'other annotator', split: numbers, anchor: 'social' };

  it.each([
    { classWeights: 'none', priorCorrection: false },
    { classWeights: 'balanced', priorCorrection: true },
    { classWeights: 'balanced', priorCorrection: false },
  ] as const)('of infinite strength predict what the anchor does: zero-shot, with %o', async (weights) => {
    const settings = { ...headSettings, ...weights };
    const { fitted } = await run({ classifier: heads({ settings }) });
    const common = { anchor: fitted[0] };
    const zeroShot = await run({
      ...common,
      open: openTask(dataset, { ...other, fitting: 'zero-shot' }),
    });
    const tied = await run({
      ...common,
      open: openTask(dataset, { ...other, fitting: 'tied' }),
      classifier: heads({ settings: { ...settings, tiedStrengths: [1e9] } }),
    });
    for (const [index, { probabilities }] of tied.scored.entries()) {
      const expected = zeroShot.scored[index].probabilities;
      expect(Math.max(...probabilities.map((value, at) => Math.abs(value - expected[at])))).toBeLessThan(
        1e-5,
      );
    }
    expect(tied.result.metrics.map).toBeCloseTo(zeroShot.result.metrics.map, 6);
    expect(tied.result.metrics.f1).toBeCloseTo(zeroShot.result.metrics.f1, 6);
    expect(zeroShot.result.fits[0].unit).toBe('zero-shot');
    const tuned = await run({ ...common, open: openTask(dataset, { ...other, fitting: 'tied' }) });
    expect(tuned.result.metrics.map).toBeGreaterThan(0.8);
  });

  it('want their anchor', async () => {
    const open = openTask(dataset, { ...other, fitting: 'tied' });
    await expect(run({ open })).rejects.toThrow(/starts from the head of social/);
  });
});
