import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import { meanOverTokens } from '../nn/weighted-mean.js';
import { initProjection, ntXent, project } from './contrastive.js';
import type { BatchTensors, LossInputs, Objective, ObjectiveShape } from './objective.js';

/** Settings of telling the future. */
export interface FutureOptions {
  /** How much later the windows begin that are to be told apart. At least a window, so that none shows the answer. */
  readonly horizonsSeconds: readonly number[];
  /** Similarities are cosines divided by this. */
  readonly temperature: number;
  /** Units of the projections' hidden layers. */
  readonly hiddenWidth: number;
  /** Width in which a prediction and a window are compared. */
  readonly projectionWidth: number;
  /** Windows of the same recording that start less than this from the true future are no negatives. */
  readonly nearSeconds: number;
}

const PATH = 'objective/future';

/**
 * Tells from a window which of the batch's windows follows it, at each horizon h:
 *
 *   l_i = -log( exp(p_h(c_i) . q(c_f) / t) / sum over j not left out of exp(p_h(c_i) . q(c_j) / t) )
 *
 * with c the mean over tokens, p_h and q projections to length 1, f the window that begins h after i. Each part is the
 * mean of l_i over the windows whose recording goes on that long. Left out of the sum are windows of the same recording
 * near f, and padding; the window i itself stays in: what it looks like is not the answer.
 *
 * The batch holds 1 + horizons equal parts: the windows, and those that follow them at each horizon.
 *
 * van den Oord et al., "Representation Learning with Contrastive Predictive Coding", arXiv:1807.03748 (InfoNCE at
 * several horizons, a map of its own for each), applied to windows instead of samples.
 */
export function buildFuture(shape: ObjectiveShape, options: FutureOptions): Objective {
  const { horizonsSeconds, temperature, hiddenWidth, projectionWidth, nearSeconds } = options;
  const parts = horizonsSeconds.map((seconds) => `future in ${seconds} s`);
  return {
    name: 'future',
    needs: {
      views: 1,
      mask: null,
      clean: false,
      truth: false,
      neighbourSeconds: null,
      futureSeconds: horizonsSeconds,
    },
    parts,

    init(random: Random): HostArrays {
      const paths = ['window', ...parts.map((_, horizon) => `horizon${horizon}`)];
      const widths = [shape.width, hiddenWidth, projectionWidth] as const;
      return Object.assign({}, ...paths.map((path) => initProjection(random, `${PATH}/${path}`, widths)));
    },

    loss({ parameters, batch, encoded }: LossInputs) {
      const windows = batch.recording.shape[0];
      const pooled = tf.slice(meanOverTokens(encoded), [0, 0], [windows, shape.width]); // of the first view
      const known = tf.slice(pooled, [0, 0], [windows / (1 + parts.length), shape.width]);
      const candidates = project(parameters, `${PATH}/window`, pooled);
      const losses = parts.map((part, horizon) => {
        const predicted = project(parameters, `${PATH}/horizon${horizon}`, known);
        const cosine = tf.matMul(predicted, candidates, false, true);
        const similarity = tf.div(cosine, temperature) as tf.Tensor2D; // [known, window]
        return [part, lossOfPart(similarity, batch, 1 + horizon, nearSeconds)] as const;
      });
      return Object.fromEntries(losses);
    },
  };
}

/** The loss where part `part` of the batch follows its first part. @param similarity [known, window] */
function lossOfPart(
  similarity: tf.Tensor2D,
  { recording, startSeconds, windowWeight }: BatchTensors,
  part: number,
  nearSeconds: number,
): tf.Scalar {
  const [count, windows] = similarity.shape;
  const followers = Int32Array.from({ length: count }, (_, known) => part * count + known);
  const ofFollowers = (field: tf.Tensor) => tf.reshape(tf.slice(field, [part * count], [count]), [count, 1]);
  const fromFollowers = (field: tf.Tensor) => tf.sub(tf.reshape(field, [1, windows]), ofFollowers(field));
  const isNear = tf.logicalAnd(
    tf.equal(fromFollowers(recording), 0),
    tf.less(tf.abs(fromFollowers(startSeconds)), nearSeconds),
  );
  const isPadding = tf.less(tf.reshape(tf.slice(windowWeight, [0], [windows]), [1, windows]), 0.5);
  const isFollower = tf.cast(tf.oneHot(tf.tensor1d(followers, 'int32'), windows), 'bool');
  const leftOut = tf.logicalAnd(tf.logicalOr(isNear, isPadding), tf.logicalNot(isFollower));
  const weight = tf.reshape(ofFollowers(windowWeight), [count]) as tf.Tensor1D;
  return ntXent(similarity, followers, tf.cast(leftOut, 'float32') as tf.Tensor2D, weight);
}
