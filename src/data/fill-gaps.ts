/**
 * Fills gaps of at most `longestFrames` frames in the way of a point along a straight line; longer ones, and those at the
 * ends of the recording, stay missing. The input is not changed.
 *
 * @param pose [frame, ..., space]; NaN where missing
 * @returns the same shape, and how many points of how many frames were filled, taken together
 */
export function fillGaps(
  pose: Float32Array,
  frames: number,
  longestFrames: number,
): { readonly pose: Float32Array; readonly pointsFilled: number } {
  if (longestFrames === 0) return { pose, pointsFilled: 0 };
  const filled = pose.slice();
  const row = pose.length / frames;
  let pointsFilled = 0;
  for (let x = 0; x < row; x += 2) {
    let lastSeen = -1;
    for (let frame = 0; frame < frames; frame++) {
      if (Number.isNaN(pose[frame * row + x])) continue;
      const gap = frame - lastSeen - 1;
      if (lastSeen >= 0 && gap > 0 && gap <= longestFrames) {
        for (let at = lastSeen + 1; at < frame; at++)
          for (const axis of [x, x + 1]) {
            const [from, to] = [pose[lastSeen * row + axis], pose[frame * row + axis]];
            filled[at * row + axis] = from + ((to - from) * (at - lastSeen)) / (gap + 1);
          }
        pointsFilled += gap;
      }
      lastSeen = frame;
    }
  }
  return { pose: filled, pointsFilled };
}
