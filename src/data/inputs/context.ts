import { type Bodies, type BodyPlan, createBodies, type PoseWindow, trackBodies } from './bodies.js';
import { type ChannelGroup, writeGroups } from './channel-group.js';
import type { ChannelStatistics } from './normalisation.js';
import { shareAbove } from './share-above.js';
import { smoothRows } from './smooth-rows.js';

/**
 * What surrounds a moment: the share of time that a channel lies above each of a few thresholds, within windows of
 * several lengths around it. A coarse histogram of every channel at every time scale.
 */
export interface ContextSettings {
  /** Half widths of the windows. */
  readonly scalesSeconds: readonly number[];
  /** Thresholds: these quantiles of each channel over the training recordings. */
  readonly quantiles: readonly number[];
  /** Full width of a centred moving average over the channels before they are compared; 0: none. */
  readonly smoothSeconds: number;
}

/** What contexts learn from the training recordings: plain data, kept in the checkpoint. */
export interface ContextStatistics {
  /** [channel] the mean, which stands in for a value that is missing. */
  readonly fill: readonly number[];
  /** [quantile, channel] */
  readonly thresholds: readonly number[];
  /** Of the shares, [scale, quantile, channel]. */
  readonly shares: ChannelStatistics;
}

/** Thresholds alone: what shares are computed with before their own mean and spread are known. */
export type ContextThresholds = Pick<ContextStatistics, 'fill' | 'thresholds'>;

/** Contexts of moments in windows. */
export interface Context {
  /** Names of the shares: [scale, quantile, channel]. */
  readonly names: readonly string[];
  readonly quantiles: readonly number[];
  /** How many channels, and how many scales, the shares are of. */
  readonly channelCount: number;
  readonly scaleCount: number;
  /** Frames on both sides of a moment that have a part in it. Windows are given with so many more on each side. */
  readonly marginFrames: number;
  /** The channels themselves [frame, channel], smoothed; NaN where missing and in frames that are not visible. */
  measure(window: PoseWindow): Float32Array;
  /**
   * The shares around the frames `at` of a window: [at, name]. A frame that is not visible (hidden, or beyond the
   * recording) doesn't count, so nothing of it is told; a missing value in a visible frame counts as the channel's mean.
   */
  shares(window: PoseWindow, fitted: ContextThresholds, at: ArrayLike<number>): Float32Array;
}

/** @param groups the channels that are looked at; their flags are not */
export function createContext(
  settings: ContextSettings,
  groups: readonly ChannelGroup[],
  plan: BodyPlan,
  framesPerSecond: number,
): Context {
  const { scalesSeconds, quantiles } = settings;
  const channels = groups.flatMap((group) => group.values);
  const width = channels.length;
  const reach = scalesSeconds.map((seconds) => Math.round(seconds * framesPerSecond));
  const smoothFrames = Math.round(settings.smoothSeconds * framesPerSecond);
  let bodies: Bodies = createBodies(plan, 0);
  const measure = (window: PoseWindow): Float32Array => {
    const frames = window.visible.length;
    if (bodies.frames !== frames) bodies = createBodies(plan, frames);
    trackBodies(plan, window, true, bodies);
    const rows = new Float32Array(frames * width).fill(Number.NaN);
    writeGroups(groups, 'values', bodies, window.visible, rows, width, 0);
    if (smoothFrames > 1) smoothRows(rows, width, smoothFrames);
    return rows;
  };
  return {
    names: scalesSeconds.flatMap((seconds) =>
      quantiles.flatMap((quantile) => channels.map((channel) => `${channel}.above${quantile}.${seconds}s`)),
    ),
    quantiles,
    channelCount: width,
    scaleCount: scalesSeconds.length,
    marginFrames:
      Math.max(...reach) + (smoothFrames >> 1) + Math.max(...groups.map(({ reachFrames }) => reachFrames)),
    measure,
    shares(window, { fill, thresholds }, at) {
      const rows = measure(window);
      for (let from = 0; from < rows.length; from += width) {
        for (let channel = 0; channel < width; channel++) {
          if (Number.isNaN(rows[from + channel])) rows[from + channel] = fill[channel];
        }
      }
      return shareAbove(rows, width, window.visible, at, reach, thresholds);
    },
  };
}
