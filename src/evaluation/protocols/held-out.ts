import type { RecordingEntry } from '../../data/store/dataset.js';
import type { HeldOutRun } from '../bouts/choose-bouts.js';
import { equalShares, fuseProbabilities } from '../heads/fuse.js';
import type { FittedTaskHead } from './fit-task-head.js';

/**
 * What fused heads say about training frames that their folds held out, in runs of neighbours of one recording; null where
 * one of them chose nothing by folds.
 * @param fits of the same training frames
 * @param everyFrames every so many frames were fitted on, so the runs are that much slower than their recordings
 * @param shares of the heads, see `fuseProbabilities`
 */
export function joinHeldOut(
  fits: readonly Pick<FittedTaskHead, 'places' | 'heldOut'>[],
  classCount: number,
  everyFrames: number,
  recordings: readonly Pick<RecordingEntry, 'framesPerSecond'>[],
  shares: readonly number[] = equalShares(fits.length),
): HeldOutRun[] | null {
  const all = heldOutOfAll(fits);
  if (all === null) return null;
  const fused = fuseProbabilities(all.probabilities, classCount, shares);
  const runs: HeldOutRun[] = [];
  let row = 0;
  let offset = 0;
  const held = all.frames;
  for (const { recording, frames, labels } of fits[0].places) {
    const rate = recordings[recording].framesPerSecond / everyFrames;
    while (row < held.length && held[row] < offset + frames.length) {
      const first = row;
      // Neighbours in the recording, not only in the list: what nobody has labelled, or no fold held out, parts them.
      do row++;
      while (
        row < held.length &&
        held[row] < offset + frames.length &&
        held[row] === held[row - 1] + 1 &&
        frames[held[row] - offset] - frames[held[row - 1] - offset] === everyFrames
      );
      runs.push({
        framesPerSecond: rate,
        labels: labels.slice(held[first] - offset, held[row - 1] - offset + 1),
        probabilities: fused.slice(first * classCount, row * classCount),
      });
    }
    offset += frames.length;
  }
  return runs;
}

/** What each of several heads says of frames that all held out: [head][frame, class]; null where one has none, or others. */
export function heldOutOfAll(
  fits: readonly Pick<FittedTaskHead, 'heldOut'>[],
): { readonly frames: Uint32Array; readonly probabilities: readonly Float32Array[] } | null {
  const parts = fits.flatMap(({ heldOut }) => (heldOut === null ? [] : [heldOut]));
  const { frames } = parts[0] ?? {};
  if (frames === undefined || parts.length < fits.length) return null;
  if (parts.some((part) => part.frames.length !== frames.length)) return null;
  return { frames, probabilities: parts.map(({ probabilities }) => Float32Array.from(probabilities)) };
}
