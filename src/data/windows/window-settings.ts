import { UserError } from '../../errors.js';
import type { FrontEnd } from '../inputs/front-end.js';

/** The unit that a model sees. */
export interface WindowSettings {
  /** The model's rate; recordings of other rates are resampled to it. */
  readonly framesPerSecond: number;
  /** Length of a window at that rate. */
  readonly windowFrames: number;
  /** Frames in a token. Divides `windowFrames`. */
  readonly patchFrames: number;
  /**
   * What a token holds of its frames. `frames`: the channels of each, one frame after the other. `mean`: the mean of
   * each channel over the frames where it is known.
   */
  readonly patch: 'frames' | 'mean';
}

/** Sizes of a window's tokens. */
export interface TokenShape {
  /** Tokens of a window. */
  readonly tokens: number;
  /** Input channels of a token, without the flag of a hidden one. */
  readonly channels: number;
  /** Target channels of a token. */
  readonly targets: number;
}

/** @throws UserError when a window is not a whole number of tokens. */
export function shapeTokens(
  { windowFrames, patchFrames, patch }: WindowSettings,
  frontEnd: FrontEnd,
): TokenShape {
  if (!(windowFrames > 0 && windowFrames % patchFrames === 0)) {
    const nearest = Math.max(1, Math.round(windowFrames / patchFrames)) * patchFrames;
    throw new UserError(
      'settings',
      `A window of ${windowFrames} frames is not a whole number of tokens of ${patchFrames} frames.`,
      { hint: `Make windowFrames a multiple of patchFrames, e.g. ${nearest}.` },
    );
  }
  const framesKept = patch === 'frames' ? patchFrames : 1;
  const context = frontEnd.context?.names.length ?? 0;
  return {
    tokens: windowFrames / patchFrames,
    channels: framesKept * frontEnd.channels.length + context,
    targets: framesKept * frontEnd.targetChannels.length + (frontEnd.hasContextTargets ? context : 0),
  };
}
