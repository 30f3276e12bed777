import { UserError } from '../../errors.js';
import type { Random } from '../../random.js';
import { type Bout, findBouts } from '../metrics/bouts.js';
import type { TrainingView } from './label-views.js';
import type { FewLabels } from './task.js';

/**
 * A part of the training labels, drawn by `random`. Whole recordings for `recordings` and `share` (at least one);
 * redrawn until every class of the full view is there, as far as 100 draws go. For `bouts`: so many bouts of each
 * class, or all of a class that has fewer; all other frames unlabelled.
 * @throws UserError (`settings`) when more recordings are asked for than there are.
 */
export function takeFewLabels(
  view: TrainingView,
  few: FewLabels,
  classCount: number,
  random: Random,
): TrainingView {
  if ('bouts' in few) return takeBouts(view, few.bouts, classCount, random);
  const total = view.recordings.length;
  const count = 'recordings' in few ? few.recordings : Math.max(1, Math.round(few.share * total));
  if (!(count >= 1 && count <= total)) {
    throw new UserError('settings', `${count} training recordings were asked for, there are ${total}`);
  }
  const classesOf = view.recordings.map(
    (recording) => new Set(view.labels(recording).filter((label) => label >= 0)),
  );
  const all = new Set(classesOf.flatMap((classes) => [...classes]));
  let chosen: number[] = [];
  for (let draw = 0; draw < 100; draw++) {
    chosen = [...random.fork('recordings', draw).permutation(total)].slice(0, count).sort((a, b) => a - b);
    if (new Set(chosen.flatMap((index) => [...classesOf[index]])).size === all.size) break;
  }
  const recordings = chosen.map((index) => view.recordings[index]);
  return {
    recordings,
    labels(recording) {
      if (!recordings.includes(recording))
        throw new Error(`recording ${recording} isn't part of the training`);
      return view.labels(recording);
    },
  };
}

function takeBouts(view: TrainingView, count: number, classCount: number, random: Random): TrainingView {
  const kept = new Map<number, Bout[]>();
  for (let target = 0; target < classCount; target++) {
    const bouts = view.recordings.flatMap((recording) =>
      findBouts(view.labels(recording), target).map((bout) => ({ recording, bout })),
    );
    for (const index of random.fork('bouts', target).permutation(bouts.length).subarray(0, count)) {
      const { recording, bout } = bouts[index];
      kept.set(recording, [...(kept.get(recording) ?? []), bout]);
    }
  }
  return {
    recordings: view.recordings.filter((recording) => kept.has(recording)),
    labels(recording) {
      const labels = view.labels(recording);
      const few = new Int16Array(labels.length).fill(-1);
      for (const { start, stop } of kept.get(recording) ?? []) few.set(labels.subarray(start, stop), start);
      return few;
    },
  };
}
