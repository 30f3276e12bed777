/**
 * Enters all tokens of a window as row `row` of `out` [row, token, channel]. A token is `patchFrames` frames of
 * channels, which lie together already; with flags a last channel says whether the token is hidden: here none is.
 *
 * @param channels [time, channel] of the window
 */
export function enterTokens(
  channels: Float32Array,
  isFlagged: boolean,
  out: Float32Array,
  row: number,
  tokens: number,
): void {
  const size = channels.length / tokens;
  const stride = size + (isFlagged ? 1 : 0);
  for (let token = 0; token < tokens; token++) {
    out.set(channels.subarray(token * size, (token + 1) * size), (row * tokens + token) * stride);
  }
}
