import * as tf from '@tensorflow/tfjs';

// Own gradients: those of tf.sum and tf.mean multiply by a tensor of ones as large as the input.

/** sum(weight x value) / sum(weight); 0 where all weights are 0. Same shapes; `weight` gets no gradient. */
export function weightedMean(value: tf.Tensor, weight: tf.Tensor): tf.Scalar {
  const share = tf.div(weight, tf.maximum(tf.sum(weight), 1e-6));
  const mean = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([share]);
    return {
      value: tf.sum(tf.mul(x as tf.Tensor, share)) as tf.Scalar,
      gradFunc: (gradient: tf.Scalar, [saved]: tf.Tensor[]) => tf.mul(saved, gradient),
    };
  });
  return mean(value) as tf.Scalar;
}

/** The mean over the tokens of each window: [window, token, width] -> [window, width]. */
export const meanOverTokens = tf.customGrad((x) => {
  const [windows, tokens, width] = (x as tf.Tensor3D).shape;
  return {
    value: tf.mean(x as tf.Tensor3D, 1),
    gradFunc: (gradient: tf.Tensor) =>
      tf.tile(tf.reshape(tf.div(gradient, tokens), [windows, 1, width]), [1, tokens, 1]),
  };
}) as (tokens: tf.Tensor3D) => tf.Tensor2D;
