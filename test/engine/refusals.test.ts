import type * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { Mode, Step } from '../../src/engine/engine.js';
import { UserError } from '../../src/errors.js';
import { isNativeEngineMissing, startCpu } from './installed.js';

const EXAMPLE = {
  state: { w: { shape: [2], data: Float32Array.of(1, 2) } },
  batch: { x: { shape: [2], data: Float32Array.of(3, 4) } },
  scalars: { rate: 0.1 },
};

const compile = async (make: (tfjs: typeof tf) => Step, mode: Mode | 'auto' = 'graph') => {
  const engine = await startCpu();
  return engine.compile(make(engine.tf), EXAMPLE, { mode, precision: 'float32' });
};

let calls = 0;
let outside: tf.Tensor | undefined;

const REFUSED: readonly [string, (tfjs: typeof tf) => Step, string][] = [
  [
    'reading a value',
    (t) => (state, batch) => ({ state, outputs: { y: t.scalar(batch.x.dataSync()[0]) } }),
    'reads the value of a tensor',
  ],
  [
    'choosing by a value',
    (t) => (state, batch) => ({ state: t.sum(batch.x).arraySync() ? state : {}, outputs: {} }),
    'reads the value of a tensor',
  ],
  [
    'random numbers made in JavaScript',
    (t) => (state, batch) => ({ state, outputs: { y: t.mul(batch.x, t.randomNormal([2])) } }),
    'draws random numbers',
  ],
  [
    'dropout',
    (t) => (state, batch) => ({ state, outputs: { y: t.dropout(batch.x, 0.5) } }),
    'draws random numbers',
  ],
  [
    'a tensor from outside',
    (t) => {
      outside = t.tensor1d([1, 2]);
      return (state, batch) => ({ state, outputs: { y: t.mul(batch.x, outside as tf.Tensor) } });
    },
    'made outside',
  ],
  [
    'reading a tensor from outside',
    (t) => (state, batch) => ({
      state,
      outputs: { y: t.mul(batch.x, (outside as tf.Tensor).dataSync()[0]) },
    }),
    'made outside',
  ],
  [
    'a number that changes from call to call',
    (t) => (state, batch) => ({ state, outputs: { y: t.mul(batch.x, ++calls) } }),
    'is not the same each time it is called: Const (operation',
  ],
  [
    'operations that change from call to call',
    (t) => (state, batch) => ({ state, outputs: { y: ++calls % 2 ? t.square(batch.x) : t.abs(batch.x) } }),
    'differs between two recordings',
  ],
  [
    'kept tensors',
    (t) => (state, batch) => ({ state, outputs: { y: t.keep(t.mul(batch.x, 2)) } }),
    'keeps 1 tensors',
  ],
  [
    'missing state',
    () => (_, batch) => ({ state: {}, outputs: { y: batch.x } }),
    'does not give back the state "w"',
  ],
  [
    'new state',
    () => (state, batch) => ({ state: { ...state, v: batch.x }, outputs: {} }),
    'gives back the state "v"',
  ],
  [
    'state of another shape',
    (t) => (state) => ({ state: { w: t.sum(state.w) }, outputs: {} }),
    'turns the state "w" from float32[2] into float32[]',
  ],
  [
    'an output of truth values',
    (t) => (state) => ({ state, outputs: { y: t.greater(state.w, 0) } }),
    'gives the output "y" as bool; cast it',
  ],
  [
    'a guard that is no scalar',
    () => (state) => ({ state, outputs: { ok: state.w } }),
    'it must be a scalar',
  ],
  [
    'a computed axis length',
    (t) => (state, batch) => ({ state, outputs: { y: t.gather(batch.x, t.cast(state.w, 'int32')) } }),
    'tf.gather',
  ],
  [
    'an op that no program can hold',
    (t) => (state, batch) => ({ state, outputs: { y: t.einsum('i,i->', batch.x, state.w) } }),
    'the op Einsum is not among those',
  ],
];

describe.skipIf(isNativeEngineMissing)('compiling refuses', () => {
  it.each(REFUSED)('%s', async (_, make, message) => {
    await expect(compile(make)).rejects.toThrow(message);
    await expect(compile(make)).rejects.toBeInstanceOf(UserError);
    // The engine works on: nothing of the refused recording has stayed.
    const engine = await startCpu();
    const before = engine.tf.memory().numTensors;
    const program = await compile((t) => (state, batch) => ({
      state,
      outputs: { y: t.add(state.w, batch.x) },
    }));
    expect([...program.run(EXAMPLE.batch, EXAMPLE.scalars).y.data]).toEqual([4, 6]);
    program.dispose();
    expect(engine.tf.memory().numTensors).toBe(before);
    expect(Math.random()).toBeLessThan(1);
  });

  it('errors of the step itself keep their message', async () => {
    const broken = compile((t) => (state) => ({
      state,
      outputs: { y: t.matMul(state.w.as2D(1, 2), state.w.as2D(1, 2)) },
    }));
    await expect(broken).rejects.toThrow('inner');
  });

  it('auto runs a step op by op where an op can not be compiled, and says so', async () => {
    const program = await compile(
      (t) => (state, batch) => ({ state, outputs: { y: t.einsum('i,i->', batch.x, state.w) } }),
      'auto',
    );
    expect(program.mode).toBe('eager');
    expect(program.reason).toContain('Einsum');
    expect(program.run(EXAMPLE.batch, EXAMPLE.scalars).y.data[0]).toBe(11);
    program.dispose();
  });

  it('bfloat16 op by op', async () => {
    const engine = await startCpu();
    const step: Step = (state) => ({ state, outputs: {} });
    await expect(engine.compile(step, EXAMPLE, { mode: 'eager', precision: 'bfloat16' })).rejects.toThrow(
      'bfloat16 needs a compiled program: mode eager makes none',
    );
  });

  it('tf32 where the library was not loaded for it', async () => {
    const engine = await startCpu();
    const step: Step = (state) => ({ state, outputs: {} });
    await expect(engine.compile(step, EXAMPLE, { mode: 'auto', precision: 'tf32' })).rejects.toThrow(
      'tf32 needs a GPU',
    );
  });

  it('a second engine in the same process', async () => {
    const { startEngine } = await import('../../src/engine/engine.js');
    await startCpu();
    await expect(startEngine({ device: 'cpu', threads: 7 })).rejects.toThrow('has started an engine');
  });
});
