import type { Random } from '../../random.js';
import { BODY, DRIVES, INDIVIDUAL, TARGETS, VIEW } from './constants.js';
import { drawLogNormal } from './draw.js';
import { ACT, ACTS } from './vocabulary.js';

/** What makes this animal differ from others, all its life: factors near 1 and offsets near 0. */
export interface Traits {
  readonly size: number;
  readonly width: number;
  readonly speed: number;
  readonly rhythm: number;
  readonly stretch: number;
  readonly headYaw: number;
  readonly bend: number;
  readonly reachAlong: number;
  readonly reachAcross: number;
  readonly mountAlong: number;
  readonly mountAcross: number;
}

/** The moving state of an animal: centimetres, radians, frames. One object a recording, changed in place. */
export interface Animal {
  readonly traits: Traits;
  /** The middle of the trunk, the body's axis, and what the last frame changed. */
  x: number;
  y: number;
  heading: number;
  speed: number;
  turn: number;
  velocityX: number;
  velocityY: number;
  /** Posture. `lift` is 0 on all fours and 1 upright; `pelvis` and `nod` are a rhythm's displacements. */
  stretch: number;
  bend: number;
  headYaw: number;
  headDrift: number;
  lift: number;
  pelvis: number;
  nod: number;
  /** Slow noise of the direction of walking, the phase of the steps, the phase of a rhythm. */
  wander: number;
  stride: number;
  phase: number;
  /** The act, its frames [actStart, actStop), and what was drawn when it began. */
  act: number;
  actStart: number;
  actStop: number;
  along: number;
  across: number;
  yaw: number;
  pointX: number;
  pointY: number;
  liftTarget: number;
  side: number;
  bobStop: number;
  /** [keypoint, space] in centimetres, as of the last frame. */
  readonly points: Float64Array;
}

/** Draws an animal and puts it somewhere in the cage. */
export function drawAnimal(random: Random): Animal {
  const factor = (spread: number) => drawLogNormal(random, 1, spread);
  const offset = (spread: number) => spread * random.normal();
  const traits: Traits = {
    size: factor(INDIVIDUAL.logSize),
    width: factor(INDIVIDUAL.logWidth),
    speed: factor(INDIVIDUAL.logSpeed),
    rhythm: factor(INDIVIDUAL.logRhythm),
    stretch: offset(INDIVIDUAL.stretch),
    headYaw: offset(INDIVIDUAL.headYaw),
    bend: offset(INDIVIDUAL.bend),
    reachAlong: offset(INDIVIDUAL.reach),
    reachAcross: offset(INDIVIDUAL.reach),
    mountAlong: offset(INDIVIDUAL.mountAlong),
    mountAcross: offset(INDIVIDUAL.mountAcross),
  };
  const { widthPixels, heightPixels, pixelsPerCm } = VIEW;
  return {
    traits,
    x: (widthPixels / pixelsPerCm) * (0.2 + 0.6 * random.uniform()),
    y: (heightPixels / pixelsPerCm) * (0.3 + 0.4 * random.uniform()),
    heading: 2 * Math.PI * random.uniform(),
    speed: 0,
    turn: 0,
    velocityX: 0,
    velocityY: 0,
    stretch: 1,
    bend: 0,
    headYaw: 0,
    headDrift: 0,
    lift: 0,
    pelvis: 0,
    nod: 0,
    wander: 0,
    stride: 0,
    phase: 0,
    act: ACT.pause,
    actStart: 0,
    actStop: 0,
    along: 0,
    across: 0,
    yaw: 0,
    pointX: 0,
    pointY: 0,
    liftTarget: 0,
    side: 1,
    bobStop: 0,
    points: new Float64Array(14),
  };
}

/** Starts an act at `frame`, for its own random duration but not beyond `latest`; draws where on `partner` it aims. */
export function beginAct(
  random: Random,
  self: Animal,
  partner: Animal,
  act: number,
  frame: number,
  latest: number,
): void {
  const name = ACTS[act];
  const [median, spread] = DRIVES[name].seconds;
  const frames = Math.max(3, Math.round(drawLogNormal(random, median, spread) * VIEW.framesPerSecond));
  self.act = act;
  self.actStart = frame;
  self.actStop = Math.min(latest, frame + frames);
  self.side = random.uniform() < 0.5 ? -1 : 1;
  self.phase = 2 * Math.PI * random.uniform();
  self.liftTarget = 0;
  aimAct(random, self, partner, act);
}

