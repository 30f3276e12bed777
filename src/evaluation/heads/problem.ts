import { UserError } from '../../errors.js';

/**
 * One logistic regression: minimise over (W, b)
 *
 *   sum_i w_i loss_i / sum_i w_i + strength / 2 |W - W0|^2
 *
 * with loss_i the cross-entropy of frame i and w_i = frame weight x class weight; the bias is free. Without
 * an anchor W0 = 0; with one, the bias is held towards the anchor's too, so that an infinite strength is the anchor.
 */
export interface HeadProblem {
  /** `multinomial`: softmax over all classes. `binary`: logistic, class 1 against class 0. */
  readonly kind: HeadKind;
  readonly classCount: number;
  /** [frame] class indices; negative: ignored */
  readonly labels: ArrayLike<number>;
  /** [frame]; 0: ignored. null: all 1 */
  readonly frameWeights: ArrayLike<number> | null;
  /** [class]; null: all 1 */
  readonly classWeights: readonly number[] | null;
  readonly strength: number;
  readonly anchor: Coefficients | null;
}

export type HeadKind = 'multinomial' | 'binary';

/** Coefficients on standardised inputs: [column, width + 1], the bias last. A binary head has one column. */
export interface Coefficients {
  readonly columns: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** The columns of a head: one per class, or one for the positive class. */
export function columnsOf(kind: HeadKind, classCount: number): number {
  return kind === 'binary' ? 1 : classCount;
}

/** What a problem comes down to: the frames that count, their classes and weights (adding up to 1). */
export interface ActiveFrames {
  readonly frames: Uint32Array;
  readonly classes: Uint8Array;
  readonly weights: Float64Array;
}

/** @throws UserError (`data`) when no frame counts, only one class is there, or a label is outside the vocabulary. */
export function activeFrames(problem: HeadProblem): ActiveFrames {
  const { labels, frameWeights, classWeights, classCount } = problem;
  if (!(problem.strength > 0)) {
    throw new UserError('settings', `the strength of a head must be above 0, got ${problem.strength}`);
  }
  const frames: number[] = [];
  const present = new Set<number>();
  for (let frame = 0; frame < labels.length; frame++) {
    const label = labels[frame];
    if (label < 0 || (frameWeights !== null && !(frameWeights[frame] > 0))) continue;
    if (label >= classCount) {
      throw new UserError(
        'data',
        `frame ${frame} carries class ${label}, the head has ${classCount} classes`,
      );
    }
    frames.push(frame);
    present.add(label);
  }
  if (present.size < 2) {
    throw new UserError(
      'data',
      `a head needs two classes to tell apart, the ${frames.length} training frames carry ${present.size}`,
      { hint: 'Label more, or leave this behaviour out' },
    );
  }
  const weights = Float64Array.from(
    frames,
    (frame) => (frameWeights?.[frame] ?? 1) * (classWeights?.[labels[frame]] ?? 1),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    frames: Uint32Array.from(frames),
    classes: Uint8Array.from(frames, (frame) => labels[frame]),
    weights: weights.map((weight) => weight / total),
  };
}

/**
 * Weights that make every class count the same: frames / (classes x frames of the class), as scikit-learn's `balanced`.
 * @param labels [frame] class indices; negative: not counted
 * @returns [class]; 0 for a class without frames
 */
export function balanceClasses(labels: ArrayLike<number>, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  let frames = 0;
  for (let frame = 0; frame < labels.length; frame++) {
    if (labels[frame] < 0) continue;
    counts[labels[frame]]++;
    frames++;
  }
  return counts.map((count) => (count === 0 ? 0 : frames / (classCount * count)));
}
