import { UserError } from '../../errors.js';
import { createKinematics, type KinematicSettings } from '../kinematics/kinematics.js';
import type { DatasetHeader } from '../pose.js';
import { animalOrders } from './animal-orders.js';
import { type Bodies, createBodies, type PoseWindow, trackBodies } from './bodies.js';
import { bodyPlanOf, type ChannelGroup, writeGroups } from './channel-group.js';
import { type Context, type ContextSettings, createContext } from './context.js';
import { kinematicInputs, kinematicTargets } from './kinematic-channels.js';
import { createKeypointMotionChannels, createMotionChannels } from './motion-channels.js';
import { type Normalisation, standardise } from './normalisation.js';
import { createPoseChannels } from './pose-channels.js';
import { smoothRows } from './smooth-rows.js';

/** Which groups of channels: see the file of each group. */
export interface ChannelChoice {
  /** Keypoints and partner headings in the focal frame. */
  readonly pose: boolean;
  /** Velocity and turning of each body. */
  readonly motion: boolean;
  /** Velocity of each keypoint against its body. */
  readonly keypointMotion: boolean;
  /** Hand-made features, see `KinematicSettings`. */
  readonly kinematics: boolean;
}

/** Which channels a model sees of the poses in its windows. */
export interface FrontEndSettings {
  /** The model's rate: the rate of the windows that come in. */
  readonly framesPerSecond: number;
  readonly inputs: ChannelChoice & {
    /** A flag for everything that may be missing: observed or not. */
    readonly flags: boolean;
    /** What surrounds a token at several time scales, and of which channels; null or absent: nothing. */
    readonly context?: (ContextSettings & ChannelChoice) | null;
  };
  readonly targets: ChannelChoice & {
    /** Whether the context of a token is a target as well. */
    readonly context?: boolean;
    /** Full width of a centred moving average over the targets; 0 leaves them as they are. */
    readonly smoothSeconds: number;
  };
  /** How hand-made features are computed, where inputs or targets choose them. */
  readonly kinematics: KinematicSettings;
  /** Standardised values are limited to [-limit, limit]. */
  readonly limit: number;
}

/** Turns a window of poses into channels, and into what a decoder has to say about hidden frames. */
export interface FrontEnd {
  readonly framesPerSecond: number;
  /** Names of the input channels: values first, then flags. */
  readonly channels: readonly string[];
  /** How many of the channels are values. */
  readonly valueCount: number;
  readonly targetChannels: readonly string[];
  /** What surrounds a token, beside the channels of its frames; null: nothing. */
  readonly context: Context | null;
  readonly hasContextTargets: boolean;
  /** Standardised values are limited to [-limit, limit]. */
  readonly limit: number;
  /**
   * Orders of the animals in which a window is to be seen, the focal one first: one where animals are ordered, or
   * where every channel is the same whichever is focal.
   */
  readonly orders: readonly (readonly number[])[];
  /**
   * Input channels [time, channel] of a window, into `out`. Values are standardised; a missing value is 0 and its
   * flag 0; rows of hidden frames are 0. Without a normalisation values are raw and NaN where missing.
   */
  encode(window: PoseWindow, normalisation: Normalisation | null, out: Float32Array): void;
  /**
   * Target channels [time, target] of a window, and their weights: 1 where the truth is known, else 0 (and the
   * target 0), in the rows that `wanted` [time] marks with 1. The focal frame is never held here. Give it a window
   * without hidden frames and without noise. Without a normalisation targets are raw and NaN where missing.
   */
  targets(
    window: PoseWindow,
    wanted: Uint8Array,
    normalisation: Normalisation | null,
    out: Float32Array,
    weights: Float32Array,
  ): void;
}

/**
 * Makes the egocentric front-end of a data set. Rotating or shifting a whole window changes nothing but the last
 * bits of its outputs.
 *
 * @throws UserError when no input channel is chosen.
 */
