import type { FrameFeatures } from '../../../src/evaluation/features/frame-features.js';

/** Features of a function that gives whole recordings, [frame, width]. */
export function wholeFeatures(
  about: Omit<FrameFeatures, 'read'>,
  compute: (recording: number) => Float32Array,
): FrameFeatures {
  return {
    ...about,
    read: (recording, start, stop) => compute(recording).slice(start * about.width, stop * about.width),
  };
}
