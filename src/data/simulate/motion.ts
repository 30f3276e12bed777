import type { Random } from '../../random.js';
import { type Animal, placeBody } from './animal.js';
import { DRIVES, REARING, VIEW } from './constants.js';
import { ACT, ACTS } from './vocabulary.js';

const FRAME_SECONDS = 1 / VIEW.framesPerSecond;
const CAGE_WIDTH = VIEW.widthPixels / VIEW.pixelsPerCm;
const CAGE_HEIGHT = VIEW.heightPixels / VIEW.pixelsPerCm;
/** Walking animals look this far ahead for a wall, and keep their trunk this far from it. */
const LOOK_AHEAD_CM = 5.5;
const WALL_CM = 1.8;
/** Trunks closer than this push each other apart, unless the act is about being there. */
const BODY_CM = 2.6;
const LARGEST_TURN = 0.35;
const LARGEST_SLIDE_CM = 0.8;

/** Rows of `DRIVES` by act number, in frames instead of seconds. */
const DRIVE_OF_ACT = ACTS.map((act) => {
  const { goal, rhythm, ...rest } = DRIVES[act];
  return {
    ...rest,
    goal,
    cmPerFrame: rest.cmPerSecond * FRAME_SECONDS,
    speedNoiseFrame: rest.speedNoise * FRAME_SECONDS,
    phaseFrame: 2 * Math.PI * (rhythm?.hertz ?? 0) * FRAME_SECONDS,
    pelvisCm: rhythm?.pelvisCm ?? 0,
    yaw: rhythm?.yaw ?? 0,
    overlaps: goal === 'overlay' || goal === 'spin' || act === 'lunge' || act === 'chase',
  };
});

/** What the goal of an act asks of this frame; one object, reused. */
const wish = { heading: 0, speed: 0, slideX: 0, slideY: 0, headYaw: 0 };

/** Moves `self` by one frame towards the goal of its act, and places its keypoints. */
export function moveAnimal(random: Random, self: Animal, partner: Animal, frame: number): void {
  const drive = DRIVE_OF_ACT[self.act];
  setWish(random, self, partner, drive);
  const { traits } = self;
  const error = wrapAngle(wish.heading - self.heading);
  const turn = clamp(drive.steer * error, -LARGEST_TURN, LARGEST_TURN);
  self.turn += 0.4 * (turn - self.turn) + drive.turnNoise * random.normal();
  self.heading = wrapAngle(self.heading + self.turn);
  self.speed += 0.2 * (wish.speed - self.speed) + drive.speedNoiseFrame * random.normal();
  let stepX = self.speed * Math.cos(self.heading) + wish.slideX;
  let stepY = self.speed * Math.sin(self.heading) + wish.slideY;
  if (!drive.overlaps && !DRIVE_OF_ACT[partner.act].overlaps) {
    const awayX = self.x - partner.x;
    const awayY = self.y - partner.y;
    const distance = Math.sqrt(awayX * awayX + awayY * awayY) + 1e-6;
    if (distance < BODY_CM) {
      const push = (0.15 * (BODY_CM - distance)) / distance;
      stepX += push * awayX;
      stepY += push * awayY;
    }
  }
  self.stretch += 0.12 * (drive.stretch + traits.stretch - self.stretch) + 0.006 * random.normal();
  self.headDrift = 0.9 * self.headDrift + 0.45 * drive.headNoise * random.normal();
  self.headYaw += 0.25 * (wish.headYaw + traits.headYaw + self.headDrift - self.headYaw);
  const pace = Math.abs(self.speed) * VIEW.framesPerSecond;
  self.stride += 2 * Math.PI * (2 + 0.12 * pace) * FRAME_SECONDS;
  self.bend = traits.bend + 3 * self.turn + 0.08 * Math.min(1, pace / 8) * Math.sin(self.stride);
  if (drive.phaseFrame > 0) {
    self.phase += drive.phaseFrame * traits.rhythm * (1 + 0.06 * random.normal());
    const swing = Math.sin(self.phase);
    self.pelvis = drive.pelvisCm * swing;
    self.nod = drive.yaw * swing;
  } else {
    self.pelvis *= 0.6;
    self.nod *= 0.6;
  }
  liftBody(random, self, frame);
  const beforeX = self.x;
  const beforeY = self.y;
  self.x += stepX;
  self.y += stepY;
  placeBody(self);
  keepInside(self);
  self.velocityX = self.x - beforeX;
  self.velocityY = self.y - beforeY;
}

