import * as tf from '@tensorflow/tfjs';
import type { TokenDecoderOptions } from '../nn/token-decoder.js';
import { buildTokenDecoder } from '../nn/token-decoder.js';
import { weightedMean } from '../nn/weighted-mean.js';
import type { LossInputs, Objective, ObjectiveShape } from './objective.js';

/** Settings of masked reconstruction. */
export interface MaskedOptions {
  /** Share of a window's tokens that is hidden, below 1. */
  readonly maskRatio: number;
  /** Tokens that are hidden together. */
  readonly spanTokens: number;
  readonly decoder: TokenDecoderOptions;
}

/**
 * Reconstructs the hidden tokens of a window from the visible ones.
 *
 * masked = sum_i w_i (prediction_i - target_i)^2 / sum_i w_i over all channels of all hidden tokens; w is 1 where the
 * truth is valid and the window is not padding.
 *
 * He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022, applied to the frames of a pose window.
 */
export function buildMasked(shape: ObjectiveShape, options: MaskedOptions): Objective {
  const { width: encodedWidth, windowTokens, targetChannels: outputs, tokens } = shape;
  const decoder = buildTokenDecoder(
    'objective/masked/decoder',
    { encodedWidth, windowTokens, outputs, tokens },
    options.decoder,
  );
  return {
    name: 'masked',
    needs: {
      views: 1,
      mask: { ratio: options.maskRatio, spanTokens: options.spanTokens },
      clean: false,
      truth: false,
      neighbourSeconds: null,
      futureSeconds: null,
    },
    parts: ['masked'],
    init: decoder.init,
    loss({ parameters, batch, encoded }: LossInputs) {
      const { position, hidden, target, targetWeight, windowWeight } = batch;
      const rows = decoder.apply(parameters, encoded, position as tf.Tensor2D, hidden as tf.Tensor2D);
      const predicted = tf.reshape(rows, target.shape); // [window, hidden, channel]
      const weight = tf.mul(targetWeight, tf.reshape(windowWeight, [-1, 1, 1]));
      return { masked: weightedMean(tf.square(tf.sub(predicted, target)), weight) };
    },
  };
}
