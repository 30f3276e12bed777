/** From rows of frames to rows of tokens. */

/**
 * Means of input channels over patches of frames. A value that is 0 is missing and left out; where all are, the mean
 * is 0. A flag becomes the share of frames where it is set.
 *
 * @param rows [time, channel], of which the first `valueCount` channels are values
 * @param out [token, channel]
 */
export function poolInputs(
  rows: Float32Array,
  channels: number,
  valueCount: number,
  patchFrames: number,
  out: Float32Array,
): void {
  const patchSize = patchFrames * channels;
  for (let token = 0; token * channels < out.length; token++) {
    for (let column = 0; column < channels; column++) {
      const first = token * patchSize + column;
      let sum = 0;
      let known = 0;
      for (let index = first; index < first + patchSize; index += channels) {
        sum += rows[index];
        if (rows[index] !== 0) known++;
      }
      const count = column < valueCount ? Math.max(1, known) : patchFrames;
      out[token * channels + column] = sum / count;
    }
  }
}

/**
 * Means of target channels over the frames of a patch where the truth is known (weight 1), and 1 as their weight;
 * where it is known in none, both are 0.
 *
 * @param rows [time, target], 0 where the weight is
 * @param weights [time, target]
 */
export function poolTargets(
  rows: Float32Array,
  weights: Float32Array,
  targets: number,
  patchFrames: number,
  out: Float32Array,
  outWeights: Float32Array,
): void {
  const patchSize = patchFrames * targets;
  for (let token = 0; token * targets < out.length; token++) {
    for (let column = 0; column < targets; column++) {
      const first = token * patchSize + column;
      let sum = 0;
      let known = 0;
      for (let index = first; index < first + patchSize; index += targets) {
        if (weights[index] === 0) continue;
        sum += rows[index];
        known++;
      }
      out[token * targets + column] = known > 0 ? sum / known : 0;
      outWeights[token * targets + column] = known > 0 ? 1 : 0;
    }
  }
}

/**
 * Enters all tokens of a window as row `row` of `out` [row, token, channel]; with flags a last channel says whether
 * a token is hidden: here none is.
 *
 * @param view [token, channel]
 */
export function enterTokens(
  view: Float32Array,
  isFlagged: boolean,
  out: Float32Array,
  row: number,
  tokens: number,
): void {
  const size = view.length / tokens;
  const stride = size + (isFlagged ? 1 : 0);
  for (let token = 0; token < tokens; token++) {
    out.set(view.subarray(token * size, (token + 1) * size), (row * tokens + token) * stride);
  }
}

/** Puts rows side by side: [row, first + second] of [row, first] and [row, second]. */
export function joinColumns(
  one: Float32Array,
  oneSize: number,
  other: Float32Array,
  otherSize: number,
  out: Float32Array,
): void {
  const size = oneSize + otherSize;
  for (let row = 0; row * size < out.length; row++) {
    out.set(one.subarray(row * oneSize, (row + 1) * oneSize), row * size);
    out.set(other.subarray(row * otherSize, (row + 1) * otherSize), row * size + oneSize);
  }
}
