/** Checks what a step gave back, whatever ran it. */
import type * as tf from '@tensorflow/tfjs';
import { UserError } from '../errors.js';
import type { OutputInfo, StepResult } from './engine.js';
import { type ArrayLayout, describeLayout, type ElementType } from './layout.js';

/** The output whose value decides whether the new state is stored. */
export const GUARD_OUTPUT = 'ok';

/**
 * The step's outputs in the order of their names.
 * @throws UserError when a state key is missing, new, or changed in shape or dtype; when an output is neither
 *   float32 nor int32; when `ok` is not a scalar
 */
export function checkStepResult(result: StepResult, state: readonly ArrayLayout[]): OutputInfo[] {
  const known = new Set(state.map((layout) => layout.name));
  const added = Object.keys(result.state).find((name) => !known.has(name));
  if (added !== undefined) throw refuse(`gives back the state "${added}", which it was not given`);
  for (const layout of state) {
    const tensor = result.state[layout.name];
    if (tensor === undefined) throw refuse(`does not give back the state "${layout.name}"`);
    if (describeLayout(tensor) !== describeLayout(layout)) {
      throw refuse(
        `turns the state "${layout.name}" from ${describeLayout(layout)} into ${describeLayout(tensor)}`,
      );
    }
  }
  return Object.keys(result.outputs)
    .sort()
    .map((name) => outputInfo(name, result.outputs[name] as tf.Tensor));
}

function outputInfo(name: string, tensor: tf.Tensor): OutputInfo {
  if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32') {
    throw refuse(`gives the output "${name}" as ${tensor.dtype}; cast it to float32 or int32`);
  }
  if (name === GUARD_OUTPUT && tensor.shape.length !== 0) {
    throw refuse(
      `gives the output "ok" with the shape [${tensor.shape}]; it must be a scalar, since it guards the state`,
    );
  }
  return { name, shape: [...tensor.shape], dtype: tensor.dtype as ElementType };
}

/** A step that can't be made into a program. */
export function refuse(problem: string, hint?: string): UserError {
  return new UserError('failure', `The step ${problem}`, hint === undefined ? {} : { hint });
}
