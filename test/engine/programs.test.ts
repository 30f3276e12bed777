import type * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { HostArray, HostArrays } from '../../src/arrays.js';
import type { Engine, Example, Mode, Program, Step } from '../../src/engine/engine.js';
import { isNativeEngineMissing, startCpu } from './installed.js';
import { type TransformerShape, transformerExample, transformerStep } from './transformer-step.js';

const MODES: readonly Mode[] = ['eager', 'graph', 'xla'];
const SHAPE: TransformerShape = {
  ...{ width: 16, heads: 2, hiddenWidth: 32, batchSize: 2, windowFrames: 6, channels: 5, layers: 2 },
};

const float = (shape: readonly number[], ...values: number[]): HostArray => ({
  shape,
  data: Float32Array.from(values),
});
const int = (shape: readonly number[], ...values: number[]): HostArray => ({
  shape,
  data: Int32Array.from(values),
});
const compile = async (mode: Mode, make: (tfjs: typeof tf) => Step, example: Example): Promise<Program> => {
  const engine = await startCpu();
  return engine.compile(make(engine.tf), example, { mode, precision: 'float32' });
};

/** Bias corrections of AdamW at step number `index`, counted from 1. */
const scalarsAt = (index: number) => ({
  learningRate: 1e-2,
  correction1: 1 - 0.9 ** index,
  correction2: 1 - 0.999 ** index,
});

function train(program: Program, batch: HostArrays, from: number, to: number): number[] {
  return Array.from(
    { length: to - from + 1 },
    (_, i) => program.run(batch, scalarsAt(from + i)).loss.data[0],
  );
}

describe.skipIf(isNativeEngineMissing)('training a transformer', () => {
  const example = transformerExample(SHAPE);
  const fresh = (mode: Mode) => compile(mode, (tfjs) => transformerStep(tfjs, SHAPE), example);

  it('ten steps agree in all modes', async () => {
    const losses: number[][] = [];
    for (const mode of MODES) {
      const program = await fresh(mode);
      losses.push(train(program, example.batch, 1, 10));
      program.dispose();
    }
    const [eager, ...compiled] = losses;
    expect(eager[9]).toBeLessThan(0.5 * eager[0]);
    for (const other of compiled) {
      other.forEach((loss, i) => {
        expect(Math.abs(loss / eager[i] - 1)).toBeLessThan(1e-4);
      });
    }
  });

  it.each(MODES)(
    '%s repeats and resumes to the bit: 6 steps are 3, read, another program, write, 3',
    async (mode) => {
      const [first, second] = [await fresh(mode), await fresh(mode)];
      const losses = train(first, example.batch, 1, 6);
      const final = first.read();
      first.write(example.state);
      expect(train(first, example.batch, 1, 3)).toEqual(losses.slice(0, 3));
      second.write(first.read());
      expect(train(second, example.batch, 4, 6)).toEqual(losses.slice(3));
      expect(second.read()).toEqual(final);
      first.dispose();
      second.dispose();
    },
  );

  it.each([
    { mode: 'auto', ran: 'xla' },
    { mode: 'graph', ran: 'graph' },
  ] as const)('bfloat16 products stay within a percent of float32, $mode', async ({ mode, ran }) => {
    const engine = await startCpu();
    const step = transformerStep(engine.tf, SHAPE);
    const program = await engine.compile(step, example, { mode, precision: 'bfloat16' });
    const reference = await engine.compile(step, example, { mode: 'graph', precision: 'float32' });
    const [half, full] = [program, reference].map((p) => p.run(example.batch, scalarsAt(1)).loss.data[0]);
    expect([program.mode, program.precision]).toEqual([ran, 'bfloat16']);
    expect(half).not.toBe(full);
    expect(Math.abs(half / full - 1)).toBeLessThan(1e-2);
    program.dispose();
    reference.dispose();
  });
});

