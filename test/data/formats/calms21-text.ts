import { seededRandom } from '../../../src/random.js';

export interface ExampleSequence {
  keypoints: number[][][][];
  scores?: number[][][];
  annotations?: number[];
  metadata?: unknown;
}

export type ExampleFile = Record<string, Record<string, ExampleSequence>>;

export const SOCIAL_VOCAB = { attack: 0, investigation: 1, mount: 2, other: 3 };

/** A sequence in CalMS21's layout: keypoints [frame][animal][space][keypoint]. */
export function exampleSequence(
  frames: number,
  seed: number,
  vocab: Record<string, number> | null,
): ExampleSequence {
  const random = seededRandom(seed, 'calms21');
  const float = () => Math.fround(random.uniform() * 1000);
  const times = <Item>(count: number, make: () => Item) => Array.from({ length: count }, make);
  return {
    keypoints: times(frames, () => times(2, () => times(2, () => times(7, float)))),
    scores: times(frames, () => times(2, () => times(7, () => Math.fround(random.uniform())))),
    ...(vocab && {
      annotations: times(frames, () => random.integer(Object.keys(vocab).length)),
      metadata: { 'annotator-id': 0, vocab },
    }),
  };
}

/** The bytes of a text in pieces of `chunkBytes`. */
export async function* chunksOf(
  text: string | Uint8Array,
  chunkBytes = 1 << 16,
): AsyncGenerator<Uint8Array, void> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  for (let start = 0; start < bytes.length; start += chunkBytes)
    yield bytes.subarray(start, start + chunkBytes);
}
