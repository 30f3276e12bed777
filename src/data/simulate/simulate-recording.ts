import { type Random, seededRandom } from '../../random.js';
import type { Labels, Recording } from '../pose.js';
import { type Animal, drawAnimal } from './animal.js';
import { annotateBehaviour, annotateClasses, type TrueActs } from './annotate.js';
import { ANNOTATOR_STYLES, VIEW } from './constants.js';
import { createDirector } from './director.js';
import { moveAnimal } from './motion.js';
import { drawSession } from './session.js';
import { dropPoints, trackPose } from './tracking.js';
import type { SessionType, TaskThreeBehaviour } from './vocabulary.js';

/** A label track to annotate: the four classes in an annotator's style, or one behaviour of task 3. */
export type SimulatedTrack =
  | { readonly name: string; readonly annotator: number }
  | { readonly name: string; readonly behaviour: TaskThreeBehaviour };

/** One recording. It depends on these values alone: order, neighbours and processes don't matter. */
export interface RecordingSpec {
  readonly seed: number;
  /** With the seed and the index, the key of all randomness: another subset has other animals. */
  readonly subset: string;
  readonly index: number;
  readonly id: string;
  readonly frames: number;
  readonly tracks: readonly SimulatedTrack[];
  /** Which classes occur, see `SESSION_TYPES`. */
  readonly session: SessionType;
  /** A behaviour that this recording was chosen for, see `EMPHASIS`; null for none. */
  readonly emphasis: TaskThreeBehaviour | null;
  /** Share of points that are missing (NaN), in [0, 1). CalMS21 itself has none. */
  readonly missingShare: number;
}

/** A recording before the camera: keypoints without error, and what the animals did. */
export interface SimulatedTruth {
  /** [frame, animal, keypoint, space] in pixels. */
  readonly pose: Float32Array;
  readonly acts: TrueActs;
}

/** Frames that pass before the first one, so that no recording begins with both animals at rest. */
const RUN_IN_FRAMES = 30;

/** Resident and intruder as a tracker and annotators see them; animals in this order, points as `MOUSE_SKELETON`. */
export function simulateRecording(spec: RecordingSpec): Recording {
  const random = keyedRandom(spec);
  const { pose, acts } = simulateTruth(spec);
  const scores = trackPose(random.fork('tracking'), pose, spec.frames);
  if (spec.missingShare > 0) {
    dropPoints(random.fork('missing'), pose, scores, spec.frames, spec.missingShare);
  }
  const labels = new Map<string, Labels>();
  for (const track of spec.tracks) {
    const annotator = random.fork('annotator', track.name);
    labels.set(
      track.name,
      'behaviour' in track
        ? annotateBehaviour(annotator, acts, track.behaviour)
        : annotateClasses(annotator, acts, ANNOTATOR_STYLES[track.annotator]),
    );
  }
  const { id, subset, frames } = spec;
  return { id, subset, frames, framesPerSecond: VIEW.framesPerSecond, pose, scores, labels };
}

/** The animals and their acts of the same spec, without tracker and annotators. */
export function simulateTruth(
  spec: Pick<RecordingSpec, 'seed' | 'subset' | 'index' | 'frames' | 'session' | 'emphasis'>,
): SimulatedTruth {
  const random = keyedRandom(spec);
  const emphasis = spec.emphasis ?? undefined;
  const session = drawSession(random.fork('session'), spec.frames, spec.session, emphasis === 'intromission');
  const resident = drawAnimal(random.fork('resident'));
  const intruder = drawAnimal(random.fork('intruder'));
  const director = createDirector(random.fork('acts'), session, emphasis, resident, intruder);
  const motion = random.fork('motion');
  const pose = new Float32Array(spec.frames * 28);
  const acts = { resident: new Uint8Array(spec.frames), intruder: new Uint8Array(spec.frames) };
  for (let frame = -RUN_IN_FRAMES; frame < spec.frames; frame++) {
    if (frame >= 0) {
      director.direct(frame);
    }
    moveAnimal(motion, resident, intruder, frame);
    moveAnimal(motion, intruder, resident, frame);
    if (frame >= 0) {
      acts.resident[frame] = resident.act;
      acts.intruder[frame] = intruder.act;
      writePixels(pose, 28 * frame, resident);
      writePixels(pose, 28 * frame + 14, intruder);
    }
  }
  return { pose, acts };
}

function keyedRandom(key: Pick<RecordingSpec, 'seed' | 'subset' | 'index'>): Random {
  return seededRandom(key.seed, 'simulate', key.subset, key.index);
}

function writePixels(pose: Float32Array, offset: number, animal: Animal): void {
  for (let axis = 0; axis < 14; axis++) {
    pose[offset + axis] = animal.points[axis] * VIEW.pixelsPerCm;
  }
}
