/**
 * The share of the frames of [frame - reach, frame + reach] (clipped at the edges) whose value lies above a threshold,
 * by prefix sums: the work a frame doesn't depend on the reach.
 *
 * @param values [frame, width]; a missing value (NaN) is never above
 * @param counted [frame]: frames marked with 0 take no part at all; null: all do
 * @param at the frames that are wanted
 * @param thresholds [threshold, width]
 * @returns [wanted frame, reach, threshold, width]; 0 where no frame takes part
 */
export function shareAbove(
  values: Float32Array,
  width: number,
  counted: Uint8Array | null,
  at: ArrayLike<number>,
  reachFrames: readonly number[],
  thresholds: ArrayLike<number>,
): Float32Array {
  const count = thresholds.length / width;
  const frames = values.length / width;
  const stride = reachFrames.length * count * width;
  const output = new Float32Array(at.length * stride);
  const taken = countFrames(frames, counted);
  const above = new Int32Array((frames + 1) * width);
  for (let threshold = 0; threshold < count; threshold++) {
    for (let frame = 0; frame < frames; frame++) {
      const from = frame * width;
      const step = taken[frame + 1] - taken[frame];
      for (let channel = 0; channel < width; channel++) {
        const isAbove = values[from + channel] > thresholds[threshold * width + channel];
        above[from + width + channel] = above[from + channel] + (isAbove ? step : 0);
      }
    }
    reachFrames.forEach((reach, scale) => {
      for (let row = 0; row < at.length; row++) {
        const start = Math.max(0, at[row] - reach);
        const stop = Math.min(frames, at[row] + reach + 1);
        const perFrame = 1 / Math.max(1, taken[stop] - taken[start]);
        const to = row * stride + (scale * count + threshold) * width;
        for (let channel = 0; channel < width; channel++) {
          output[to + channel] = (above[stop * width + channel] - above[start * width + channel]) * perFrame;
        }
      }
    });
  }
  return output;
}

/** How many of the frames [0, n) take part: [frames + 1]. */
function countFrames(frames: number, counted: Uint8Array | null): Int32Array {
  const taken = new Int32Array(frames + 1);
  for (let frame = 0; frame < frames; frame++) {
    taken[frame + 1] = taken[frame] + (counted === null || counted[frame] !== 0 ? 1 : 0);
  }
  return taken;
}
