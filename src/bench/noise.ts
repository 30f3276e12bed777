import type { HostArray, HostArrays } from '../arrays.js';
import { sizeOf } from '../arrays.js';
import type { Random } from '../random.js';

/** Channels of a frame in every benchmark: those of two mice with seven keypoints. */
export const CHANNELS = 28;

/** Independent standard normal numbers: only the shapes matter for the time. */
export function noise(random: Random, shape: readonly number[]): HostArray {
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
}

/** The shape of masked batches with two views of every window. */
export interface MaskedBatchShape {
  readonly windows: number;
  readonly windowTokens: number;
  readonly maskRatio: number;
}

/** A batch of noise with the fields of `data/windows/batch.ts`: two views, round(tokens x ratio) of them hidden. */
export function maskedNoiseBatch(random: Random, shape: MaskedBatchShape): HostArrays {
  const { windows, windowTokens, maskRatio } = shape;
  const rows = 2 * windows;
  const hiddenCount = Math.round(windowTokens * maskRatio);
  const visibleCount = windowTokens - hiddenCount;
  const position = new Int32Array(rows * visibleCount);
  const hidden = new Int32Array(rows * hiddenCount);
  for (let row = 0; row < rows; row++) {
    const order = random.permutation(windowTokens);
    position.set(order.subarray(0, visibleCount).sort(), row * visibleCount);
    hidden.set(order.subarray(visibleCount).sort(), row * hiddenCount);
  }
  const target = noise(random, [rows, hiddenCount, CHANNELS]);
  return {
    tokens: noise(random, [rows, visibleCount, CHANNELS]),
    position: { shape: [rows, visibleCount], data: position },
    hidden: { shape: [rows, hiddenCount], data: hidden },
    target,
    targetWeight: { shape: target.shape, data: new Float32Array(target.data.length).fill(1) },
    recording: { shape: [windows], data: Int32Array.from({ length: windows }, (_, window) => window) },
    startSeconds: { shape: [windows], data: new Float32Array(windows) },
    windowWeight: { shape: [rows], data: new Float32Array(rows).fill(1) },
  };
}
