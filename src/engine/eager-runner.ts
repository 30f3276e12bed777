/**
 * Runs a step op by op, on any backend. Slow (each op is a call of its own), but it is the meaning of a step:
 * what the compiled modes compute is tested against it.
 */
import type * as tf from '@tensorflow/tfjs';
import type { HostArray, HostArrays } from '../arrays.js';
import type { Example, OutputInfo, Step, StepResult } from './engine.js';
import type { Runner, Signature } from './program.js';
import { checkStepResult, GUARD_OUTPUT } from './step-result.js';

type Tf = typeof tf;

export function makeEagerRunner(tfjs: Tf, step: Step, example: Example, signature: Signature): Runner {
  let state = uploadAll(tfjs, example.state);

  /** One step; the caller owns every tensor in the result. */
  const call = (batch: HostArrays, scalars: Readonly<Record<string, number>>): StepResult => {
    const given = { batch: uploadAll(tfjs, batch), scalars: uploadScalars(tfjs, signature.scalars, scalars) };
    try {
      return tfjs.tidy(() => {
        const result = step(state, given.batch, given.scalars);
        checkStepResult(result, signature.state);
        // Clones, so that a result that is one of the arguments has a life of its own.
        return { state: cloneAll(result.state), outputs: cloneAll(result.outputs) } as never;
      }) as StepResult;
    } finally {
      tfjs.dispose([...Object.values(given.batch), ...Object.values(given.scalars)]);
    }
  };

  const disposeResult = (result: StepResult): void =>
    tfjs.dispose([...Object.values(result.state), ...Object.values(result.outputs)]);

  let outputs: OutputInfo[];
  try {
    const first = call(example.batch, example.scalars); // for the outputs' shapes only: the state stays as given
    outputs = checkStepResult(first, signature.state);
    disposeResult(first);
  } catch (error) {
    tfjs.dispose(Object.values(state));
    throw error;
  }

  return {
    outputs,
    run(batch, scalars, fetch) {
      const result = call(batch, scalars);
      const guard = result.outputs[GUARD_OUTPUT];
      if (guard === undefined || (guard.dataSync()[0] as number) > 0) {
        tfjs.dispose(Object.values(state));
        state = result.state as Record<string, tf.Tensor>;
      } else {
        tfjs.dispose(Object.values(result.state));
      }
      const fetched = fetch.map((name) => [name, download(result.outputs[name] as tf.Tensor)]);
      tfjs.dispose(Object.values(result.outputs));
      return Object.fromEntries(fetched) as HostArrays;
    },
    read() {
      return Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, download(tensor)]));
    },
    write(written) {
      const replaced = Object.keys(written).map((name) => state[name] as tf.Tensor);
      state = { ...state, ...uploadAll(tfjs, written) };
      tfjs.dispose(replaced);
    },
    dispose() {
      tfjs.dispose(Object.values(state));
      state = {};
    },
  };
}

/** The values are copied: backends upload lazily, or share the array's memory. */
function uploadAll(tfjs: Tf, arrays: HostArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => {
      const dtype = data instanceof Float32Array ? 'float32' : 'int32';
      return [name, tfjs.tensor(data.slice(), [...shape], dtype)];
    }),
  );
}

function uploadScalars(
  tfjs: Tf,
  names: readonly string[],
  scalars: Readonly<Record<string, number>>,
): Record<string, tf.Tensor> {
  return Object.fromEntries(names.map((name) => [name, tfjs.scalar(scalars[name] as number, 'float32')]));
}

function cloneAll(tensors: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]));
}

function download(tensor: tf.Tensor): HostArray {
  const values = tensor.dataSync() as Float32Array | Int32Array;
  return { shape: [...tensor.shape], data: values.slice() };
}
