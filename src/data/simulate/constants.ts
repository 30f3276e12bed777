/**
 * Every parameter of the simulated animals, in one place, with its reason. They were set from the literature and from
 * the label statistics in `behaviour-statistics.ts`. Linear classifiers on one frame and on motion features were looked
 * at while they were set (does motion matter?): dashes, tumbles, rearing and head bobs were changed once by what these
 * showed, the style of annotator 2 and the scores of lost points later for agreement and plausibility. The scale in
 * pixels was checked on the first frame of a real sequence. Frozen before any encoder was scored on simulated data,
 * and not to be tuned to one. Lengths are in centimetres, times in seconds, angles in radians, unless the name says
 * otherwise.
 *
 * Sources, for orders of magnitude. [C] Sun et al. 2021 (CalMS21). [M] Segalin et al. 2021, eLife 10:e63720 (MARS:
 * the tracker, and how annotators differ). [K] Kalueff et al. 2016, Nat Rev Neurosci 17:45 (grooming). [G] McGill
 * 1962, Behaviour 19:341 (mounts and intromissions of mice). [T] Beyer et al. 1981, Physiol Behav 27:727 (thrusts of
 * rats by accelerometer). [B] Blanchard et al. 2003, Eur J Pharmacol 463:97 (chase and flight). A value without a
 * letter is a plausible choice.
 */
import type { Act, SessionType, TaskThreeBehaviour } from './vocabulary.js';

/** [C] The frame, and the pixels of a centimetre: a home cage floor about 27 cm wide fills the view. */
export const VIEW = { widthPixels: 1024, heightPixels: 570, pixelsPerCm: 37.8, framesPerSecond: 30 } as const;

/** A body from above at rest: distances along the spine and half widths across it. */
export const BODY = {
  noseFromEars: 1.75,
  earsFromNeck: 0.75,
  neckFromHips: 2.9,
  tailFromHips: 1.1,
  halfEars: 0.95,
  halfHips: 1.1,
  /** Standing up shortens trunk and head in the view from above by up to this share. */
  foreshortenTrunk: 0.45,
  foreshortenHead: 0.6,
} as const;

/** Between animals: standard deviations of log factors or of offsets. An unseen animal is a new draw. */
export const INDIVIDUAL = {
  logSize: 0.07,
  logWidth: 0.08,
  logSpeed: 0.22,
  stretch: 0.06,
  headYaw: 0.12,
  bend: 0.1,
  /** Where this animal's nose or body stands against its partner, along and across the partner's axis. */
  reach: 0.45,
  mountAlong: 0.35,
  mountAcross: 0.2,
  logRhythm: 0.08,
} as const;

/** How an act moves the body; see `motion.ts` for the goals. */
export interface Drive {
  readonly goal: 'wander' | 'stay' | 'away' | 'point' | 'follow' | 'overlay' | 'spin';
  /** Target speed, or the highest speed when a point is tracked. */
  readonly cmPerSecond: number;
  /** Share of the heading error corrected in a frame. */
  readonly steer: number;
  /** Noise of the turn, radians a frame, and of the speed, cm a second a frame. */
  readonly turnNoise: number;
  readonly speedNoise: number;
  /** Length of the body against rest, and how far the head looks about (radians). */
  readonly stretch: number;
  readonly headNoise: number;
  /** A rhythm: how often, how far the pelvis moves along the body, how far the head nods sideways. */
  readonly rhythm?: { readonly hertz: number; readonly pelvisCm: number; readonly yaw: number };
  /** Duration of the act: median, and standard deviation of the log. */
  readonly seconds: readonly [median: number, logSpread: number];
}

function drive(
  goal: Drive['goal'],
  cmPerSecond: number,
  steer: number,
  noise: readonly [turn: number, speed: number],
  posture: readonly [stretch: number, headNoise: number],
  seconds: readonly [number, number],
  rhythm?: Drive['rhythm'],
): Drive {
  const row = { goal, cmPerSecond, steer, turnNoise: noise[0], speedNoise: noise[1] };
  const rest = { ...row, stretch: posture[0], headNoise: posture[1], seconds };
  return rhythm === undefined ? rest : { ...rest, rhythm };
}