/** Adds the batch to a sum and counts; refuses a step by `ok`. */
const accumulate =
  (tfjs: typeof tf): Step =>
  (state, batch, scalars) => ({
    state: {
      sum: tfjs.add(state.sum, tfjs.mul(batch.x, scalars.rate)),
      count: tfjs.add(state.count, tfjs.scalar(1, 'int32')),
      label: state.label,
    },
    outputs: {
      total: tfjs.sum(state.sum),
      ok: tfjs.cast(tfjs.less(tfjs.sum(batch.x), 100), 'float32'),
      twice: tfjs.mul(batch.x, 2),
    },
  });
const ACCUMULATE: Example = {
  state: { sum: float([2], 0.1, -3), count: int([], 5), label: int([2], 7, 8) },
  batch: { x: float([2], 1, 2) },
  scalars: { rate: 0.5 },
};

describe.skipIf(isNativeEngineMissing).each(MODES)('a program, %s', (mode) => {
  it('updates float and integer state, keeps what comes back unchanged, and gives outputs of the old state', async () => {
    const program = await compile(mode, accumulate, ACCUMULATE);
    expect(program.outputs).toEqual([
      { name: 'ok', shape: [], dtype: 'float32' },
      { name: 'total', shape: [], dtype: 'float32' },
      { name: 'twice', shape: [2], dtype: 'float32' },
    ]);
    const outputs = program.run({ x: float([2], 10, 20) }, { rate: 0.25 });
    expect(outputs).toEqual({ ok: float([], 1), total: float([], -2.9), twice: float([2], 20, 40) });
    expect(program.read()).toEqual({ sum: float([2], 2.6, 2), count: int([], 6), label: int([2], 7, 8) });
    program.dispose();
  });

  it('fetches only what is asked for', async () => {
    const program = await compile(mode, accumulate, ACCUMULATE);
    expect(program.run(ACCUMULATE.batch, { rate: 0 }, ['twice'])).toEqual({ twice: float([2], 2, 4) });
    expect(program.run(ACCUMULATE.batch, { rate: 0 }, [])).toEqual({});
    expect(program.read().count).toEqual(int([], 7)); // both runs updated the state
    program.dispose();
  });

  it('leaves the state untouched where ok is 0 or NaN', async () => {
    const program = await compile(mode, accumulate, ACCUMULATE);
    for (const bad of [200, Number.NaN]) {
      expect(program.run({ x: float([2], bad, 0) }, { rate: 1 }, ['ok']).ok.data[0]).toBe(0);
      expect(program.read()).toEqual(ACCUMULATE.state);
    }
    program.dispose();
  });

  it('reads and writes state to the bit, in whole or in part', async () => {
    const program = await compile(mode, accumulate, ACCUMULATE);
    const odd = float([2], -0, 1e-39); // a negative zero and a denormal
    program.write({ sum: odd });
    expect(new Uint8Array(program.read().sum.data.buffer)).toEqual(new Uint8Array(odd.data.buffer));
    expect(program.read().count).toEqual(int([], 5));
    program.dispose();
  });

  it('neither keeps nor changes the arrays that it is given', async () => {
    const program = await compile(mode, accumulate, ACCUMULATE);
    const given = { sum: float([2], 1, 2), count: int([], 0), label: int([2], 1, 2) };
    program.write(given);
    given.sum.data.fill(99);
    given.label.data.fill(99);
    expect(program.read()).toEqual({ sum: float([2], 1, 2), count: int([], 0), label: int([2], 1, 2) });
    const before = program.read();
    const x = float([2], 1, 1);
    program.run({ x }, { rate: 1 });
    expect(before.sum).toEqual(float([2], 1, 2));
    expect(x).toEqual(float([2], 1, 1));
    program.dispose();
  });

  it('runs without state', async () => {
    const double =
      (tfjs: typeof tf): Step =>
      (state, batch) => ({ state, outputs: { y: tfjs.mul(batch.x, 2) } });
    const program = await compile(mode, double, { state: {}, batch: { x: float([2], 1, 2) }, scalars: {} });
    expect(program.run({ x: float([2], 3, 4) }, {})).toEqual({ y: float([2], 6, 8) });
    expect(program.read()).toEqual({});
    program.dispose();
  });

  it('keeps the number of tensors constant over 200 steps', async () => {
    const engine = await startCpu();
    const program = await compile(mode, accumulate, ACCUMULATE);
    const count = () => [engine.tf.memory().numTensors, nativeTensorCount(engine)];
    program.run(ACCUMULATE.batch, { rate: 1 });
    const before = count();
    for (let i = 0; i < 200; i++) program.run(ACCUMULATE.batch, { rate: 1 });
    expect(count()).toEqual(before);
    program.dispose();
  });

  it('gives back all memory when it is disposed of, and refuses to run then', async () => {
    const engine = await startCpu();
    const before = [engine.tf.memory().numTensors, nativeTensorCount(engine)];
    const program = await compile(mode, accumulate, ACCUMULATE);
    program.run(ACCUMULATE.batch, { rate: 1 });
    program.dispose();
    program.dispose();
    expect([engine.tf.memory().numTensors, nativeTensorCount(engine)]).toEqual(before);
    expect(() => program.run(ACCUMULATE.batch, { rate: 1 })).toThrow('disposed');
  });

  it('refuses what differs from its example, and works on', async () => {
    const program = await compile(mode, accumulate, ACCUMULATE);
    const { batch } = ACCUMULATE;
    const refused: [() => unknown, string][] = [
      [() => program.run({}, { rate: 1 }), 'batch.x is missing; expected float32[2]'],
      [
        () => program.run({ x: float([3], 1, 2, 3) }, { rate: 1 }),
        'batch.x must be float32[2], got float32[3]',
      ],
      [() => program.run({ x: int([2], 1, 2) }, { rate: 1 }), 'batch.x must be float32[2], got int32[2]'],
      [() => program.run({ ...batch, z: float([], 1) }, { rate: 1 }), 'batch has no "z"'],
      [() => program.run(batch, {}), 'scalars.rate must be a number'],
      [() => program.run(batch, { rate: 1 }, ['loss']), 'outputs has no "loss"; it has "ok"'],
      [() => program.write({ mean: float([], 0) }), 'state has no "mean"'],
    ];
    for (const [call, message] of refused) expect(call).toThrow(message);
    expect(program.read()).toEqual(ACCUMULATE.state);
    program.dispose();
  });
});

