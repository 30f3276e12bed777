import { UserError } from '../../errors.js';

/** The unit that a model sees. */
export interface WindowSettings {
  /** The model's rate; recordings of other rates are resampled to it. */
  readonly framesPerSecond: number;
  /** Length of a window at that rate. */
  readonly windowFrames: number;
  /** Frames in a token; their channels lie one frame after the other. Divides `windowFrames`. */
  readonly patchFrames: number;
}

/** @throws UserError when a window is not a whole number of tokens. */
export function countTokens({ windowFrames, patchFrames }: WindowSettings): number {
  if (!(windowFrames > 0 && windowFrames % patchFrames === 0)) {
    throw new UserError(
      'settings',
      `A window of ${windowFrames} frames is not a whole number of tokens of ${patchFrames} frames.`,
      {
        hint: `Make windowFrames a multiple of patchFrames, e.g. ${Math.max(1, Math.round(windowFrames / patchFrames)) * patchFrames}.`,
      },
    );
  }
  return windowFrames / patchFrames;
}
