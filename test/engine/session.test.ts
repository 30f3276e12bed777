import { describe, expect, it } from 'vitest';
import { compileProgram } from '../../src/engine/compile.js';
import type { Engine, Step } from '../../src/engine/engine.js';
import type { NativeBackend } from '../../src/engine/native.js';
import { isNativeEngineMissing, startCpu } from './installed.js';

const EXAMPLE = {
  state: {
    w: { shape: [2], data: Float32Array.of(1, -0) },
    count: { shape: [], data: Int32Array.of(3) },
    label: { shape: [2], data: Int32Array.of(-1, 0x7fc00001) },
  },
  batch: {
    x: { shape: [2], data: Float32Array.of(3, Number.NaN) },
    index: { shape: [1], data: Int32Array.of(1) },
  },
  scalars: { rate: 0.5 },
};

const step =
  (engine: Engine): Step =>
  (state, batch, scalars) => ({
    state: {
      w: engine.tf.add(state.w, engine.tf.mul(batch.x, scalars.rate)),
      count: engine.tf.add(state.count, engine.tf.scalar(1, 'int32')),
      label: state.label,
    },
    outputs: {
      count: state.count,
      row: engine.tf.cast(engine.tf.oneHot(batch.index as never, 2), 'float32'),
      w: state.w,
    },
  });

const nativeOf = (engine: Engine, programFolder?: string) => {
  const backend = engine.tf.backend() as unknown as NativeBackend;
  return { tf: engine.tf, backend, binding: backend.binding, log: '', programFolder };
};

describe.skipIf(isNativeEngineMissing)('a session', () => {
  it.each(['graph', 'xla'] as const)(
    'fed with bits, as on a GPU, computes the same in %s mode',
    async (mode) => {
      const engine = await startCpu();
      const results = [];
      for (const isGpu of [false, true]) {
        const compiler = { tf: engine.tf, native: nativeOf(engine), isGpu };
        const program = await compileProgram(compiler, step(engine), EXAMPLE, { mode, precision: 'float32' });
        results.push([program.run(EXAMPLE.batch, EXAMPLE.scalars), program.read()]);
        program.dispose();
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[0][1].w.data[0]).toBe(2.5);
      expect(results[1][1].count.data).toEqual(Int32Array.of(4));
      expect(results[1][1].label).toEqual(EXAMPLE.state.label);
    },
  );

  it('gives back the feeds when the library refuses to run', async () => {
    const engine = await startCpu();
    const { Session } = await import('../../src/engine/session.js');
    const { encodeSavedModel } = await import('../../src/engine/graph.js');
    const native = nativeOf(engine);
    const session = new Session(native.binding, encodeSavedModel({ nodes: [], functions: [] }), false);
    const before = native.binding.getNumOfTensors();
    const feed = { shape: [1], data: Float32Array.of(1) };
    expect(() => session.run(['nowhere'], [feed], ['nothing'])).toThrow('could not run the program');
    expect(native.binding.getNumOfTensors()).toBe(before);
    session.dispose();
  });
});