/**
 * Neighbouring rows share their pose on purpose: linger and sniff, trail and sniffRear, climb, mountAttempt, mount
 * and intromission, passBy, stroll and approach, pause and groom, dash and chase differ in motion over 0.3 to 3 s.
 * Rhythms: [K] grooming strokes of 5 to 7 Hz; [T] shallow thrusts of about 22 Hz, which a camera of 30 frames a
 * second sees at 8 Hz, and [G] thrusts of 2 to 3 Hz during intromission. Speeds: walking 5 to 10, running 20 to 40,
 * chase and flight [B] up to 60 cm/s within a cage.
 */
export const DRIVES: Readonly<Record<Act, Drive>> = {
  explore: drive('wander', 6, 0.1, [0.035, 1.2], [1, 0.06], [1.6, 0.6]),
  pause: drive('stay', 0, 0, [0.008, 0.15], [0.92, 0.05], [1, 0.7]),
  groom: drive('stay', 0, 0, [0.008, 0.15], [0.86, 0.03], [2.2, 0.6], { hertz: 6, pelvisCm: 0, yaw: 0.16 }),
  linger: drive('point', 5, 0.12, [0.02, 0.6], [0.98, 0.08], [1.1, 0.6]),
  trail: drive('follow', 14, 0.14, [0.015, 0.6], [1.03, 0.04], [1, 0.5]),
  passBy: drive('point', 13, 0.16, [0.012, 0.8], [1.04, 0.03], [0.9, 0.3]),
  stroll: drive('follow', 6, 0.05, [0.035, 1], [1, 0.06], [1.5, 0.3]),
  approach: drive('follow', 15, 0.2, [0.012, 0.8], [1.05, 0.03], [0.8, 0.3]),
  disengaged: drive('away', 17, 0.2, [0.015, 0.8], [1.04, 0.03], [0.6, 0.35]),
  dash: drive('wander', 34, 0.22, [0.07, 4], [1.08, 0.04], [0.6, 0.4]),
  climb: drive('overlay', 12, 0.12, [0.02, 0.8], [1, 0.06], [0.8, 0.4]),
  mountAttempt: drive('overlay', 16, 0.2, [0.02, 0.8], [0.96, 0.05], [0.75, 0.35]),
  sniffBody: drive('follow', 20, 0.16, [0.012, 0.5], [1, 0.05], [1.3, 0.6]),
  sniffRear: drive('follow', 20, 0.16, [0.012, 0.5], [1.03, 0.05], [1.5, 0.6]),
  sniffFace: drive('follow', 20, 0.18, [0.012, 0.5], [0.98, 0.05], [0.9, 0.5]),
  lunge: drive('follow', 40, 0.3, [0.06, 5], [1.02, 0.12], [0.6, 0.5], {
    hertz: 4.5,
    pelvisCm: 0.15,
    yaw: 0.15,
  }),
  tumble: drive('spin', 18, 0.3, [0.07, 3], [0.92, 0.12], [0.8, 0.5]),
  chase: drive('follow', 55, 0.25, [0.04, 3], [1.08, 0.04], [0.7, 0.5]),
  mount: drive('overlay', 16, 0.2, [0.012, 0.4], [0.95, 0.04], [2, 0.6], {
    hertz: 22,
    pelvisCm: 0.14,
    yaw: 0,
  }),
  intromission: drive('overlay', 16, 0.2, [0.012, 0.4], [0.94, 0.04], [4, 0.6], {
    hertz: 2.6,
    pelvisCm: 0.3,
    yaw: 0,
  }),
  rear: drive('stay', 0, 0, [0.015, 0.2], [1, 0.06], [1.3, 0.5]),
  retreat: drive('away', 9, 0.12, [0.025, 1], [1.03, 0.04], [0.9, 0.5]),
  submit: drive('stay', 1.2, 0, [0.012, 0.3], [0.88, 0.03], [1.5, 0.5]),
  flee: drive('away', 50, 0.25, [0.07, 4], [1.1, 0.04], [0.7, 0.4]),
};

/**
 * Standing up: how far (share of a full rear), frames to rise; and the brief bob of the head that one frame can't
 * tell from it.
 */
export const REARING = {
  lift: 0.75,
  liftSpread: 0.4,
  riseFrames: 7,
  bobLift: 0.65,
  bobsPerSecond: 0.2,
  bobFrames: 11,
} as const;

