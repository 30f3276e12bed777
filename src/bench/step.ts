import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import type { CompileOptions, Engine, Example, Step } from '../engine/engine.js';
import { dense, initDense } from '../model/nn/dense.js';
import { initLayerNorm, layerNorm } from '../model/nn/layer-norm.js';
import { sideBySide } from '../model/nn/side-by-side.js';
import { initTransformerBlock, transformerBlock } from '../model/nn/transformer-block.js';
import type { Parameters } from '../model/parameters.js';
import { seededRandom } from '../random.js';
import { type AdamWOptions, adamW, biasCorrections, initMoments } from '../training/optimiser.js';
import { type BenchResult, measureRuns } from './measure.js';
import { CHANNELS, noise } from './noise.js';
import { describeProgram } from './program-name.js';

/** A plain transformer that tells every frame from every frame. */
export interface StepShape {
  readonly width: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly layers: number;
  readonly batch: number;
  readonly windowFrames: number;
}

export interface StepBenchOptions {
  readonly shape: StepShape;
  readonly compile: CompileOptions;
  readonly steps: number;
}

const OPTIMISER: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 };
const LEARNING_RATE = 1e-3;
const BATCHES = 4;
const WARM_UP_STEPS = 5;

/** Times one training step of a plain transformer: the work of `scripts/peers/torch_step.py plain`. */
export async function benchStep(engine: Engine, options: StepBenchOptions): Promise<BenchResult> {
  const { shape, compile, steps } = options;
  const examples = Array.from({ length: BATCHES }, (_, number) => stepExample(shape, number));
  const program = await engine.compile(buildPlainStep(shape, engine.branches), examples[0], compile);
  const plan = { warmUpRuns: WARM_UP_STEPS, runs: steps, framesPerRun: shape.batch * shape.windowFrames };
  const result = await measureRuns(describeProgram(engine, program), plan, (number) => {
    program.run(examples[number % BATCHES].batch, stepScalars(number));
  });
  program.dispose();
  return result;
}

/** First state and a batch of noise. */
export function stepExample(shape: StepShape, batchNumber: number): Example {
  const { width, layers, batch, windowFrames } = shape;
  const random = seededRandom(1, 'bench');
  const parameters: HostArrays = Object.assign(
    initDense(random, 'input', CHANNELS, width),
    ...blockPaths(layers).map((path) => initTransformerBlock(random, path, shape)),
    initLayerNorm('norm', width),
    initDense(random, 'output', width, CHANNELS),
  );
  const draw = random.fork('batch', batchNumber);
  const frames = [batch, windowFrames, CHANNELS];
  return {
    state: { ...parameters, ...initMoments(parameters) },
    batch: { frames: noise(draw, frames), target: noise(draw, frames) },
    scalars: stepScalars(0),
  };
}

function stepScalars(step: number): Readonly<Record<string, number>> {
  return { learningRate: LEARNING_RATE, ...biasCorrections(step, OPTIMISER) };
}

/**
 * Affine, blocks, norm, affine; the mean squared error; AdamW.
 *
 * @param branches parts of the batch that go side by side: see `Engine.branches`
 */
export function buildPlainStep({ heads, layers, windowFrames }: StepShape, branches: number): Step {
  const predict = (parameters: Parameters, frames: tf.Tensor3D): tf.Tensor2D => {
    const layout = { windows: frames.shape[0], tokens: windowFrames, asked: windowFrames };
    let rows = dense(parameters, 'input', tf.reshape(frames, [-1, CHANNELS])); // [window x frame, width]
    for (const path of blockPaths(layers)) rows = transformerBlock(parameters, path, rows, layout, heads);
    return dense(parameters, 'output', layerNorm(parameters, 'norm', rows));
  };
  return (state, { frames, target }, scalars) => {
    const paths = Object.keys(state).filter((key) => !key.startsWith('adam/'));
    const of = (values: readonly tf.Tensor[]) =>
      Object.fromEntries(paths.map((path, number) => [path, values[number]]));
    const pick = (prefix: string) => of(paths.map((path) => state[prefix + path]));
    const expected = tf.reshape(target, [-1, CHANNELS]);
    const { value: loss, grads } = tf.valueAndGrads((...values) => {
      const [predicted] = sideBySide(branches, [frames], ([part]) => [
        predict(of(values), part as tf.Tensor3D),
      ]);
      return tf.mean(tf.square(tf.sub(predicted, expected)));
    })(paths.map((path) => state[path]));
    const moments = { first: pick('adam/first/'), second: pick('adam/second/') };
    const { learningRate, firstCorrection, secondCorrection } = scalars;
    const rates = { learningRate, firstCorrection, secondCorrection };
    const next = adamW(pick(''), of(grads), moments, rates, OPTIMISER);
    const under = (prefix: string, tensors: Parameters) =>
      Object.fromEntries(paths.map((path) => [prefix + path, tensors[path]]));
    return {
      state: {
        ...next.parameters,
        ...under('adam/first/', next.moments.first),
        ...under('adam/second/', next.moments.second),
      },
      outputs: { loss },
    };
  };
}

function blockPaths(layers: number): readonly string[] {
  return Array.from({ length: layers }, (_, number) => `block${number}`);
}
