import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../src/arrays.js';
import type { Step } from '../../src/engine/engine.js';
import { toTensors } from './tensors.js';

/** Runs a step once, op by op, on the backend that is set. */
export function runStep(
  step: Step,
  state: HostArrays,
  batch: HostArrays,
  scalars: Readonly<Record<string, number>>,
): { state: HostArrays; outputs: Record<string, number> } {
  return tf.tidy(() => {
    const fed = Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)]));
    const result = step(toTensors(state), toTensors(batch), fed);
    const read = (tensor: tf.Tensor) => tensor.dataSync().slice() as Float32Array;
    return {
      state: Object.fromEntries(
        Object.entries(result.state).map(([name, tensor]) => [
          name,
          { shape: tensor.shape, data: read(tensor) },
        ]),
      ),
      outputs: Object.fromEntries(
        Object.entries(result.outputs).map(([name, tensor]) => [name, read(tensor)[0]]),
      ),
    } as never;
  });
}