/** Keypoints of the body into `points`, [keypoint, space] in centimetres. */
export function placeBody(animal: Animal): void {
  const { traits, points, heading, bend } = animal;
  const trunk = BODY.neckFromHips * traits.size * animal.stretch * (1 - BODY.foreshortenTrunk * animal.lift);
  const head = traits.size * (1 - BODY.foreshortenHead * animal.lift);
  const width = traits.size * traits.width;
  // The spine is an arc: each half of the trunk leans by a quarter of the bend, head and rump by half of it.
  const frontX = Math.cos(heading + 0.25 * bend);
  const frontY = Math.sin(heading + 0.25 * bend);
  const rumpX = Math.cos(heading - 0.5 * bend);
  const rumpY = Math.sin(heading - 0.5 * bend);
  const headX = Math.cos(heading + 0.5 * bend + animal.headYaw + animal.nod);
  const headY = Math.sin(heading + 0.5 * bend + animal.headYaw + animal.nod);
  const neckX = animal.x + 0.5 * trunk * frontX;
  const neckY = animal.y + 0.5 * trunk * frontY;
  const back = 0.5 * trunk - animal.pelvis;
  const hipsX = animal.x - back * Math.cos(heading - 0.25 * bend);
  const hipsY = animal.y - back * Math.sin(heading - 0.25 * bend);
  const earsX = neckX + BODY.earsFromNeck * head * headX;
  const earsY = neckY + BODY.earsFromNeck * head * headY;
  const ears = BODY.halfEars * width;
  const hips = BODY.halfHips * width;
  const tail = BODY.tailFromHips * traits.size;
  points[0] = earsX + BODY.noseFromEars * head * headX;
  points[1] = earsY + BODY.noseFromEars * head * headY;
  // Rows of an image count downwards, so an animal's left is at (sin, -cos) of its heading.
  points[2] = earsX + ears * headY;
  points[3] = earsY - ears * headX;
  points[4] = earsX - ears * headY;
  points[5] = earsY + ears * headX;
  points[6] = neckX;
  points[7] = neckY;
  points[8] = hipsX + hips * rumpY;
  points[9] = hipsY - hips * rumpX;
  points[10] = hipsX - hips * rumpY;
  points[11] = hipsY + hips * rumpX;
  points[12] = hipsX - tail * rumpX;
  points[13] = hipsY - tail * rumpY;
}

function aimAct(random: Random, self: Animal, partner: Animal, act: number): void {
  const { traits } = self;
  const across = (spread: number) => spread * random.normal() + traits.reachAcross;
  switch (ACTS[act]) {
    case 'sniffBody':
    case 'sniffRear':
    case 'sniffFace':
    case 'trail':
    case 'lunge':
    case 'linger': {
      const target = TARGETS[ACTS[act] as 'sniffBody'];
      self.along = target.along + target.alongSpread * random.normal() + traits.reachAlong;
      self.across = across(target.across);
      break;
    }
    case 'climb':
    case 'mountAttempt':
    case 'mount':
    case 'intromission': {
      const target = act === ACT.climb ? TARGETS.climb : TARGETS.overlay;
      self.along = target.along + target.alongSpread * random.normal() + traits.mountAlong;
      self.across = target.across * random.normal() + traits.mountAcross;
      self.yaw = target.yaw * random.normal();
      break;
    }
    default:
      self.along = 0.5 * random.normal();
      self.across = 0.5 * random.normal();
  }
  aimAtPlace(self, partner, act);
}

/** Places in the cage, fixed when the act begins: what the partner does afterwards doesn't matter. */
function aimAtPlace(self: Animal, partner: Animal, act: number): void {
  const cos = Math.cos(partner.heading);
  const sin = Math.sin(partner.heading);
  self.pointX = partner.x + self.along * cos - self.across * sin;
  self.pointY = partner.y + self.along * sin + self.across * cos;
  if (act === ACT.passBy) {
    const towards = Math.atan2(partner.y - self.y, partner.x - self.x);
    const beside = self.side * TARGETS.passBeside;
    self.pointX = partner.x + 4 * Math.cos(towards) - beside * Math.sin(towards);
    self.pointY = partner.y + 4 * Math.sin(towards) + beside * Math.cos(towards);
  }
}
