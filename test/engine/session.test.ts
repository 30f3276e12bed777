import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
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
  it('says where it could write nothing, and keeps the programs of earlier processes', async () => {
    const engine = await startCpu();
    const programs = mkdtempSync(join(tmpdir(), 'programs-'));
    writeFileSync(join(programs, 'kept'), '');
    vi.stubEnv('TMPDIR', '/nowhere');
    const native = nativeOf(engine, programs);
    const compiler = { tf: engine.tf, native, isGpu: false, allowsTf32: false };
    const compiled = compileProgram(compiler, step(engine), EXAMPLE, { mode: 'graph', precision: 'float32' });
    await expect(compiled.finally(() => vi.unstubAllEnvs())).rejects.toMatchObject({
      kind: 'failure',
      message: "The temporary folder /nowhere can't be written (ENOENT)",
      hint: expect.stringContaining('TMPDIR'),
    });
    expect(readdirSync(programs)).toEqual(['kept']);
    rmSync(programs, { recursive: true });
  });

  it('says that memory ran out when a tensor can not be had', async () => {
    const engine = await startCpu();
    const size = 2 ** 20;
    // Every number with every other one: 4 terabytes.
    const greedy: Step = (state, { x }) => {
      const pairs = engine.tf.add(engine.tf.reshape(x, [size, 1]), engine.tf.reshape(x, [1, size]));
      return { state, outputs: { sum: engine.tf.sum(pairs) } };
    };
    const example = { state: {}, batch: { x: { shape: [size], data: new Float32Array(size) } }, scalars: {} };
    await expect(
      engine.compile(greedy, example, { mode: 'graph', precision: 'float32' }),
    ).rejects.toMatchObject({
      kind: 'memory',
      message: expect.stringMatching(/OOM|RESOURCE_EXHAUSTED/),
    });
  });

  it.each(['graph', 'xla'] as const)(
    'fed with bits, as on a GPU, computes the same in %s mode',
    async (mode) => {
      const engine = await startCpu();
      // A program for processors keeps its state in the machine's memory, where a GPU can't reach it.
      for (const isGpu of engine.name === 'cuda' ? [true] : [false, true]) {
        const compiler = { tf: engine.tf, native: nativeOf(engine), isGpu, allowsTf32: false };
        const program = await compileProgram(compiler, step(engine), EXAMPLE, { mode, precision: 'float32' });
        const outputs = program.run(EXAMPLE.batch, EXAMPLE.scalars);
        const state = program.read();
        program.dispose();
        expect(outputs.w).toEqual(EXAMPLE.state.w);
        expect(outputs.count.data).toEqual(Int32Array.of(3));
        expect(outputs.row.data).toEqual(Float32Array.of(0, 1));
        expect(state.w.data).toEqual(Float32Array.of(1 + 3 * 0.5, Number.NaN));
        expect(state.count.data).toEqual(Int32Array.of(4));
        expect(state.label).toEqual(EXAMPLE.state.label);
      }
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
