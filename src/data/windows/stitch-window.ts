import { firstFrame, type Slide, slideStart } from './slide-windows.js';

/** Features of consecutive original frames [start, start + values.length / width) of a recording. */
export interface StitchedFrames {
  readonly start: number;
  /** [frame, width] */
  readonly values: Float32Array;
}

/**
 * The original frames that a window answers for, and their features. Each frame takes those of the window in whose
 * middle it lies best, interpolated between the two tokens whose middles are nearest in time; frames before the first
 * middle or after the last one take that token. The windows of a slide, one after the other, give every original
 * frame exactly once and in order.
 *
 * @param slide of `planSlide`
 * @param window number of the window in its slide
 * @param features [token, width] of that window
 */
export function stitchWindow(
  slide: Slide,
  window: number,
  features: Float32Array,
  width: number,
): StitchedFrames {
  const { patchFrames, windowFrames, framesPerSecond: modelRate } = slide.window;
  const first = slideStart(slide, window);
  const start = firstFrame(slide, window);
  const stop = firstFrame(slide, window + 1);
  const values = new Float32Array((stop - start) * width);
  // Tokens of a short recording that lie beyond its end hold nothing.
  const lastToken = Math.floor((Math.min(windowFrames, slide.modelFrames - first) - 1) / patchFrames);
  for (let frame = start; frame < stop; frame++) {
    const modelFrame = (frame * modelRate) / slide.framesPerSecond - first;
    const position = Math.max(0, Math.min(lastToken, (modelFrame - (patchFrames - 1) / 2) / patchFrames));
    const before = Math.floor(position);
    const share = position - before;
    const from = before * width;
    const next = Math.min(lastToken, before + 1) * width;
    const to = (frame - start) * width;
    for (let column = 0; column < width; column++) {
      const value = features[from + column];
      values[to + column] = share === 0 ? value : value + share * (features[next + column] - value);
    }
  }
  return { start, values };
}
