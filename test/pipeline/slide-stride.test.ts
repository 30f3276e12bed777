import { expect, it } from 'vitest';
import { slideStride } from '../../src/pipeline/embedder.js';
import type { Model } from '../../src/pipeline/model.js';

/** As much of a model as decides it. */
function modelOf(windowFrames: number, seesNeighbours: boolean): Model {
  return { window: { windowFrames }, encoder: { seesNeighbours } } as Model;
}

it.each([
  ['half a window where tokens see each other', 64, true, null, 32],
  ['a whole window where each token stands alone', 64, false, null, 64],
  ['the share that is asked for, whatever the encoder', 64, false, 0.25, 16],
  ['a frame at the least', 4, true, 0.01, 1],
])('%s', (_, windowFrames, seesNeighbours, share, expected) => {
  expect(slideStride(modelOf(windowFrames, seesNeighbours), share)).toBe(expected);
});
