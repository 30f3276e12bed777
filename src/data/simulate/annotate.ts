import type { Random } from '../../random.js';
import type { Labels } from '../pose.js';
import { ANNOTATOR_STYLES, type AnnotatorStyle } from './constants.js';
import {
  ACT,
  ACT_OF_BEHAVIOUR,
  ACTS,
  CLASS_OF_ACT,
  TASK_ONE_CLASSES,
  type TaskOneClass,
  type TaskThreeBehaviour,
} from './vocabulary.js';

/** What both animals really did: the number of the act (`ACTS`) in every frame. */
export interface TrueActs {
  readonly resident: Uint8Array;
  readonly intruder: Uint8Array;
}

const OTHER = TASK_ONE_CLASSES.indexOf('other');

/**
 * Labels of tasks 1 and 2, indices into `TASK_ONE_CLASSES`: the acts as this annotator names them, short gaps closed,
 * brief bouts left out, borders moved by the annotator's delay and its spread.
 */
export function annotateClasses(random: Random, acts: TrueActs, style: AnnotatorStyle): Labels {
  const called = ACTS.map((act) => TASK_ONE_CLASSES.indexOf(style.calls[act] ?? CLASS_OF_ACT[act]));
  const labels = Int16Array.from(acts.resident, (act) => called[act]);
  closeGaps(labels, style.mergeGapFrames);
  const { attack, investigation, mount } = style.shortestFrames;
  dropBriefBouts(labels, { attack, investigation, mount, other: 0 });
  return moveBorders(random, labels, style, OTHER);
}

/** Labels of task 3 by annotator 0: 1 where the behaviour is shown, else 0. */
export function annotateBehaviour(random: Random, acts: TrueActs, behaviour: TaskThreeBehaviour): Labels {
  const { animal, act } = ACT_OF_BEHAVIOUR[behaviour];
  const labels = Int16Array.from(acts[animal], (shown) => (shown === ACT[act] ? 1 : 0));
  return moveBorders(random, labels, ANNOTATOR_STYLES[0], 0);
}

/** The first frame after the run of equal labels that begins at `start`. */
function findRunStop(labels: Labels, start: number): number {
  let stop = start + 1;
  while (stop < labels.length && labels[stop] === labels[start]) {
    stop++;
  }
  return stop;
}

function closeGaps(labels: Labels, gapFrames: number): void {
  for (let start = 0; start < labels.length; ) {
    const stop = findRunStop(labels, start);
    const isGap =
      labels[start] === OTHER && start > 0 && stop < labels.length && labels[start - 1] === labels[stop];
    if (isGap && stop - start < gapFrames) {
      labels.fill(labels[stop], start, stop);
    }
    start = stop;
  }
}

function dropBriefBouts(labels: Labels, shortestFrames: Readonly<Record<TaskOneClass, number>>): void {
  for (let start = 0; start < labels.length; ) {
    const stop = findRunStop(labels, start);
    if (stop - start < shortestFrames[TASK_ONE_CLASSES[labels[start]]]) {
      labels.fill(OTHER, start, stop);
    }
    start = stop;
  }
}

/** Into a bout the onset delay counts, out of one into `background` the offset delay. No run is lost or reordered. */
function moveBorders(random: Random, labels: Labels, style: AnnotatorStyle, background: number): Labels {
  const moved = new Int16Array(labels.length);
  let place = 0;
  for (let start = 0; start < labels.length; ) {
    const stop = findRunStop(labels, start);
    let border = stop;
    if (stop < labels.length) {
      const delay = labels[stop] === background ? style.offsetFrames : style.onsetFrames;
      border = Math.round(stop + delay + style.borderSpread * random.normal());
      border = Math.min(findRunStop(labels, stop) - 1, Math.max(place + 1, border));
    }
    moved.fill(labels[start], place, border);
    place = border;
    start = stop;
  }
  return moved;
}
