import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import type { Engine, Program, Step } from '../engine/engine.js';
import { CONV_NET_HEAD, type ConvNet, type ConvNetMode } from '../model/classifiers/conv-net.js';
import { weightedMean } from '../model/nn/weighted-mean.js';
import type { Tensors } from './optimiser.js';
import { initMoments } from './optimiser.js';
import type { TrainingStep } from './training-step.js';
import { isParameter, parameterPaths, pick, prefix, updateParameters, updateScalars } from './update.js';

export interface ConvNetStepParts {
  readonly net: ConvNet;
  readonly classes: number;
  /** Constant, as in the original. */
  readonly learningRate: number;
  /** `head`: the last layer alone, on running statistics and without dropout; the rest keeps its weights. */
  readonly trains: 'all' | 'head';
  /** Parameters, and running statistics below `average/`, to start from; null: fresh ones. */
  readonly start: HostArrays | null;
}

/** Keras' Adam; no decay, no clipping. */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0 };
const NO_CLIPPING = 1e12;
/** Memory of the running statistics, Keras' momentum. */
const MOMENTUM = 0.99;

/**
 * Trains the convolutional net on windows around frames. Batch fields: `windows` float32 [window, sample, channel],
 * `label` int32 [window], `labelWeight` float32 [window], and `keep0`, `keep1`, ... of `net.pooled`'s shapes, 0 or 1.
 * Running statistics lie in the state below `average/`: the mean of all batches at first, then with a memory of 100.
 */
export function buildConvNetStep(parts: ConvNetStepParts): TrainingStep {
  const { net, classes, learningRate, trains, start } = parts;
  const statisticPaths = Object.keys(net.initStatistics());
  const options = {
    optimiser: ADAM,
    maxGradientNorm: NO_CLIPPING,
    rateFactor: (path: string) => (trains === 'all' || path.startsWith(`${CONV_NET_HEAD}/`) ? 1 : 0),
  };

  const step: Step = (state, batch, scalars) => {
    const averages = pick(state, statisticPaths, 'average/');
    const windows = batch.windows as tf.Tensor3D;
    const keep = net.pooled.map((_, layer) => batch[`keep${layer}`] as tf.Tensor3D);
    const mode: ConvNetMode =
      trains === 'all' ? { training: true, keep } : { training: false, statistics: averages };
    const loss = {
      names: ['crossEntropy'],
      weights: tf.ones([1]),
      of(parameters: Tensors) {
        const { scores } = net.apply(parameters, windows, mode);
        const isLabel = tf.cast(tf.oneHot(batch.label as tf.Tensor1D, classes), 'float32');
        const chosen = tf.mul(isLabel, tf.expandDims(batch.labelWeight, 1));
        return [tf.neg(weightedMean(tf.logSoftmax(scores), chosen)) as tf.Scalar];
      },
    };
    const updated = updateParameters(state, loss, scalars, options);
    // The same forward pass as within the gradient: compilers compute it once.
    const parameters = pick(state, parameterPaths(state), '');
    const seen = trains === 'all' ? net.apply(parameters, windows, mode).statistics : averages;
    const followed = Object.fromEntries(
      statisticPaths.map((path) => [
        path,
        tf.add(averages[path], tf.mul(tf.sub(seen[path], averages[path]), scalars.averageRate)),
      ]),
    );
    return { state: { ...updated.state, ...prefix('average/', followed) }, outputs: updated.outputs };
  };

  return {
    kind: 'conv-net',
    whenItDiverges:
      'A lower learning rate may help: convNet, its anchored and its newBehaviour have one each.',
    step,
    init(random) {
      const fresh = { ...net.init(random), ...prefix('average/', net.initStatistics()) };
      const first = start === null ? fresh : pickArrays(start, Object.keys(fresh));
      const parameters = Object.fromEntries(Object.entries(first).filter(([path]) => isParameter(path)));
      return { ...first, ...initMoments(parameters) };
    },
    scalarsAt: (number) => ({
      ...updateScalars(number, constantRate(learningRate), ADAM),
      averageRate: Math.max(1 - MOMENTUM, 1 / (1 + number)),
    }),
  };
}

function constantRate(rate: number) {
  return { peak: rate, final: rate, warmupSteps: 0, totalSteps: 1 };
}

function pickArrays(arrays: HostArrays, paths: readonly string[]): HostArrays {
  return Object.fromEntries(paths.map((path) => [path, arrays[path]]));
}

/** The net on windows of one batch shape: field `windows` -> output `scores` [window, class]. @param state of the step */
export function compileConvNet(
  engine: Engine,
  net: ConvNet,
  state: HostArrays,
  { shape }: { readonly shape: readonly [number, number, number] },
): Promise<Program> {
  const statisticPaths = Object.keys(net.initStatistics());
  const frozen = pickArrays(
    state,
    Object.keys(state).filter((path) => !path.startsWith('adam/')),
  );
  const step: Step = (kept, batch) => {
    const mode: ConvNetMode = { training: false, statistics: pick(kept, statisticPaths, 'average/') };
    const { scores } = net.apply(kept, batch.windows as tf.Tensor3D, mode);
    return { state: kept, outputs: { scores } };
  };
  const windows = { shape, data: new Float32Array(shape[0] * shape[1] * shape[2]) };
  return engine.compile(
    step,
    { state: frozen, batch: { windows }, scalars: {} },
    { mode: 'auto', precision: 'float32' },
  );
}
