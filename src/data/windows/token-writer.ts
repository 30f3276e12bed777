import type { Random } from '../../random.js';
import { addChannelNoise } from '../augment/channel-noise.js';
import { addContextNoise } from '../augment/context-noise.js';
import type { AugmentSettings } from '../augment/settings.js';
import type { PoseWindow } from '../inputs/bodies.js';
import type { FrontEnd } from '../inputs/front-end.js';
import { type Normalisation, standardise } from '../inputs/normalisation.js';
import { joinColumns, poolInputs, poolTargets } from './tokens.js';
import { shapeTokens, type WindowSettings } from './window-settings.js';

/** One view of a window; the arrays belong to the writer and hold until its next call. */
export interface View {
  /** [token, channel]; rows of hidden tokens are 0. */
  readonly tokens: Float32Array;
  /** [token, target] and their weights, in the rows that truth was asked for. */
  readonly targets: Float32Array;
  readonly weights: Float32Array;
}

/** A window with its margins on both sides, as contexts want it. */
export interface WideWindow extends PoseWindow {
  /** [time] 1 where a frame may be looked at and lies within the recording. */
  readonly counted: Uint8Array;
}

/** From poses to tokens: the channels of a token's frames, then what surrounds the token. */
export interface TokenWriter {
  readonly view: View;
  /** Fills `view.targets` and `view.weights` for the frames that `wanted` [time] (without margins) marks with 1. */
  writeTargets(window: WideWindow, wanted: Uint8Array): void;
  /**
   * Fills `view.tokens`, spoilt by `augment`.
   *
   * @param isTarget whether the poses are those that the last targets were made of: their contexts are taken then
   */
  writeInputs(
    window: WideWindow,
    isTarget: boolean,
    augment: AugmentSettings | null,
    random: Random | null,
  ): void;
}

/** @throws UserError when a window is not a whole number of tokens. */
export function createTokenWriter(
  frontEnd: FrontEnd,
  normalisation: Normalisation,
  settings: WindowSettings,
): TokenWriter {
  const { windowFrames, patchFrames, patch } = settings;
  const { context, valueCount } = frontEnd;
  const channels = frontEnd.channels.length;
  const targetCount = frontEnd.targetChannels.length;
  const shape = shapeTokens(settings, frontEnd);
  const isPooled = patch === 'mean';
  const margin = context?.marginFrames ?? 0;
  const middles = Array.from(
    { length: shape.tokens },
    (_, token) => margin + token * patchFrames + ((patchFrames - 1) >> 1),
  );
  const frames = allocateView(windowFrames, channels, targetCount);
  const pooled = isPooled ? allocateView(shape.tokens, channels, targetCount) : frames;
  const view = context === null ? pooled : allocateView(shape.tokens, shape.channels, shape.targets);
  const frameSize = pooled.tokens.length / shape.tokens;
  const targetSize = pooled.targets.length / shape.tokens;

  const core = (window: WideWindow): PoseWindow => {
    if (margin === 0) return window;
    const poseSize = window.pose.length / window.visible.length;
    return {
      ...window,
      pose: window.pose.subarray(margin * poseSize, (margin + windowFrames) * poseSize),
      visible: window.visible.subarray(margin, margin + windowFrames),
    };
  };
  let targetShares: Float32Array | null = null;
  const sharesOf = (window: WideWindow): Float32Array => {
    if (context === null || normalisation.context === undefined) return new Float32Array(0);
    const shares = context.shares({ ...window, visible: window.counted }, normalisation.context, middles);
    const everyToken = new Uint8Array(shape.tokens).fill(1);
    standardise(shares, everyToken, context.names.length, normalisation.context.shares, frontEnd.limit);
    return shares;
  };
  return {
    view,
    writeInputs(window, isTarget, augment, random) {
      const inner = core(window);
      frontEnd.encode(inner, normalisation, frames.tokens);
      if (isPooled) poolInputs(frames.tokens, channels, valueCount, patchFrames, pooled.tokens);
      const shownTokens = Uint8Array.from(middles, (middle) => window.visible[middle]);
      if (augment !== null && random !== null) {
        const shown = isPooled ? shownTokens : inner.visible;
        addChannelNoise(pooled.tokens, shown, channels, valueCount, augment, random);
      }
      if (context === null) return;
      const shares = isTarget && targetShares !== null ? targetShares : sharesOf(window);
      targetShares = null;
      if (augment !== null && random !== null) addContextNoise(shares, context, augment, random);
      shownTokens.forEach((isShown, token) => {
        if (isShown === 0) shares.fill(0, token * context.names.length, (token + 1) * context.names.length);
      });
      joinColumns(pooled.tokens, frameSize, shares, context.names.length, view.tokens);
    },
    writeTargets(window, wanted) {
      frontEnd.targets(core(window), wanted, normalisation, frames.targets, frames.weights);
      if (isPooled)
        poolTargets(frames.targets, frames.weights, targetCount, patchFrames, pooled.targets, pooled.weights);
      if (context === null) return;
      const size = frontEnd.hasContextTargets ? context.names.length : 0;
      const shares = size === 0 ? new Float32Array(0) : sharesOf(window);
      targetShares = size === 0 ? null : shares;
      const known = new Float32Array(shares.length);
      middles.forEach((middle, token) => {
        known.fill(window.counted[middle], token * size, (token + 1) * size);
        if (window.counted[middle] === 0) shares.fill(0, token * size, (token + 1) * size);
      });
      joinColumns(pooled.targets, targetSize, shares, size, view.targets);
      joinColumns(pooled.weights, targetSize, known, size, view.weights);
    },
  };
}

function allocateView(rows: number, channels: number, targets: number): View {
  return {
    tokens: new Float32Array(rows * channels),
    targets: new Float32Array(rows * targets),
    weights: new Float32Array(rows * targets),
  };
}
