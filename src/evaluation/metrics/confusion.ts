import { UserError } from '../../errors.js';

/** Counts [true class, predicted class], row-major. Plain data; matrices of several recordings add up. */
export interface Confusion {
  readonly classCount: number;
  readonly counts: Float64Array;
}

/** What a class is worth, from its counts. Ratios without a denominator are 0, as scikit-learn's `zero_division=0`. */
export interface ClassScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Frames that carry the class. */
  readonly support: number;
}

/**
 * Counts frames by true and predicted class; frames with a negative label (unannotated) are left out.
 * @param labels [frame] class indices
 * @param predictions [frame] class indices
 * @throws UserError (`data`) when the lengths differ or a label is outside the vocabulary.
 */
export function countConfusion(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classCount: number,
): Confusion {
  if (labels.length !== predictions.length) {
    throw new UserError('data', `confusion: ${labels.length} labels, ${predictions.length} predictions`);
  }
  const counts = new Float64Array(classCount * classCount);
  for (let frame = 0; frame < labels.length; frame++) {
    const label = labels[frame];
    if (label < 0) continue;
    if (label >= classCount) {
      throw new UserError(
        'data',
        `confusion: frame ${frame} carries class ${label}, the vocabulary has ${classCount} classes`,
      );
    }
    counts[label * classCount + predictions[frame]]++;
  }
  return { classCount, counts };
}

/** The same over recordings, whose matrices add up. @throws UserError as `countConfusion` */
export function countConfusions(
  recordings: readonly { readonly labels: ArrayLike<number>; readonly predictions: ArrayLike<number> }[],
  classCount: number,
): Confusion {
  const counts = new Float64Array(classCount * classCount);
  for (const { labels, predictions } of recordings) {
    countConfusion(labels, predictions, classCount).counts.forEach((count, cell) => {
      counts[cell] += count;
    });
  }
  return { classCount, counts };
}

/** Precision, recall and F1 of every class. */
export function scoreClasses(confusion: Confusion): ClassScore[] {
  const { classCount, counts } = confusion;
  return Array.from({ length: classCount }, (_, target) => {
    const hits = counts[target * classCount + target];
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < classCount; other++) {
      support += counts[target * classCount + other];
      predicted += counts[other * classCount + target];
    }
    return {
      precision: ratio(hits, predicted),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + predicted),
      support,
    };
  });
}

/** The mean F1 of the chosen classes; the other classes take part in the predictions only. */
export function meanF1(scores: readonly ClassScore[], scoredClasses: readonly number[]): number {
  return scoredClasses.reduce((sum, target) => sum + scores[target].f1, 0) / scoredClasses.length;
}

/** The most probable class of every frame; the first of equals. @param probabilities [frame, class] */
export function predictClasses(probabilities: ArrayLike<number>, classCount: number): Int16Array {
  const predictions = new Int16Array(probabilities.length / classCount);
  for (let frame = 0; frame < predictions.length; frame++) {
    const offset = frame * classCount;
    let best = 0;
    for (let target = 1; target < classCount; target++) {
      if (probabilities[offset + target] > probabilities[offset + best]) best = target;
    }
    predictions[frame] = best;
  }
  return predictions;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
