import { UserError } from '../../errors.js';
import { FOLD_GAP, FOLD_HELD_OUT, FOLD_TRAIN } from '../heads/choose-strength.js';

/** Labels of a recording's frames, as class indices; negative: not labelled. */
export interface LabelledFrames {
  readonly recording: number;
  /** Ascending; may leave frames out. */
  readonly frames: Uint32Array;
  /** [frame of `frames`] */
  readonly labels: Int16Array;
}

export interface FoldOptions {
  readonly count: number;
  /** Frames next to a held-out block that are not trained on: at least the reach of the features. */
  readonly gapFrames: number;
  /** `auto`: by recording where at least three recordings carry every class, else by block. */
  readonly unit: 'auto' | 'recording' | 'block' | 'frame';
}

export interface FoldPlan {
  /** `within-recording`: held-out blocks have neighbours in training; such figures are optimistic. */
  readonly unit: 'recording' | 'within-recording';
  /** [fold][frame, recordings one after another]: what the fold does with it. */
  readonly folds: readonly Uint8Array[];
}

/** The fewest recordings that must carry a class for a split by recording. */
const RECORDINGS_PER_CLASS = 3;

/**
 * Folds for cross-validation inside training data. The unit is the recording; where a class is too rare for that,
 * recordings are cut into contiguous blocks, with a gap beside each held-out one.
 * @throws UserError (`settings`) when shuffled frames are asked for: neighbouring frames are nearly equal, and a
 *   score on them says nothing. (`data`) when the labels are too few for two folds.
 */
export function planFolds(
  recordings: readonly LabelledFrames[],
  classCount: number,
  options: FoldOptions,
): FoldPlan {
  if (options.unit === 'frame') {
    throw new UserError(
      'settings',
      'folds of shuffled frames are refused: neighbouring frames are nearly equal',
      {
        hint: 'Use recordings (or blocks within them) as the unit',
      },
    );
  }
  const byRecording =
    options.unit === 'recording' || (options.unit === 'auto' && areClassesSpread(recordings, classCount));
  const units = byRecording
    ? recordings.map((_, index) => ({ recording: index, from: 0, to: recordings[index].frames.length }))
    : recordings.flatMap((recording, index) => cutBlocks(recording, index, options));
  const counts = units.map(({ recording, from, to }) =>
    countClasses(recordings[recording].labels.subarray(from, to), classCount),
  );
  const foldOf = balanceUnits(counts, Math.min(options.count, units.length), classCount);
  const folds = Array.from({ length: Math.min(options.count, units.length) }, (_, fold) =>
    layOutFold(
      recordings,
      units.filter((_, unit) => foldOf[unit] === fold),
      byRecording ? 0 : options.gapFrames,
    ),
  ).filter((roles) => isUsable(roles, recordings));
  if (folds.length === 0) {
    throw new UserError('data', 'there are too few labels for choosing the strength of a head by folds', {
      hint: 'Label more recordings, or name one strength in the settings',
    });
  }
  return { unit: byRecording ? 'recording' : 'within-recording', folds };
}

/**
 * Spreads units over folds so that each class is spread evenly: the most one-sided unit first, each to the fold where
 * the squared class shares add up to least (ties: the fold with the fewest units, then the first).
 * @param counts [unit][class] frames
 * @returns [unit] its fold
 */
export function balanceUnits(
  counts: readonly Float64Array[],
  foldCount: number,
  classCount: number,
): Int32Array {
  const totals = new Float64Array(classCount);
  for (const unit of counts)
    for (let target = 0; target < classCount; target++) totals[target] += unit[target];
  const shares = counts.map((unit) =>
    unit.map((count, target) => (totals[target] > 0 ? count / totals[target] : 0)),
  );
  const order = [...shares.keys()].sort((a, b) => Math.max(...shares[b]) - Math.max(...shares[a]) || a - b);
  const filled = Array.from({ length: foldCount }, () => new Float64Array(classCount));
  const unitsIn = new Float64Array(foldCount);
  const foldOf = new Int32Array(counts.length);
  for (const unit of order) {
    let best = 0;
    let lowest = Number.POSITIVE_INFINITY;
    filled.forEach((fold, index) => {
      // The cost of a crowded fold: how much the sum of squares grows; of equal ones that with fewer units goes first.
      let cost = unitsIn[index] * 1e-9;
      for (let target = 0; target < classCount; target++) cost += 2 * fold[target] * shares[unit][target];
      if (cost < lowest) {
        lowest = cost;
        best = index;
      }
    });
    foldOf[unit] = best;
    unitsIn[best]++;
    for (let target = 0; target < classCount; target++) filled[best][target] += shares[unit][target];
  }
  return foldOf;
}

/** Frames of each class, [class]; negative labels count for none. */
export function countClasses(labels: ArrayLike<number>, classCount: number): Float64Array {
  const counts = new Float64Array(classCount);
  for (let frame = 0; frame < labels.length; frame++) if (labels[frame] >= 0) counts[labels[frame]]++;
  return counts;
}

interface Unit {
  /** Index into the labelled recordings. */
  readonly recording: number;
  /** Positions among its frames. */
  readonly from: number;
  readonly to: number;
}

function areClassesSpread(recordings: readonly LabelledFrames[], classCount: number): boolean {
  const carriers = new Float64Array(classCount);
  for (const { labels } of recordings) {
    countClasses(labels, classCount).forEach((count, target) => {
      if (count > 0) carriers[target]++;
    });
  }
  return carriers.every((count) => count === 0 || count >= RECORDINGS_PER_CLASS);
}

/** Blocks of at least four gaps, at most four per fold; a short recording is one block. */
function cutBlocks({ frames }: LabelledFrames, recording: number, options: FoldOptions): Unit[] {
  if (frames.length === 0) return [];
  const span = frames[frames.length - 1] - frames[0] + 1;
  const wanted = Math.max(1, Math.floor(span / Math.max(1, 4 * options.gapFrames)));
  const blocks = Math.min(wanted, 4 * options.count, frames.length);
  return Array.from({ length: blocks }, (_, block) => ({
    recording,
    from: Math.floor((block * frames.length) / blocks),
    to: Math.floor(((block + 1) * frames.length) / blocks),
  }));
}

function layOutFold(
  recordings: readonly LabelledFrames[],
  heldOut: readonly Unit[],
  gapFrames: number,
): Uint8Array {
  const starts: number[] = [];
  let total = 0;
  for (const { frames } of recordings) {
    starts.push(total);
    total += frames.length;
  }
  const roles = new Uint8Array(total).fill(FOLD_TRAIN);
  for (const { recording, from, to } of heldOut) {
    const { frames } = recordings[recording];
    for (let position = 0; position < frames.length; position++) {
      const near =
        frames[position] >= frames[from] - gapFrames && frames[position] <= frames[to - 1] + gapFrames;
      if (near) roles[starts[recording] + position] = FOLD_GAP;
    }
  }
  for (const { recording, from, to } of heldOut) {
    roles.fill(FOLD_HELD_OUT, starts[recording] + from, starts[recording] + to);
  }
  return roles;
}

/** A fold can be fitted and tells something: two classes to train on, something labelled held out. */
function isUsable(roles: Uint8Array, recordings: readonly LabelledFrames[]): boolean {
  const trained = new Set<number>();
  let heldOut = 0;
  let frame = 0;
  for (const { labels } of recordings) {
    for (const label of labels) {
      const role = roles[frame++];
      if (label < 0) continue;
      if (role === FOLD_TRAIN) trained.add(label);
      if (role === FOLD_HELD_OUT) heldOut++;
    }
  }
  return trained.size >= 2 && heldOut > 0;
}
