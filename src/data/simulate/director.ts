import type { Random } from '../../random.js';
import { type Animal, beginAct } from './animal.js';
import {
  ATTACK_ACTS,
  CLOSING,
  DRIVES,
  EMPHASIS,
  INTROMISSION,
  INTRUDER_ACTS,
  INVESTIGATION_ACTS,
  MOUNT_ATTEMPT_FACTOR,
  OTHER_ACTS,
  REARING,
  VIEW,
} from './constants.js';
import { drawKey, drawLogNormal } from './draw.js';
import type { Session } from './session.js';
import { ACT, ACT_OF_BEHAVIOUR, type Act, type TaskThreeBehaviour } from './vocabulary.js';

type Weights = Readonly<Partial<Record<Act, number>>>;

/** Acts of the resident that decide what the intruder does, as long as they last. */
const COUPLED_ACTS = new Set<number>([
  ACT.tumble,
  ACT.chase,
  ACT.lunge,
  ACT.mount,
  ACT.intromission,
  ACT.climb,
  ACT.mountAttempt,
]);

/**
 * Chooses the acts of both animals while they move: the session says which class the resident shows when, the
 * distance between them says which acts of that class make sense. `direct` is called once before every frame.
 */
export interface Director {
  direct(frame: number): void;
}

/** `emphasis` makes the act of one task 3 behaviour more frequent; see `EMPHASIS`. */
export function createDirector(
  random: Random,
  session: Session,
  emphasis: TaskThreeBehaviour | undefined,
  resident: Animal,
  intruder: Animal,
): Director {
  const { bouts } = session;
  const near = emphasise(
    { ...OTHER_ACTS.near, mountAttempt: OTHER_ACTS.near.mountAttempt * MOUNT_ATTEMPT_FACTOR[session.type] },
    emphasis,
    'resident',
  );
  const far = emphasise(OTHER_ACTS.far, emphasis, 'resident');
  const investigation = emphasise(INVESTIGATION_ACTS, emphasis, 'resident');
  const intruderInOther = emphasise(INTRUDER_ACTS.other, emphasis, 'intruder');
  const intruderInvestigated = emphasise(INTRUDER_ACTS.investigation, emphasis, 'intruder');
  const frequency = (behaviour: TaskThreeBehaviour) =>
    emphasis === behaviour ? EMPHASIS[behaviour].factor : 1;
  const closingWeights: Weights = {
    approach: CLOSING.approach * frequency('approach'),
    stroll: CLOSING.stroll,
    explore: 1 - CLOSING.approach - CLOSING.stroll,
  };
  const disengagedShare = CLOSING.disengaged * frequency('disengaged');
  let current = -1;
  let closing: Act = 'explore';
  let isClosing = false;
  let coupled = -1;

  function distance(): number {
    return Math.hypot(resident.x - intruder.x, resident.y - intruder.y);
  }

  function start(animal: Animal, act: Act, frame: number, latest: number): void {
    beginAct(random, animal, animal === resident ? intruder : resident, ACT[act], frame, latest);
    if (act === 'rear') {
      animal.liftTarget = REARING.lift + REARING.liftSpread * (random.uniform() - 0.5);
    }
  }

  function startBout(frame: number): void {
    current++;
    const { behaviour, stop } = bouts[current];
    const length = stop - frame;
    isClosing = false;
    if (behaviour === 'mount') {
      const after = drawLogNormal(random, INTROMISSION.afterSeconds[0], INTROMISSION.afterSeconds[1]);
      start(resident, 'mount', frame, stop);
      const deepens = session.hasIntromission && length >= INTROMISSION.shortestFrames;
      resident.actStop = deepens ? Math.min(stop, frame + Math.round(after * VIEW.framesPerSecond)) : stop;
    } else if (behaviour === 'other') {
      closing = drawKey(random, closingWeights);
      const leaves =
        current > 0 && length >= CLOSING.disengagedShortestFrames && random.uniform() < disengagedShare;
      start(
        resident,
        leaves ? 'disengaged' : drawKey(random, distance() < OTHER_ACTS.nearCm ? near : far),
        frame,
        stop,
      );
    } else {
      start(resident, drawKey(random, behaviour === 'attack' ? ATTACK_ACTS : investigation), frame, stop);
    }
  }

  function continueBout(frame: number): void {
    const { behaviour, stop } = bouts[current];
    if (behaviour === 'mount') {
      start(resident, 'intromission', frame, stop);
      resident.actStop = stop;
    } else if (behaviour === 'other') {
      start(resident, drawKey(random, distance() < OTHER_ACTS.nearCm ? near : far), frame, stop);
    } else {
      start(resident, drawKey(random, behaviour === 'attack' ? ATTACK_ACTS : investigation), frame, stop);
    }
  }

  /** Whether it is time to come to the intruder, because an interaction follows this bout. */
  function mustClose(frame: number): boolean {
    const left = bouts[current].stop - frame;
    if (isClosing || closing === 'explore' || current === bouts.length - 1 || left > 120) {
      return false;
    }
    const gap = distance();
    const cmPerFrame = (DRIVES[closing].cmPerSecond * resident.traits.speed) / VIEW.framesPerSecond;
    return gap > OTHER_ACTS.nearCm && left <= (1.15 * (gap - CLOSING.untilCm)) / cmPerFrame;
  }

  function directIntruder(frame: number): void {
    const busy = COUPLED_ACTS.has(resident.act) ? resident.actStart : -1;
    if (busy === coupled && frame < intruder.actStop) {
      return;
    }
    coupled = busy;
    const latest = busy < 0 ? Number.POSITIVE_INFINITY : resident.actStop;
    if (resident.act === ACT.tumble) {
      start(intruder, 'tumble', frame, latest);
      intruder.actStop = latest;
      intruder.side = resident.side;
    } else if (resident.act === ACT.chase) {
      start(intruder, 'flee', frame, latest);
      intruder.actStop = latest;
    } else {
      start(intruder, drawKey(random, intruderWeights()), frame, latest);
    }
  }

  function intruderWeights(): Weights {
    if (resident.act === ACT.lunge) {
      return INTRUDER_ACTS.lunge;
    }
    if (resident.act === ACT.climb || resident.act === ACT.mountAttempt) {
      return INTRUDER_ACTS.overlay;
    }
    const { behaviour } = bouts[current];
    if (behaviour === 'mount') {
      return INTRUDER_ACTS.mount;
    }
    return behaviour === 'investigation' ? intruderInvestigated : intruderInOther;
  }

  return {
    direct(frame) {
      if (current < 0 || frame >= bouts[current].stop) {
        startBout(frame);
      } else if (bouts[current].behaviour === 'other' && mustClose(frame)) {
        isClosing = true;
        start(resident, closing, frame, bouts[current].stop);
        resident.actStop = bouts[current].stop;
      } else if (frame >= resident.actStop) {
        continueBout(frame);
      }
      directIntruder(frame);
    },
  };
}

function emphasise(
  weights: Weights,
  emphasis: TaskThreeBehaviour | undefined,
  animal: 'resident' | 'intruder',
): Weights {
  if (emphasis === undefined) {
    return weights;
  }
  const { act, animal: actor } = ACT_OF_BEHAVIOUR[emphasis];
  const weight = weights[act];
  return actor !== animal || weight === undefined
    ? weights
    : { ...weights, [act]: weight * EMPHASIS[emphasis].factor };
}
