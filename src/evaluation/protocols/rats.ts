import type { Task } from './task.js';

const CLASSES = ['aggression', 'social', 'nonsocial'] as const;

/**
 * Training videos of the few-label draws: `sorted(numpy.random.default_rng(200 + d).choice(range(1, 41), 4,
 * replace=False))` for d = 0 .. 3.
 */
export const RAT_DRAWS: readonly (readonly number[])[] = [
  [2, 10, 25, 27],
  [6, 12, 22, 38],
  [7, 14, 17, 18],
  [12, 14, 30, 37],
];

/** Folds by video number. */
export const RAT_FOLDS = 5;

/** Five folds by video number; TRIAL: the frames that carry one of the three classes, pooled. */
export function ratFolds(track: string): Task {
  return {
    name: 'rats/folds',
    group: 'rats/folds',
    track,
    kind: 'multiclass',
    classes: CLASSES,
    scoredClasses: CLASSES,
    split: { by: 'number-modulo', subset: null, count: RAT_FOLDS },
    fitting: 'free',
    anchor: null,
  };
}

/**
 * Four training videos, scored on all others; mean of four draws.
 * @param folds null: the others at once. A number: fold by fold, each with an encoder that never saw its poses
 */
export function ratDraws(track: string, folds: number | null): Task[] {
  const group = folds === null ? 'rats/four-videos' : 'rats/four-videos-by-fold';
  return RAT_DRAWS.map((train, draw) => ({
    ...ratFolds(track),
    name: `${group}/${draw}`,
    group,
    split: { by: 'numbers', subset: null, train, folds },
  }));
}
