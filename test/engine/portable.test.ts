import { expect, it } from 'vitest';
import { startEngine } from '../../src/engine/engine.js';
import { describeOps } from './contract.js';
import { transformerExample, transformerStep } from './transformer-step.js';

const startPortable = () => startEngine({ device: 'portable' });

describeOps(startPortable, 'eager');

it('trains a transformer op by op, says why, and gives all memory back', async () => {
  const engine = await startPortable();
  const shape = { width: 8, heads: 2, hiddenWidth: 8, batchSize: 2, windowFrames: 4, channels: 3, layers: 1 };
  const example = transformerExample(shape);
  const before = engine.tf.memory().numTensors;
  const program = await engine.compile(transformerStep(engine.tf, shape), example, {
    mode: 'auto',
    precision: 'float32',
  });
  expect([program.mode, program.reason]).toEqual(['eager', 'this engine can only run op by op']);
  const losses = Array.from({ length: 8 }, () => program.run(example.batch, example.scalars).loss.data[0]);
  expect(losses[7]).toBeLessThan(losses[0]);
  program.dispose();
  expect(engine.tf.memory().numTensors).toBe(before);
});

it('refuses a compiled mode', async () => {
  const engine = await startPortable();
  const example = { state: {}, batch: {}, scalars: {} };
  const compile = engine.compile((state) => ({ state, outputs: {} }), example, {
    mode: 'xla',
    precision: 'float32',
  });
  await expect(compile).rejects.toThrow("can't be compiled (mode=xla): this engine can only run op by op");
});