/** Where the nose is held on the partner's body: along its axis from the trunk's middle, and the spread of that. */
export const TARGETS = {
  sniffBody: { along: 0, alongSpread: 1.2, across: 0.8 },
  sniffRear: { along: -2.6, alongSpread: 0.4, across: 0.3 },
  sniffFace: { along: 3.9, alongSpread: 0.4, across: 0.4 },
  linger: { along: 0, alongSpread: 2.4, across: 1.8 },
  trail: { along: -4.6, alongSpread: 0.8, across: 0.6 },
  lunge: { along: 0, alongSpread: 1.4, across: 0.6 },
  /** The resident's trunk behind the intruder's; a climber stands anywhere on it, at any angle. */
  overlay: { along: -1.7, alongSpread: 0.35, across: 0.35, yaw: 0.15 },
  climb: { along: -1, alongSpread: 1, across: 0.9, yaw: 0.8 },
  /** How far beside the partner a pass aims. */
  passBeside: 4.5,
} as const;

/** Weights of the resident's acts within `other`, by distance of the trunks; `near` is below `nearCm`. */
export const OTHER_ACTS = {
  nearCm: 7,
  near: {
    explore: 0.27,
    pause: 0.17,
    groom: 0.035,
    linger: 0.32,
    trail: 0.08,
    dash: 0.05,
    climb: 0.035,
    mountAttempt: 0.004,
  },
  far: {
    explore: 0.5,
    pause: 0.21,
    groom: 0.04,
    passBy: 0.14,
    dash: 0.03,
    trail: 0.04,
    stroll: 0.03,
    approach: 0.01,
  },
} as const;

/** A mount attempt needs a session in which mounts happen; elsewhere its weight is multiplied by this. */
export const MOUNT_ATTEMPT_FACTOR: Readonly<Record<SessionType, number>> = {
  social: 0.3,
  mating: 4,
  fighting: 0.3,
  mixed: 3,
};

/**
 * How the last part of an `other` bout brings the resident to the intruder (closer than `untilCm`; `explore`: not at
 * all), and whether it begins by leaving it.
 */
export const CLOSING = {
  acts: { approach: 0.5, stroll: 0.4, explore: 0.1 },
  untilCm: 5,
  leaving: { disengaged: 0.22, explore: 0.78 },
  disengagedShortestFrames: 20,
} as const;

export const INVESTIGATION_ACTS = { sniffBody: 0.42, sniffRear: 0.42, sniffFace: 0.16 } as const;
/** [B] */
export const ATTACK_ACTS = { lunge: 0.38, tumble: 0.34, chase: 0.28 } as const;
/**
 * Recordings with intromission among those with mounts, the frames that precede it, and the shortest
 * mount that has it; `mountHabit` (standard deviations of log bout frames) lengthens mounts where it is wanted.
 */
export const INTROMISSION = {
  recordings: 0.45,
  afterSeconds: [1, 0.4],
  shortestFrames: 60,
  mountHabit: 1.2,
} as const;

/** The intruder's acts while the resident is busy with something: a class, or an act that it answers. */
export const INTRUDER_ACTS = {
  other: {
    explore: 0.48,
    pause: 0.27,
    groom: 0.06,
    rear: 0.05,
    sniffBody: 0.07,
    sniffFace: 0.02,
    dash: 0.03,
    retreat: 0.02,
  },
  investigation: {
    explore: 0.34,
    pause: 0.33,
    retreat: 0.16,
    rear: 0.04,
    sniffBody: 0.05,
    sniffFace: 0.03,
    groom: 0.05,
  },
  mount: { submit: 0.93, retreat: 0.07 },
  lunge: { submit: 0.35, retreat: 0.35, flee: 0.3 },
  dash: { flee: 0.5, explore: 0.5 },
  overlay: { submit: 0.4, retreat: 0.3, explore: 0.3 },
} as const;

/**
 * Task 3 recordings were chosen because the behaviour occurs in them ([C]; shares of frames between 0.9 and 19 %):
 * the weight of its act is multiplied by `factor`, the act is taken at the next chance when the last one is
 * `dueSeconds` ago, and the session is of a type that allows it.
 */
