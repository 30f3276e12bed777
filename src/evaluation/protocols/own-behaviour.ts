import type { TrackDeclaration } from '../../data/pose.js';
import type { Task } from './task.js';

/**
 * A lab's own track: cross-validated by recording. A vocabulary of two is a behaviour (its second class) against the
 * rest; of more classes all are told apart, and those in `unscored` aren't averaged.
 */
export function ownBehaviour(
  track: TrackDeclaration,
  options: { readonly folds: number; readonly subset: string | null; readonly unscored: readonly string[] },
): Task {
  const classes = track.vocabulary;
  const isBinary = classes.length === 2;
  return {
    name: track.name,
    group: track.name,
    track: track.name,
    kind: isBinary ? 'binary' : 'multiclass',
    classes,
    scoredClasses: isBinary ? [classes[1]] : classes.filter((name) => !options.unscored.includes(name)),
    split: { by: 'balanced-folds', subset: options.subset, count: options.folds },
    fitting: 'free',
    anchor: null,
  };
}