/** Tensors that the native library holds for JavaScript. */
function nativeTensorCount(engine: Engine): number {
  return (engine.tf.backend() as unknown as { getNumOfTFTensors(): number }).getNumOfTFTensors();
}

describe.skipIf(isNativeEngineMissing)('the choice of auto', () => {
  it.each<[string, Step, string]>([
    ['a step that changes its state', (_, batch) => ({ state: { w: batch.x }, outputs: {} }), 'xla'],
    ['a step that leaves its state', (state) => ({ state, outputs: { w: state.w } }), 'graph'],
  ])('is XLA, but on a GPU a graph for steps that leave their state: %s', async (_, step, onGpu) => {
    const engine = await startCpu();
    const mode = engine.name === 'cuda' ? onGpu : 'xla';
    const example = { state: { w: float([1], 1) }, batch: { x: float([1], 2) }, scalars: {} };
    const program = await engine.compile(step, example, { mode: 'auto', precision: 'float32' });
    expect(program.mode).toBe(mode);
    expect(program.reason).toMatch(/^auto: /);
    program.dispose();
  });
});

it.skipIf(isNativeEngineMissing)(
  'writes a sum of many as additions: TensorFlow may rewrite AddN into what XLA lacks',
  async () => {
    const engine = await startCpu();
    const batch = { x: float([2], 1, 2) };
    const step: Step = (_, { x }) => ({
      state: {},
      outputs: { sum: engine.tf.addN([x, engine.tf.square(x), engine.tf.exp(x)]) },
    });
    const saved = Buffer.from(engine.freeze(step, { state: {}, batch, scalars: {} }));
    expect([saved.includes('AddV2'), saved.includes('AddN')]).toEqual([true, false]);
  },
);