export const EMPHASIS: Readonly<
  Record<
    TaskThreeBehaviour,
    { readonly factor: number; readonly dueSeconds: number; readonly session?: SessionType }
  >
> = {
  approach: { factor: 1.5, dueSeconds: 20 },
  disengaged: { factor: 2, dueSeconds: 25 },
  groom: { factor: 3, dueSeconds: 20 },
  intromission: { factor: 1, dueSeconds: 20, session: 'mating' },
  mount_attempt: { factor: 1.5, dueSeconds: 25, session: 'mating' },
  sniff_face: { factor: 1.5, dueSeconds: 20 },
  whiterearing: { factor: 2, dueSeconds: 15 },
};

/** The tracker ([M]: errors of a few pixels, larger where the animals overlap; identities rarely exchanged). */
export const TRACKING = {
  /** Standard deviation of the jitter by keypoint, pixels, and its correlation from frame to frame. */
  jitterPixels: [2.2, 2, 2, 2.6, 3, 3, 2.4],
  jitterCorrelation: 0.6,
  logQuality: 0.25,
  /** A point closer than this to the partner's trunk may be hidden; it then drifts and its score falls. */
  occlusionCm: 1.5,
  occlusionDriftPixels: 9,
  occlusionCorrelation: 0.88,
  /** Jumps of single points: starts a second and animal, longest part of the time short, to a place this far off. */
  jumpsPerSecond: 0.12,
  jumpFrames: 3,
  jumpPixels: 45,
  /** Ears or hips exchanged left for right; all points exchanged between animals closer than `identityCm`. */
  mirrorsPerSecond: 0.02,
  mirrorFrames: 9,
  identityPerSecond: 0.05,
  identityFrames: 8,
  identityCm: 4,
  /** Scores: typical value by keypoint, mean loss for a pixel of error, loss of a hidden point. */
  score: [0.93, 0.95, 0.95, 0.94, 0.9, 0.9, 0.92],
  scoreSpread: 0.05,
  scoreLossPerPixel: 0.012,
  hiddenScoreLoss: 0.12,
} as const;

/** How an annotator turns what happened into labels. Frames at 30 a second. */
export interface AnnotatorStyle {
  /** Mean delay of a bout's first and last border, and the spread of each. */
  readonly onsetFrames: number;
  readonly offsetFrames: number;
  readonly borderSpread: number;
  /** A gap of `other` shorter than this between two bouts of one class is annotated through. */
  readonly mergeGapFrames: number;
  /** A bout of a class that is shorter than this is not annotated. */
  readonly shortestFrames: {
    readonly attack: number;
    readonly investigation: number;
    readonly mount: number;
  };
  /** Acts that this annotator calls something else than `CLASS_OF_ACT`. */
  readonly calls: Readonly<Partial<Record<Act, 'attack' | 'investigation' | 'mount' | 'other'>>>;
}

/**
 * Annotator 0 did task 1 (and 3), 1 to 5 task 2. [M] found annotators to differ in when a bout begins, in whether
 * brief contacts count, and in whether bouts are split; the styles are those differences at plausible sizes.
 */
export const ANNOTATOR_STYLES: readonly AnnotatorStyle[] = [
  style(2, 2, 2, 2, [1, 2, 2], {}),
  style(5, 4, 3, 8, [4, 8, 8], {}),
  style(-4, 6, 4, 20, [4, 4, 6], {
    trail: 'investigation',
    stroll: 'investigation',
    approach: 'investigation',
  }),
  style(4, 0, 3, 4, [10, 16, 15], { chase: 'other' }),
  style(1, 3, 5, 25, [10, 12, 20], { mountAttempt: 'mount', climb: 'mount', trail: 'investigation' }),
  style(8, 8, 9, 6, [8, 10, 12], { sniffFace: 'other', trail: 'investigation' }),
];

function style(
  onsetFrames: number,
  offsetFrames: number,
  borderSpread: number,
  mergeGapFrames: number,
  shortest: readonly [attack: number, investigation: number, mount: number],
  calls: AnnotatorStyle['calls'],
): AnnotatorStyle {
  const [attack, investigation, mount] = shortest;
  return {
    onsetFrames,
    offsetFrames,
    borderSpread,
    mergeGapFrames,
    shortestFrames: { attack, investigation, mount },
    calls,
  };
}
