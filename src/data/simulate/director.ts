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
  ACT.dash,
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
  const attempt = OTHER_ACTS.near.mountAttempt * MOUNT_ATTEMPT_FACTOR[session.type];
  const near: Weights = { ...OTHER_ACTS.near, mountAttempt: attempt };
  const wanted =
    emphasis === undefined ? undefined : { ...ACT_OF_BEHAVIOUR[emphasis], ...EMPHASIS[emphasis] };
  const dueFrames = (wanted?.dueSeconds ?? 0) * VIEW.framesPerSecond;
  let wantedFrame = -dueFrames * random.uniform();
  let current = -1;
  let closing: Act = 'explore';
  let isClosing = false;
  let coupled = -1;

  function distance(): number {
    return Math.hypot(resident.x - intruder.x, resident.y - intruder.y);
  }

  function isWanted(animal: Animal, act: Act): boolean {
    return wanted?.act === act && (wanted.animal === 'resident') === (animal === resident);
  }

  /** Draws an act; one that the recording was chosen for is more likely, and certain when it is due. */
  function pick(animal: Animal, weights: Weights, frame: number): Act {
    const weight = wanted && weights[wanted.act];
    if (wanted === undefined || !weight || !isWanted(animal, wanted.act)) {
      return drawKey(random, weights);
    }
    return frame - wantedFrame > dueFrames
      ? wanted.act
      : drawKey(random, { ...weights, [wanted.act]: weight * wanted.factor });
  }

  function start(animal: Animal, act: Act, frame: number, latest: number): void {
    beginAct(random, animal, animal === resident ? intruder : resident, ACT[act], frame, latest);
    if (act === 'rear') {
      animal.liftTarget = REARING.lift + REARING.liftSpread * (random.uniform() - 0.5);
    }
    if (isWanted(animal, act)) {
      wantedFrame = frame;
    }
  }

  function startBout(frame: number): void {
    current++;
    const { behaviour, stop } = bouts[current];
    isClosing = false;
    if (behaviour === 'mount') {
      startMount(frame, stop);
    } else if (behaviour === 'other') {
      closing = pick(resident, CLOSING.acts, frame);
      const mayLeave = current > 0 && stop - frame >= CLOSING.disengagedShortestFrames;
      if (mayLeave && pick(resident, CLOSING.leaving, frame) === 'disengaged') {
        start(resident, 'disengaged', frame, stop);
      } else {
        continueBout(frame);
      }
    } else {
      continueBout(frame);
    }
  }

  /** A mount of some length may deepen into intromission, which then lasts until the bout's end. */
  function startMount(frame: number, stop: number): void {
    start(resident, 'mount', frame, stop);
    resident.actStop = stop;
    if (session.hasIntromission && stop - frame >= INTROMISSION.shortestFrames) {
      const [median, spread] = INTROMISSION.afterSeconds;
      const after = Math.round(drawLogNormal(random, median, spread) * VIEW.framesPerSecond);
      resident.actStop = Math.min(stop, frame + after);
    }
  }

  function continueBout(frame: number): void {
    const { behaviour, stop } = bouts[current];
    if (behaviour === 'mount') {
      start(resident, 'intromission', frame, stop);
      resident.actStop = stop;
    } else if (behaviour === 'other') {
      start(
        resident,
        pick(resident, distance() < OTHER_ACTS.nearCm ? near : OTHER_ACTS.far, frame),
        frame,
        stop,
      );
    } else {
      const weights = behaviour === 'attack' ? ATTACK_ACTS : INVESTIGATION_ACTS;
      start(resident, pick(resident, weights, frame), frame, stop);
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
      start(intruder, pick(intruder, intruderWeights(), frame), frame, latest);
    }
  }

  function intruderWeights(): Weights {
    if (resident.act === ACT.lunge) {
      return INTRUDER_ACTS.lunge;
    }
    if (resident.act === ACT.dash) {
      return INTRUDER_ACTS.dash;
    }
    if (resident.act === ACT.climb || resident.act === ACT.mountAttempt) {
      return INTRUDER_ACTS.overlay;
    }
    const { behaviour } = bouts[current];
    if (behaviour === 'mount') {
      return INTRUDER_ACTS.mount;
    }
    return behaviour === 'investigation' ? INTRUDER_ACTS.investigation : INTRUDER_ACTS.other;
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
