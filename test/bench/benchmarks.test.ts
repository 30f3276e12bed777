import { describe, expect, it } from 'vitest';
import type { PretrainBenchResult } from '../../src/bench/pretrain.js';
import { runBench } from '../../src/bench/run-bench.js';
import { buildPlainStep, stepExample } from '../../src/bench/step.js';
import { isNativeEngineMissing, startCpu } from '../engine/installed.js';

const on = {
  device: 'cpu',
  threads: undefined,
  isDeterministic: false,
  compile: { mode: 'graph', precision: 'float32' },
  steps: 2,
} as const;
const shape = { width: 8, heads: 2, feedForward: 8, layers: 1, batch: 2, windowFrames: 4 };

describe.skipIf(isNativeEngineMissing)('benchmarks', () => {
  it('learn: the timed step is a training step', async () => {
    const engine = await startCpu();
    const example = stepExample(shape, 0);
    const program = await engine.compile(buildPlainStep(shape, engine.branches), example, on.compile);
    const losses = Array.from(
      { length: 60 },
      () => program.run(example.batch, { ...example.scalars, learningRate: 0.01 }).loss.data[0],
    );
    program.dispose();
    expect(losses[59]).toBeLessThan(0.8 * losses[0]);
  });

  it.each([
    { work: 'step', shape, frames: 8 },
    { work: 'embed', windows: 2, frames: 128 },
  ] as const)('$work gives times and frames', async ({ frames, ...job }) => {
    const result = await runBench({ ...on, ...job });
    expect(Object.keys(result)).toEqual([
      'program',
      'medianMilliseconds',
      'minimumMilliseconds',
      'framesPerSecond',
      'peakBytes',
    ]);
    expect(result.program).toMatch(/^whisker cpu graph, TensorFlow/);
    expect((result.framesPerSecond * result.medianMilliseconds) / 1000).toBeCloseTo(frames);
  });

  it('pretrain tells what a checkpoint takes', async () => {
    const result = await runBench({ ...on, work: 'pretrain', windows: 2 });
    expect(result).toMatchObject({
      saveMilliseconds: expect.any(Number),
      checkpointBytes: expect.any(Number),
    });
    const { saveMilliseconds, checkpointBytes } = result as PretrainBenchResult;
    expect(saveMilliseconds).toBeGreaterThan(0);
    // Half a million numbers of the encoder, each with two moments of the optimiser.
    expect(checkpointBytes).toBeGreaterThan(4 * 3 * 500_000);
    expect(checkpointBytes).toBeLessThan(4 * 3 * 1_000_000);
  });
});
