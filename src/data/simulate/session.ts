import type { Random } from '../../random.js';
import {
  BOUT_FRAMES,
  QUANTILE_LEVELS,
  RECORDING_CORRELATION,
  SESSION_SHARES,
  TRANSITIONS,
} from './behaviour-statistics.js';
import { INTROMISSION } from './constants.js';
import { drawKey, drawQuantile, standardNormalCdf } from './draw.js';
import { SESSION_TYPES, type SessionType, TASK_ONE_CLASSES, type TaskOneClass } from './vocabulary.js';

/** A stretch of one class, frames [start, stop). */
export interface ClassBout {
  readonly behaviour: TaskOneClass;
  readonly start: number;
  readonly stop: number;
}

/** The course of a recording at the level of task 1. */
export interface Session {
  readonly type: SessionType;
  readonly hasIntromission: boolean;
  readonly bouts: readonly ClassBout[];
}

/**
 * Draws a semi-Markov chain of classes over `frames` frames. It begins in `other`, as all train sequences do. Bout
 * lengths follow the fitted quantiles; a Gaussian copula with one shared term for each class gives a recording its
 * habit (`RECORDING_CORRELATION`) without changing the marginal distribution.
 */
export function drawSession(random: Random, frames: number, wanted: SessionType | undefined): Session {
  const type = wanted ?? drawKey(random, SESSION_SHARES, SESSION_TYPES);
  const habit = Object.fromEntries(TASK_ONE_CLASSES.map((name) => [name, random.normal()])) as Record<
    TaskOneClass,
    number
  >;
  const hasIntromission = random.uniform() < INTROMISSION.recordings;
  const bouts: ClassBout[] = [];
  let behaviour: TaskOneClass = 'other';
  for (let start = 0; start < frames; ) {
    const shared = RECORDING_CORRELATION[behaviour];
    const score = Math.sqrt(shared) * habit[behaviour] + Math.sqrt(1 - shared) * random.normal();
    const length = drawQuantile(standardNormalCdf(score), QUANTILE_LEVELS, BOUT_FRAMES[type][behaviour]);
    const stop = Math.min(frames, start + Math.max(1, Math.round(length)));
    bouts.push({ behaviour, start, stop });
    start = stop;
    behaviour = drawKey(random, TRANSITIONS[type][behaviour], TASK_ONE_CLASSES);
  }
  return { type, hasIntromission, bouts };
}
