/** A training step of a plain pre-norm transformer, written without the project's own layers: work for engine tests. */
import type * as tf from '@tensorflow/tfjs';
import { type HostArray, type HostArrays, sizeOf } from '../../src/arrays.js';
import type { Example, Step, Tensors } from '../../src/engine/engine.js';

export interface TransformerShape {
  readonly width: number;
  readonly heads: number;
  readonly hiddenWidth: number;
  readonly batchSize: number;
  readonly windowFrames: number;
  readonly channels: number;
  readonly layers: number;
}

/** Parameters by path, and what AdamW keeps of each; a batch to reconstruct; AdamW's scalars. */
export function transformerExample(shape: TransformerShape): Example {
  const { width, hiddenWidth, batchSize, windowFrames, channels, layers } = shape;
  const parameters: Record<string, HostArray> = {};
  const dense = (path: string, from: number, to: number): void => {
    parameters[`${path}/kernel`] = scatter([from, to], 1 / Math.sqrt(from));
    parameters[`${path}/bias`] = scatter([to], 0.01);
  };
  const norm = (path: string): void => {
    parameters[`${path}/scale`] = { shape: [width], data: new Float32Array(width).fill(1) };
    parameters[`${path}/offset`] = { shape: [width], data: new Float32Array(width) };
  };
  dense('in', channels, width);
  for (let layer = 0; layer < layers; layer++) {
    norm(`block${layer}/norm1`);
    for (const name of ['query', 'key', 'value', 'out']) dense(`block${layer}/${name}`, width, width);
    norm(`block${layer}/norm2`);
    dense(`block${layer}/up`, width, hiddenWidth);
    dense(`block${layer}/down`, hiddenWidth, width);
  }
  norm('norm');
  dense('out', width, channels);
  const state: Record<string, HostArray> = {};
  for (const [path, array] of Object.entries(parameters)) {
    state[`parameter/${path}`] = array;
    for (const moment of ['mean', 'square']) {
      state[`${moment}/${path}`] = { shape: array.shape, data: new Float32Array(array.data.length) };
    }
  }
  const frames = [batchSize, windowFrames, channels];
  const batch: HostArrays = { x: scatter(frames, 1), y: scatter(frames, 0.5) };
  return { state, batch, scalars: { learningRate: 1e-3, correction1: 0.1, correction2: 0.001 } };
}

/** Squared error of the reconstruction, its gradient, and one step of AdamW (Loshchilov & Hutter 2019). */
export function transformerStep(tfjs: typeof tf, shape: TransformerShape): Step {
  return (state, batch, scalars) => {
    const paths = Object.keys(state).filter((key) => key.startsWith('parameter/'));
    const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
      const parameters = Object.fromEntries(
        paths.map((path, index) => [path.slice('parameter/'.length), values[index]]),
      );
      const output = forward(tfjs, shape, parameters as Tensors, batch.x as tf.Tensor);
      return tfjs.mean(tfjs.square(tfjs.sub(output, batch.y as tf.Tensor)));
    };
    const { value, grads } = tfjs.valueAndGrads(lossOf)(paths.map((path) => state[path] as tf.Tensor));
    const next: Record<string, tf.Tensor> = {};
    paths.forEach((path, index) => {
      const [old, gradient] = [state[path] as tf.Tensor, grads[index] as tf.Tensor];
      const [meanKey, squareKey] = [path.replace('parameter', 'mean'), path.replace('parameter', 'square')];
      const mean = tfjs.add(tfjs.mul(state[meanKey] as tf.Tensor, 0.9), tfjs.mul(gradient, 0.1));
      const square = tfjs.add(
        tfjs.mul(state[squareKey] as tf.Tensor, 0.999),
        tfjs.mul(tfjs.square(gradient), 0.001),
      );
      const deviation = tfjs.add(tfjs.sqrt(tfjs.div(square, scalars.correction2 as tf.Tensor)), 1e-8);
      const update = tfjs.add(
        tfjs.div(tfjs.div(mean, scalars.correction1 as tf.Tensor), deviation),
        tfjs.mul(old, 0.01),
      );
      next[path] = tfjs.sub(old, tfjs.mul(update, scalars.learningRate as tf.Tensor));
      next[meanKey] = mean;
      next[squareKey] = square;
    });
    return { state: next, outputs: { loss: value } };
  };
}

/** x: [batch, time, channel] -> the same shape. */
function forward(tfjs: typeof tf, shape: TransformerShape, parameters: Tensors, x: tf.Tensor): tf.Tensor {
  const { width, heads, batchSize, windowFrames, channels, layers } = shape;
  const parameter = (path: string): tf.Tensor => parameters[path] as tf.Tensor;
  const rows = batchSize * windowFrames;
  const dense = (path: string, value: tf.Tensor): tf.Tensor =>
    tfjs.add(tfjs.matMul(value, parameter(`${path}/kernel`)), parameter(`${path}/bias`)); // [row, channel]
  const norm = (path: string, value: tf.Tensor): tf.Tensor => {
    const centred = tfjs.sub(value, tfjs.mean(value, -1, true));
    const scale = tfjs.rsqrt(tfjs.add(tfjs.mean(tfjs.square(centred), -1, true), 1e-5));
    return tfjs.add(
      tfjs.mul(tfjs.mul(centred, scale), parameter(`${path}/scale`)),
      parameter(`${path}/offset`),
    );
  };
  const split = (value: tf.Tensor): tf.Tensor =>
    tfjs.transpose(tfjs.reshape(value, [batchSize, windowFrames, heads, width / heads]), [0, 2, 1, 3]); // [batch, head, time, channel]
  let hidden = dense('in', tfjs.reshape(x, [rows, channels])); // [row, width]
  for (let layer = 0; layer < layers; layer++) {
    const path = `block${layer}`;
    const normed = norm(`${path}/norm1`, hidden);
    const [query, key, value] = ['query', 'key', 'value'].map((name) =>
      split(dense(`${path}/${name}`, normed)),
    );
    const scores = tfjs.mul(
      tfjs.matMul(query as tf.Tensor, key as tf.Tensor, false, true),
      1 / Math.sqrt(width / heads),
    );
    const mixed = tfjs.matMul(tfjs.softmax(scores), value as tf.Tensor);
    const joined = tfjs.reshape(tfjs.transpose(mixed, [0, 2, 1, 3]), [rows, width]);
    hidden = tfjs.add(hidden, dense(`${path}/out`, joined));
    const up = dense(`${path}/up`, norm(`${path}/norm2`, hidden));
    const active = tfjs.mul(tfjs.mul(up, 0.5), tfjs.add(tfjs.erf(tfjs.mul(up, Math.SQRT1_2)), 1)); // gelu
    hidden = tfjs.add(hidden, dense(`${path}/down`, active));
  }
  return tfjs.reshape(dense('out', norm('norm', hidden)), [batchSize, windowFrames, channels]);
}

/** Values in [-scale, scale) without a pattern: the same everywhere, since only integers decide them. */
function scatter(shape: readonly number[], scale: number): HostArray {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, index) => {
    const mixed = Math.imul((index + 1) ^ ((index + 1) >>> 3), 0x9e3779b1);
    const unit = (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 8) / 2 ** 24;
    return scale * (2 * unit - 1);
  });
  return { shape, data };
}
