import type { Random } from '../../random.js';
import { BOUT_FRAMES, QUANTILE_LEVELS, RECORDING_CORRELATION, TRANSITIONS } from './behaviour-statistics.js';
import { INTROMISSION } from './constants.js';
import { drawKey, drawQuantile, standardNormalCdf } from './draw.js';
import { type SessionType, TASK_ONE_CLASSES, type TaskOneClass } from './vocabulary.js';

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

/** A recording of a few seconds may have no room for the classes of its type. */
const MOST_TRIES = 30;

/**
 * Draws a semi-Markov chain of classes over `frames` frames. It begins in `other`, as all train sequences do. Bout
 * lengths follow the fitted quantiles; a Gaussian copula with one shared term for each class gives a recording its
 * habit (`RECORDING_CORRELATION`) without changing the marginal distribution. A session of a type has the classes that
 * define the type: other draws are thrown away. `forIntromission` asks for long mounts that deepen.
 */
export function drawSession(
  random: Random,
  frames: number,
  type: SessionType,
  forIntromission: boolean,
): Session {
  let session = drawChain(random, frames, type, forIntromission);
  for (let tries = 1; tries < MOST_TRIES && !isOfType(session); tries++) {
    session = drawChain(random, frames, type, forIntromission);
  }
  return session;
}

function drawChain(random: Random, frames: number, type: SessionType, forIntromission: boolean): Session {
  const habit = Object.fromEntries(TASK_ONE_CLASSES.map((name) => [name, random.normal()])) as Record<
    TaskOneClass,
    number
  >;
  const hasIntromission = random.uniform() < INTROMISSION.recordings || forIntromission;
  habit.mount += forIntromission ? INTROMISSION.mountHabit : 0;
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

function isOfType({ type, bouts }: Session): boolean {
  const has = (name: TaskOneClass) => bouts.some(({ behaviour }) => behaviour === name);
  return (
    has('mount') === (type === 'mating' || type === 'mixed') &&
    has('attack') === (type === 'fighting' || type === 'mixed')
  );
}
