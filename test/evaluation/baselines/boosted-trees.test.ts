import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createBoostedTrees } from '../../../src/evaluation/baselines/boosted-trees.js';
import { startTrees } from '../../../src/evaluation/baselines/tree-process.js';
import { createFeatureSource } from '../../../src/evaluation/features/feature-source.js';
import { openTask, runTask, type TaskOutcome } from '../../../src/evaluation/protocols/run-task.js';
import type { Task } from '../../../src/evaluation/protocols/task.js';
import { headSettings, makeDataset, socialTask, tellingFeatures } from '../protocols/made-dataset.js';

const NEAREST_MEAN = fileURLToPath(new URL('./nearest-mean.mjs', import.meta.url));
const trees = {
  learningRate: 0.1,
  leaves: 31,
  leafFrames: 20,
  strength: 0,
  featureShare: 1,
  classWeights: null,
} as const;
const dataset = makeDataset(12);
const task = socialTask;

async function grow(iterations: readonly number[], more: Partial<Task> = {}): Promise<TaskOutcome> {
  const pooling = {
    statistics: 'moments',
    scalesSeconds: [0],
    spread: false,
    reduction: null,
    flagMissing: false,
  } as const;
  const outcome = await runTask({
    dataset,
    open: openTask(dataset, { ...task, ...more }),
    classifier: createBoostedTrees({
      source: createFeatureSource(tellingFeatures(dataset, 0.3), dataset.recordings, pooling, 1),
      python: NEAREST_MEAN,
      trees,
      iterations,
      settings: headSettings,
      version: '0.test',
    }),
    ...{ seed: 1, few: null, shifted: false, transductive: false, withWhole: false, anchor: null },
    emit: () => {},
  });
  for (const { dispose } of outcome?.fitted ?? []) dispose();
  return outcome as TaskOutcome;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('boosted trees in a process of their own', () => {
  it('see the training frames and predict every frame of the others', async () => {
    const { result, fitted } = await grow([100]);
    expect(result.metrics.map).toBeGreaterThan(0.95); // the stand-in knows the class means
    expect(result.fits).toEqual([
      { split: 'test', strengths: [], shares: [], unit: 'not chosen', bouts: null, trainedFrames: 6 * 370 },
    ]);
    expect(fitted[0].parts).toEqual([]);
    expect(result).toMatchObject({
      features: 'boosted-trees',
      method: expect.stringContaining('scikit-learn 0.test'),
    });
  });

  it('choose the number of iterations by folds of the training recordings', async () => {
    const { result } = await grow([1, 2]);
    expect(result.fits[0].unit).toBe('recording');
    expect(result.metrics.map).toBeGreaterThan(0.95);
    const { result: twice } = await grow([2, 2]);
    expect(twice.fits[0].unit).toBe('not chosen');
  });

  it('say why they ended while they were being told the training frames', async () => {
    vi.stubEnv('WHISKER_TEST_TREES', 'dying');
    const own = await startTrees(NEAREST_MEAN, { ...trees, seed: 1 });
    const chunks = Array.from({ length: 40 }, () => new Float32Array(100_000));
    await expect(own.train(chunks, 100, new Int16Array(40_000), 2)).rejects.toThrow('no memory is left');
  });

  it('take any number of pieces without a warning', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    const own = await startTrees(NEAREST_MEAN, { ...trees, seed: 1 });
    const chunks = Array.from({ length: 20 }, () => new Float32Array(50_000));
    await own.train(chunks, 1000, new Int16Array(1000), 2);
    own.dispose();
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
  });

  it('say what is missing and what to do', async () => {
    const options = { ...trees, seed: 1 };
    await expect(startTrees('no-such-python', options)).rejects.toThrow(/no-such-python was not found/);
    vi.stubEnv('WHISKER_TEST_TREES', 'absent');
    const absent = startTrees(NEAREST_MEAN, options);
    await expect(absent).rejects.toThrow(/needs scikit-learn, which .*nearest-mean.mjs doesn't have/);
    await absent.catch((error) => {
      expect([error.kind, error.hint]).toEqual([
        'device',
        expect.stringContaining('pip install scikit-learn'),
      ]);
    });
  });
});
