import type { Random } from '../../random.js';

/** Tokens of a window that a mask hides: exactly round(tokens x ratio). */
export function hiddenTokenCount(tokens: number, ratio: number): number {
  return Math.round(tokens * ratio);
}

/**
 * Draws which tokens of a window are hidden: `hiddenCount` of them in spans of `spanTokens` (one of them is shorter
 * where it doesn't divide). The spans come in random order, with the visible tokens spread over the gaps between
 * them at random; spans may touch.
 *
 * @returns token numbers, ascending
 */
export function drawMask(
  tokens: number,
  hiddenCount: number,
  spanTokens: number,
  random: Random,
): Int32Array {
  const spanCount = Math.ceil(hiddenCount / spanTokens);
  const shortSpan = random.integer(spanCount);
  const visibleCount = tokens - hiddenCount;
  // A row of visible tokens and spans in random order: choose the places of the spans.
  const places = random
    .permutation(visibleCount + spanCount)
    .subarray(0, spanCount)
    .sort();
  const hidden = new Int32Array(hiddenCount);
  let count = 0;
  for (let span = 0; span < spanCount; span++) {
    const isShort = span === shortSpan;
    const length = isShort ? hiddenCount - (spanCount - 1) * spanTokens : spanTokens;
    const start = places[span] - span + count; // visible tokens before it + hidden tokens before it
    for (let token = start; token < start + length; token++) hidden[count++] = token;
  }
  return hidden;
}
