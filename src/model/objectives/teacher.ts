import * as tf from '@tensorflow/tfjs';
import { standardiseRows } from '../nn/layer-norm.js';
import { oneHotRows } from '../nn/position.js';
import { smoothL1 } from '../nn/smooth-l1.js';
import type { TokenDecoderOptions } from '../nn/token-decoder.js';
import { buildTokenDecoder } from '../nn/token-decoder.js';
import { weightedMean } from '../nn/weighted-mean.js';
import type { LossInputs, Objective, ObjectiveShape, TargetInputs } from './objective.js';

/** Settings of learning from a teacher. */
export interface TeacherOptions {
  /** Share of a window's tokens that is hidden from the student, below 1. */
  readonly maskRatio: number;
  /** Tokens that are hidden together. */
  readonly spanTokens: number;
  /** So many of the teacher's last layers are averaged, each standardised. */
  readonly layers: number;
  /** Errors up to this count by their square, larger ones by their size. */
  readonly bend: number;
  readonly decoder: TokenDecoderOptions;
}

/**
 * Tells, from the visible tokens, what the teacher makes of the hidden ones. The teacher is the running average of the
 * encoder; it sees the whole window, clean.
 *
 * teacher = mean of w smoothL1(prediction - mean over the last layers of standardise(layer)); w is the window's weight.
 *
 * Baevski et al., "data2vec: A General Framework for Self-supervised Learning in Speech, Vision and Language", ICML
 * 2022 (targets are the layers of a running average of the encoder that sees everything).
 */
export function buildTeacher(shape: ObjectiveShape, options: TeacherOptions): Objective {
  const { width, windowTokens, tokens } = shape;
  const decoder = buildTokenDecoder(
    'objective/teacher/decoder',
    { encodedWidth: width, windowTokens, outputs: width, tokens },
    options.decoder,
  );
  return {
    name: 'teacher',
    needs: {
      views: 1,
      mask: { ratio: options.maskRatio, spanTokens: options.spanTokens },
      clean: true,
      truth: false,
      neighbourSeconds: null,
      futureSeconds: null,
    },
    parts: ['teacher'],
    init: decoder.init,

    targets({ average, batch, encoder }: TargetInputs) {
      const clean = batch.clean as tf.Tensor3D;
      const windows = clean.shape[0];
      const order = Array.from({ length: windows * windowTokens }, (_, index) => index % windowTokens);
      const position = tf.tensor2d(order, [windows, windowTokens], 'int32');
      const layers = encoder.apply(average, clean, position).slice(-options.layers);
      const standardised = layers.map((layer) =>
        standardiseRows(tf.reshape(layer, [windows * windowTokens, width])),
      );
      const mean = tf.div(tf.addN(standardised), layers.length);
      const perWindow = tf.reshape(mean, [windows, windowTokens, width]);
      const hidden = batch.hidden as tf.Tensor2D;
      const perView = tf.tile(perWindow, [hidden.shape[0] / windows, 1, 1]);
      const chosen = tf.reshape(oneHotRows(hidden, windowTokens), [
        hidden.shape[0],
        hidden.shape[1],
        windowTokens,
      ]);
      return { hidden: tf.matMul(chosen, perView) }; // [window, hidden, width]
    },

    loss({ parameters, batch, encoded, targets }: LossInputs) {
      const { position, hidden, windowWeight } = batch;
      const rows = decoder.apply(parameters, encoded, position as tf.Tensor2D, hidden as tf.Tensor2D);
      const error = smoothL1(tf.sub(tf.reshape(rows, targets.hidden.shape), targets.hidden), options.bend);
      const weight = tf.mul(tf.onesLike(error), tf.reshape(windowWeight, [-1, 1, 1]));
      return { teacher: weightedMean(error, weight) };
    },
  };
}
