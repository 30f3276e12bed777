import type { Random } from '../../random.js';
import type { TrainingView } from './label-views.js';

/**
 * The control for leaks: each recording's labels moved round by a random quarter to three quarters of its labelled
 * frames. Frequencies and bout lengths stay, the bond with the poses is gone, so that scores fall to chance.
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
