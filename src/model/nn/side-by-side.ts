import * as tf from '@tensorflow/tfjs';

/**
 * Applies a function to the windows of a batch in equal parts that depend on nothing of each other, and puts the results
 * together: what a compiler runs on one processor at a time (norms, softmax, activations) it can then run for several
 * parts at once. Only sums over all windows, the gradients of parameters, round differently.
 *
 * @param parts how many there are at the most; a batch that can't be divided so is divided by the next smaller number
 * @param inputs [window, ...] each
 * @param apply from a part of each input to outputs whose first extent follows that of the inputs
 * @returns the outputs for all windows
 */
export function sideBySide(
  parts: number,
  inputs: readonly tf.Tensor[],
  apply: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[],
): readonly tf.Tensor[] {
  const count = divisorUpTo(parts, inputs[0].shape[0]);
  if (count === 1) return apply(inputs);
  const split = inputs.map((input) => tf.split(input, count));
  const outputs = Array.from({ length: count }, (_, part) => apply(split.map((pieces) => pieces[part])));
  return outputs[0].map((_, output) =>
    tf.concat(
      outputs.map((ofPart) => ofPart[output]),
      0,
    ),
  );
}

/** The largest number up to `most` that divides `count`. */
function divisorUpTo(most: number, count: number): number {
  let divisor = Math.max(1, Math.min(most, count));
  while (count % divisor !== 0) divisor--;
  return divisor;
}
