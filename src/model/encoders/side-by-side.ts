import * as tf from '@tensorflow/tfjs';
import type { Parameters } from '../parameters.js';
import type { Encoder } from './encoder.js';

/**
 * The same encoder, fed with the windows of a batch in equal parts that depend on nothing of each other: what a
 * compiler runs on one processor at a time (norms, softmax, activations) it can then run for several parts at once.
 * Only sums over all windows, the gradients of parameters, round differently.
 *
 * @param parts how many there are at the most; a batch that can't be divided so is divided by the next smaller number
 */
export function sideBySide(encoder: Encoder, parts: number): Encoder {
  return {
    ...encoder,
    apply(parameters: Parameters, tokens: tf.Tensor3D, position: tf.Tensor2D): readonly tf.Tensor3D[] {
      const count = divisorUpTo(parts, tokens.shape[0]);
      if (count === 1) return encoder.apply(parameters, tokens, position);
      const tokenParts = tf.split<tf.Tensor3D>(tokens, count);
      const layersOfParts = tf
        .split<tf.Tensor2D>(position, count)
        .map((part, number) => encoder.apply(parameters, tokenParts[number], part));
      return layersOfParts[0].map((_, layer) =>
        tf.concat(
          layersOfParts.map((layers) => layers[layer]),
          0,
        ),
      );
    },
  };
}

/** The largest number up to `most` that divides `count`. */
function divisorUpTo(most: number, count: number): number {
  let divisor = Math.max(1, Math.min(most, count));
  while (count % divisor !== 0) divisor--;
  return divisor;
}
