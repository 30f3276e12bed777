import { TASK_3_BEHAVIOURS } from '../../data/formats/calms21-layout.js';
import type { Task } from './task.js';

const SOCIAL = ['attack', 'investigation', 'mount', 'other'] as const;
const SCORED = ['attack', 'investigation', 'mount'] as const;
const ANNOTATORS = [1, 2, 3, 4, 5] as const;

/** Classic classification: every test frame, one softmax over four classes, three of them averaged. */
export const CALMS21_TASK1: Task = {
  name: 'task1',
  group: 'task1',
  track: 'task1',
  kind: 'multiclass',
  classes: SOCIAL,
  scoredClasses: SCORED,
  split: { by: 'subset', train: 'task1/train', test: 'task1/test' },
  fitting: 'free',
  anchor: null,
};

/** Annotation styles: the head of task 1 for each annotator, as it is (`zero-shot`) or tuned (`tied`); mean of five. */
export function calms21Task2(fitting: 'tied' | 'zero-shot'): Task[] {
  return ANNOTATORS.map((annotator) => ({
    ...CALMS21_TASK1,
    name: `task2/annotator${annotator}${fitting === 'zero-shot' ? '/zero-shot' : ''}`,
    group: fitting === 'zero-shot' ? 'task2 zero-shot' : 'task2',
    track: `task2/annotator${annotator}`,
    split: {
      by: 'subset',
      train: `task2/annotator${annotator}/train`,
      test: `task2/annotator${annotator}/test`,
    },
    fitting,
    anchor: CALMS21_TASK1.name,
  }));
}

/** New behaviours: seven binary heads, each with its own recordings, the behaviour's F1 and AP; mean of seven. */
export const CALMS21_TASK3: readonly Task[] = TASK_3_BEHAVIOURS.map((behaviour) => ({
  name: `task3/${behaviour}`,
  group: 'task3',
  track: `task3/${behaviour}`,
  kind: 'binary',
  classes: ['other', behaviour],
  scoredClasses: [behaviour],
  split: { by: 'subset', train: `task3/${behaviour}/train`, test: `task3/${behaviour}/test` },
  fitting: 'free',
  anchor: null,
}));

/** All tasks in an order in which anchors come before those that need them. */
export function calms21Tasks(): Task[] {
  return [CALMS21_TASK1, ...calms21Task2('zero-shot'), ...calms21Task2('tied'), ...CALMS21_TASK3];
}