export function createFrontEnd(settings: FrontEndSettings, header: DatasetHeader): FrontEnd {
  const plan = bodyPlanOf(header);
  const inputGroups = chooseGroups(settings, settings.inputs, 'inputs', header);
  const targetGroups = chooseGroups(settings, settings.targets, 'targets', header);
  const contextGroups = chooseContext(settings, header);
  if (inputGroups.length + contextGroups.length === 0) {
    throw new UserError(
      'settings',
      'The encoder has no input: pose, motion, keypointMotion, kinematics and context are all off.',
      {
        hint: 'Turn at least one group of input channels on.',
      },
    );
  }
  const values = inputGroups.flatMap((group) => group.values);
  const flags = settings.inputs.flags ? inputGroups.flatMap((group) => group.flags) : [];
  const targetChannels = targetGroups.flatMap((group) => group.values);
  const stride = values.length + flags.length;
  const smoothFrames = Math.round(settings.targets.smoothSeconds * settings.framesPerSecond);
  let bodies: Bodies = createBodies(plan, 0);
  const track = (window: PoseWindow, hold: boolean): Bodies => {
    const frames = window.visible.length;
    if (bodies.frames !== frames) bodies = createBodies(plan, frames);
    trackBodies(plan, window, hold, bodies);
    return bodies;
  };
  return {
    framesPerSecond: settings.framesPerSecond,
    channels: [...values, ...flags],
    valueCount: values.length,
    targetChannels,
    context:
      settings.inputs.context == null
        ? null
        : createContext(settings.inputs.context, contextGroups, plan, settings.framesPerSecond),
    limit: settings.limit,
    hasContextTargets: settings.targets.context === true,
    orders: [...inputGroups, ...targetGroups, ...contextGroups].every(({ isSymmetric }) => isSymmetric)
      ? animalOrders(header).slice(0, 1)
      : animalOrders(header),
    encode(window, normalisation, out) {
      const { visible } = window;
      const tracked = track(window, true);
      writeGroups(inputGroups, 'values', tracked, visible, out, stride, 0);
      if (flags.length > 0) writeGroups(inputGroups, 'flags', tracked, visible, out, stride, values.length);
      if (normalisation !== null) standardise(out, visible, stride, normalisation.inputs, settings.limit);
      clearHidden(visible, stride, values.length, normalisation === null ? Number.NaN : 0, out);
    },
    targets(window, wanted, normalisation, out, weights) {
      const columns = targetChannels.length;
      const isSmooth = smoothFrames > 1;
      // Smoothing needs the neighbours of a wanted frame.
      const written = isSmooth ? window.visible : wanted;
      writeGroups(targetGroups, 'values', track(window, false), written, out, columns, 0);
      for (let index = 0; index < out.length; index++) weights[index] = Number.isNaN(out[index]) ? 0 : 1;
      if (isSmooth) smoothRows(out, columns, smoothFrames);
      if (normalisation !== null) standardise(out, wanted, columns, normalisation.targets, settings.limit);
    },
  };
}

function chooseGroups(
  { framesPerSecond, kinematics }: FrontEndSettings,
  choice: ChannelChoice,
  purpose: 'inputs' | 'targets',
  header: DatasetHeader,
): ChannelGroup[] {
  const groups: ChannelGroup[] = [];
  if (choice.pose) groups.push(createPoseChannels(header));
  if (choice.motion) groups.push(createMotionChannels(header, framesPerSecond));
  if (choice.keypointMotion) groups.push(createKeypointMotionChannels(header, framesPerSecond));
  if (choice.kinematics) {
    const features = createKinematics(kinematics, header, framesPerSecond);
    groups.push(purpose === 'inputs' ? kinematicInputs(features) : kinematicTargets(features, header));
  }
  return groups;
}

/** @throws UserError when a context is of no channels, or a target without being an input. */
function chooseContext(settings: FrontEndSettings, header: DatasetHeader): ChannelGroup[] {
  const { context } = settings.inputs;
  if (context == null) {
    if (settings.targets.context !== true) return [];
    throw new UserError('settings', 'targets.context is on, but inputs.context is null.', {
      hint: 'Describe the context under inputs.context, or turn targets.context off.',
    });
  }
  const groups = chooseGroups(settings, context, 'inputs', header);
  if (groups.length > 0) return groups;
  throw new UserError('settings', 'inputs.context has no channels: all of its groups are off.', {
    hint: 'Turn one on, e.g. inputs.context.kinematics.',
  });
}

/** A hidden frame says nothing, not even what was held over it: its values are `value`, its flags 0. */
function clearHidden(
  visible: Uint8Array,
  stride: number,
  valueCount: number,
  value: number,
  out: Float32Array,
): void {
  for (let time = 0; time < visible.length; time++) {
    if (visible[time] !== 0) continue;
    out.fill(value, time * stride, time * stride + valueCount);
    out.fill(0, time * stride + valueCount, (time + 1) * stride);
  }
}