function setWish(random: Random, self: Animal, partner: Animal, drive: (typeof DRIVE_OF_ACT)[number]): void {
  const cap = drive.cmPerFrame * self.traits.speed;
  wish.heading = self.heading;
  wish.speed = cap;
  wish.slideX = 0;
  wish.slideY = 0;
  wish.headYaw = 0;
  switch (drive.goal) {
    case 'stay':
      wish.speed = drive.cmPerFrame;
      return;
    case 'wander':
      self.wander = 0.96 * self.wander + 0.16 * random.normal();
      wish.heading = avoidWall(self, self.heading + self.wander);
      return;
    case 'away':
      self.wander = 0.9 * self.wander + 0.2 * random.normal();
      wish.heading = avoidWall(self, Math.atan2(self.y - partner.y, self.x - partner.x) + self.wander);
      return;
    case 'point':
      trackPoint(self, self.pointX, self.pointY, 0, 0, cap);
      return;
    case 'spin':
      spinRound(random, self, partner);
      return;
    default: {
      const cos = Math.cos(partner.heading);
      const sin = Math.sin(partner.heading);
      const x = partner.x + self.along * cos - self.across * sin;
      const y = partner.y + self.along * sin + self.across * cos;
      if (drive.goal === 'follow') {
        trackPoint(self, x, y, partner.velocityX, partner.velocityY, cap);
      } else {
        wish.heading = partner.heading + self.yaw;
        wish.speed = 0;
        wish.slideX = clamp(0.25 * (x - self.x) + partner.velocityX, -LARGEST_SLIDE_CM, LARGEST_SLIDE_CM);
        wish.slideY = clamp(0.25 * (y - self.y) + partner.velocityY, -LARGEST_SLIDE_CM, LARGEST_SLIDE_CM);
      }
    }
  }
}

/** Brings the nose to (x, y), which itself moves by (velocityX, velocityY), at no more than `cap` a frame. */
function trackPoint(
  self: Animal,
  x: number,
  y: number,
  velocityX: number,
  velocityY: number,
  cap: number,
): void {
  const { points } = self;
  const cos = Math.cos(self.heading);
  const sin = Math.sin(self.heading);
  const errorX = x - points[0];
  const errorY = y - points[1];
  const ahead = errorX * cos + errorY * sin;
  const beside = errorY * cos - errorX * sin;
  wish.heading = Math.atan2(y - self.y, x - self.x);
  wish.speed = clamp(0.18 * ahead + velocityX * cos + velocityY * sin, -0.3 * cap, cap);
  const slide = clamp(0.05 * beside, -0.12, 0.12);
  wish.slideX = -sin * slide;
  wish.slideY = cos * slide;
  const towards = wrapAngle(Math.atan2(y - points[7], x - points[6]) - self.heading);
  wish.headYaw = clamp(towards, -0.7, 0.7);
}

/** Circles the partner nose to flank; both change direction together now and then. */
function spinRound(random: Random, self: Animal, partner: Animal): void {
  if (random.uniform() < 0.04) {
    self.side = -self.side;
    partner.side = self.side;
  }
  const x = partner.x - self.x;
  const y = partner.y - self.y;
  const distance = Math.sqrt(x * x + y * y) + 1e-6;
  const pull = clamp(0.15 * (distance - 2.2), -LARGEST_SLIDE_CM, LARGEST_SLIDE_CM) / distance;
  wish.heading = Math.atan2(y, x) + 1.1 * self.side;
  wish.slideX = pull * x;
  wish.slideY = pull * y;
}

/** Turns a direction of walking along a wall that is near. */
function avoidWall(self: Animal, heading: number): number {
  const x = clamp(self.x + LOOK_AHEAD_CM * Math.cos(heading), WALL_CM, CAGE_WIDTH - WALL_CM) - self.x;
  const y = clamp(self.y + LOOK_AHEAD_CM * Math.sin(heading), WALL_CM, CAGE_HEIGHT - WALL_CM) - self.y;
  return x * x + y * y < 1.5 ? self.heading + (self.wander >= 0 ? 1.2 : -1.2) : Math.atan2(y, x);
}

/** Rearing rises and sinks; a short bob of the head in other acts looks the same in a single frame. */
function liftBody(random: Random, self: Animal, frame: number): void {
  let target = 0;
  if (self.act === ACT.rear) {
    target = frame < self.actStop - REARING.riseFrames ? self.liftTarget : 0;
  } else if (frame < self.bobStop) {
    target = REARING.bobLift;
  } else if (random.uniform() < REARING.bobsPerSecond * FRAME_SECONDS) {
    self.bobStop = frame + REARING.bobFrames;
  }
  self.lift += (target - self.lift) * (2.5 / REARING.riseFrames);
}

/** Nose and tail base stay within the cage (to a few millimetres): the walls hold the body. */
function keepInside(self: Animal): void {
  const { points } = self;
  let shiftX = 0;
  let shiftY = 0;
  for (let point = 0; point < 14; point += 12) {
    const x = points[point];
    const y = points[point + 1];
    shiftX += Math.max(0, -x) - Math.max(0, x - CAGE_WIDTH);
    shiftY += Math.max(0, -y) - Math.max(0, y - CAGE_HEIGHT);
  }
  if (shiftX !== 0 || shiftY !== 0) {
    self.x += shiftX;
    self.y += shiftY;
    self.speed *= 0.8;
    for (let point = 0; point < 14; point += 2) {
      points[point] += shiftX;
      points[point + 1] += shiftY;
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function wrapAngle(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
