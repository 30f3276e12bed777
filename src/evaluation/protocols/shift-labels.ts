import type { Random } from '../../random.js';
import type { TrainingView } from './label-views.js';

/**
 * The control for leaks: each recording's labels moved round by a random quarter to three quarters of its labelled
 * frames. Bout lengths and each recording's frequencies stay, the bond with the poses of a moment is gone. Scores fall
 * to chance, or to what is left: recordings that differ in how often a behaviour occurs also differ in their poses, and
 * that alone may be worth something (on the rat videos TRIAL .52 where guessing gives about a third).
 */
export function shiftLabels(view: TrainingView, random: Random): TrainingView {
  return {
    recordings: view.recordings,
    labels: (recording) => rotateLabelled(view.labels(recording), random.fork('shift', recording).uniform()),
  };
}

/** Labelled frames change labels among themselves; unlabelled ones stay so. @param place in [0, 1): how far between 1/4 and 3/4 */
export function rotateLabelled(labels: Int16Array, place: number): Int16Array {
  const labelled: number[] = [];
  for (let frame = 0; frame < labels.length; frame++) if (labels[frame] >= 0) labelled.push(frame);
  const offset = Math.floor((0.25 + place / 2) * labelled.length);
  const rotated = labels.slice();
  labelled.forEach((frame, index) => {
    rotated[frame] = labels[labelled[(index + offset) % labelled.length]];
  });
  return rotated;
}
