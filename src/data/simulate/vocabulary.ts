import type { TASK_3_BEHAVIOURS } from '../formats/calms21-layout.js';

/** The words of CalMS21's tasks, and the finer acts that the simulated animals really do. */

/** Tasks 1 and 2, in the order of their label values. */
export const TASK_ONE_CLASSES = ['attack', 'investigation', 'mount', 'other'] as const;
export type TaskOneClass = (typeof TASK_ONE_CLASSES)[number];

/** A behaviour of task 3: a binary track each. */
export type TaskThreeBehaviour = (typeof TASK_3_BEHAVIOURS)[number];

/** What a recording contains besides investigation: mating = some mount, fighting = some attack, mixed = both. */
export const SESSION_TYPES = ['social', 'mating', 'fighting', 'mixed'] as const;
export type SessionType = (typeof SESSION_TYPES)[number];

/**
 * What an animal does in a frame. The latent truth: every label is this, seen through an annotator's style.
 * The class in the comment is the task 1 class when the resident does it.
 */
export const ACTS = [
  'explore', // other: walks about
  'pause', // other: sits, looks round
  'groom', // other: sits, small rhythmic movements of the head
  'linger', // other: near the partner, nose often towards it, but does not follow
  'trail', // other: walks behind the partner at a small distance
  'passBy', // other: runs towards the partner and past it
  'stroll', // other: drifts to the partner slowly, on a winding way
  'approach', // other: closes in on the partner, straight and fast
  'disengaged', // other: leaves the partner after an interaction
  'dash', // other: a burst of running at nobody
  'climb', // other: steps over the partner's back, at any angle
  'mountAttempt', // other: on the partner's back like a mount, brief and without a rhythm
  'sniffBody', // investigation: nose held on the flank, following
  'sniffRear', // investigation: nose held on the tail base, following
  'sniffFace', // investigation: nose held on the partner's nose, following
  'lunge', // attack: bites at the flank, fast back and forth
  'tumble', // attack: both spin round each other
  'chase', // attack: runs after the fleeing partner
  'mount', // mount: on the partner's back, fast shallow thrusts
  'intromission', // mount: the same place, slow deep thrusts
  'rear', // the intruder only: stands up
  'retreat', // the intruder only: walks away from the partner
  'submit', // the intruder only: crouches
  'flee', // the intruder only: runs away
] as const;
export type Act = (typeof ACTS)[number];

/** Number of an act: its index in `ACTS`. */
export const ACT = Object.fromEntries(ACTS.map((act, index) => [act, index])) as Readonly<
  Record<Act, number>
>;

/** The task 1 class of every act of the resident. */
export const CLASS_OF_ACT: Readonly<Record<Act, TaskOneClass>> = Object.fromEntries(
  ACTS.map((act) => [act, classOf(act)]),
) as Record<Act, TaskOneClass>;

function classOf(act: Act): TaskOneClass {
  if (act === 'lunge' || act === 'tumble' || act === 'chase') {
    return 'attack';
  }
  if (act === 'mount' || act === 'intromission') {
    return 'mount';
  }
  return act.startsWith('sniff') ? 'investigation' : 'other';
}

/** Which animal's which act a task 3 behaviour is. White is the intruder. */
export const ACT_OF_BEHAVIOUR: Readonly<
  Record<TaskThreeBehaviour, { readonly animal: 'resident' | 'intruder'; readonly act: Act }>
> = {
  approach: { animal: 'resident', act: 'approach' },
  disengaged: { animal: 'resident', act: 'disengaged' },
  groom: { animal: 'resident', act: 'groom' },
  intromission: { animal: 'resident', act: 'intromission' },
  mount_attempt: { animal: 'resident', act: 'mountAttempt' },
  sniff_face: { animal: 'resident', act: 'sniffFace' },
  whiterearing: { animal: 'intruder', act: 'rear' },
};
