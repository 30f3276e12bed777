import type { RecordingEntry } from '../../data/store/dataset.js';
import type { HeldOutRun } from '../bouts/choose-bouts.js';
import type { HeldOut } from '../heads/choose-strength.js';
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
  const parts = heldOutOfAll(fits);
  if (parts === null) return null;
  const fused = fuseProbabilities(
    parts.map(({ probabilities }) => Float32Array.from(probabilities)),
    classCount,
    shares,
  );
  const runs: HeldOutRun[] = [];
  let row = 0;
  let offset = 0;
  const held = parts[0].frames;
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

/** What each of several heads says of the same held-out frames; null where one of them has none, or others. */
export function heldOutOfAll(fits: readonly Pick<FittedTaskHead, 'heldOut'>[]): readonly HeldOut[] | null {
  const parts = fits.flatMap(({ heldOut }) => (heldOut === null ? [] : [heldOut]));
  const isWhole = parts.length === fits.length;
  return isWhole && parts.every(({ frames }) => frames.length === parts[0].frames.length) ? parts : null;
}
