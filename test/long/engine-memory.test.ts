import { describe, expect, it } from 'vitest';
import type { Mode } from '../../src/engine/engine.js';
import type { NativeBackend } from '../../src/engine/native.js';
import { isNativeEngineMissing, startCpu } from '../engine/installed.js';
import { transformerExample, transformerStep } from '../engine/transformer-step.js';

const SHAPE = { width: 16, heads: 2, hiddenWidth: 32, batchSize: 2, windowFrames: 6, channels: 5, layers: 2 };
const STEPS = 2000;
/** By then allocators and caches have what they want. */
const SETTLED = 500;
/** A leak of one activation (2 x 6 x 16 floats) a step would be 1 MB, one of the state 90 MB. */
const GROWTH_BYTES = 12e6;

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1' || isNativeEngineMissing)('2,000 steps', () => {
  it.each(['xla', 'graph', 'eager'] satisfies Mode[])(
    'hold as many tensors and as much memory at their end as at their beginning: %s',
    { timeout: 900_000 },
    async (mode) => {
      const engine = await startCpu();
      const { binding } = engine.tf.backend() as unknown as NativeBackend;
      const example = transformerExample(SHAPE);
      const program = await engine.compile(transformerStep(engine.tf, SHAPE), example, {
        mode,
        precision: 'float32',
      });
      const scalars = { learningRate: 1e-3, correction1: 0.1, correction2: 0.001 };
      const tensors = new Set<string>();
      let settled = 0;
      for (let step = 1; step <= STEPS; step++) {
        program.run(example.batch, scalars, ['loss']);
        if (step >= 2) tensors.add(`${engine.tf.memory().numTensors} ${binding.getNumOfTensors()}`);
        if (step === SETTLED) settled = process.memoryUsage().rss;
      }
      expect([...tensors]).toHaveLength(1);
      expect(process.memoryUsage().rss - settled).toBeLessThan(GROWTH_BYTES);
      program.dispose();
    },
  );
});
