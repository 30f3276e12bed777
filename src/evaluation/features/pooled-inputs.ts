import type { RecordingEntry } from '../../data/store/dataset.js';
import type { FrameFeatures } from './frame-features.js';
import { everyFrame, type HeadInputs, type Span, spanAround } from './head-inputs.js';
import { countPools, poolFrames } from './pool.js';
import { fitPrincipalComponents, type PrincipalComponents, projectRows } from './principal-components.js';

/** How features of frames become inputs of heads: plain data, the same for every row of a table. */
export interface PoolingSettings {
  readonly statistics: 'moments';
  /** Half widths of the windows; 0 is the frame itself. */
  readonly scalesSeconds: readonly number[];
  /** Whether the standard deviation goes beside each mean. */
  readonly spread: boolean;
  /**
   * Principal components of the (standardised) channels before pooling, of each pool by itself, or none. Whitening
   * gives small components as much say as large ones: it cost .03 to .06 of TRIAL on the rat videos.
   */
  readonly reduction: {
    readonly place: 'channels' | 'pools';
    readonly components: number;
    readonly whiten: boolean;
  } | null;
  /** Whether each pattern of missing values gets a channel: 1 where it is missing. */
  readonly flagMissing: boolean;
}

/** What was learned from the training recordings: plain data, stored beside the head. */
export interface FittedPooling {
  readonly settings: PoolingSettings;
  /** Width of the features that it was fitted on. */
  readonly width: number;
  /** One channel for each pattern of missing values. */
  readonly flaggedChannels: readonly number[];
  /** One for all channels (`channels`), or one per pool (`pools`). */
  readonly reductions: readonly PrincipalComponents[];
}

export interface FitPoolingOptions {
  readonly settings: PoolingSettings;
  /** Training recordings only. */
  readonly recordings: readonly number[];
  /** Every so many frames are looked at. */
  readonly every: number;
}

/** The part of a data set that pooling asks for. */
export type RecordingSizes = readonly Pick<RecordingEntry, 'frames' | 'framesPerSecond'>[];

/** Learns the missing patterns and the principal components from frames of the training recordings. */
export function fitPooling(
  features: FrameFeatures,
  sizes: RecordingSizes,
  options: FitPoolingOptions,
): FittedPooling {
  const { settings, recordings, every } = options;
  const flaggedChannels = settings.flagMissing ? findMissingPatterns(features, sizes, options) : [];
  const fitted = { settings, width: features.width, flaggedChannels, reductions: [] };
  const { reduction } = settings;
  if (reduction === null) return fitted;
  const width = features.width + flaggedChannels.length;
  if (reduction.place === 'channels') {
    const rows = gather(recordings, (recording) =>
      takeRows(
        readFlagged(features, recording, { start: 0, stop: sizes[recording].frames }, flaggedChannels),
        width,
        sizes[recording].frames,
        every,
      ),
    );
    return {
      ...fitted,
      reductions: [fitPrincipalComponents(rows, width, reduction.components, reduction.whiten)],
    };
  }
  const whole = createPooledInputs(features, sizes, fitted);
  const rows = gather(recordings, (recording) =>
    whole.readFrames(recording, everyFrame(sizes[recording].frames, every)),
  );
  const pools = whole.width / width;
  return {
    ...fitted,
    reductions: Array.from({ length: pools }, (_, pool) =>
      fitPrincipalComponents(
        takePool(rows, width, pools, pool),
        width,
        reduction.components,
        reduction.whiten,
      ),
    ),
  };
}

/** Pooled (and reduced) features as inputs of heads; reads what the windows cover, keeps nothing. */
export function createPooledInputs(
  features: FrameFeatures,
  sizes: RecordingSizes,
  fitted: FittedPooling,
): HeadInputs {
  const { settings, reductions, flaggedChannels } = fitted;
  const { scalesSeconds, spread } = settings;
  const reachOf = (framesPerSecond: number) =>
    scalesSeconds.map((seconds) => (seconds === 0 ? 0 : Math.max(1, Math.round(seconds * framesPerSecond))));
  const isReducedFirst = reductions.length > 0 && settings.reduction?.place === 'channels';
  const channels = isReducedFirst ? reductions[0].components : features.width + flaggedChannels.length;
  const pools = countPools(scalesSeconds, spread);
  const isReducedLast = reductions.length > 0 && !isReducedFirst;
  const width = isReducedLast
    ? reductions.reduce((sum, reduction) => sum + reduction.components, 0)
    : channels * pools;
  const names = reductions.length === 0 ? nameChannels(features, fitted) : undefined;
  return {
    name: features.name,
    width,
    ...(names === undefined ? {} : { channelNames: names }),
    keepsScale: new Uint8Array(width).fill(settings.reduction !== null && !settings.reduction.whiten ? 1 : 0),
    readFrames(recording, frames) {
      const reach = reachOf(sizes[recording].framesPerSecond);
      const span = spanAround(frames, Math.max(...reach), sizes[recording].frames);
      const flagged = readFlagged(features, recording, span, flaggedChannels);
      const values = isReducedFirst ? projectRows(flagged, reductions[0]) : flagged;
      const at = frames.map((frame) => frame - span.start);
      const pooled = poolFrames(values, channels, at, reach, spread);
      return isReducedLast ? reducePools(pooled, channels, pools, reductions) : pooled;
    },
  };
}

/** Frames with the missing flags behind: [frame, width + flags]. */
function readFlagged(
  features: FrameFeatures,
  recording: number,
  { start, stop }: Span,
  flaggedChannels: readonly number[],
): Float32Array {
  const frames = stop - start;
  const values = features.read(recording, start, stop);
  if (flaggedChannels.length === 0) return values;
  const width = features.width + flaggedChannels.length;
  const output = new Float32Array(frames * width);
  for (let frame = 0; frame < frames; frame++) {
    output.set(values.subarray(frame * features.width, (frame + 1) * features.width), frame * width);
    flaggedChannels.forEach((channel, index) => {
      const isMissing = Number.isNaN(values[frame * features.width + channel]);
      output[frame * width + features.width + index] = isMissing ? 1 : 0;
    });
  }
  return output;
}

/** The first channel of each set of channels that are missing at the same training frames; never-missing ones have none. */
function findMissingPatterns(
  features: FrameFeatures,
  sizes: RecordingSizes,
  { recordings, every }: FitPoolingOptions,
): number[] {
  const { width } = features;
  const hashes = new Int32Array(width);
  let before = 0; // frames of the recordings before
  for (const recording of recordings) {
    const rows = takeRows(
      features.read(recording, 0, sizes[recording].frames),
      width,
      sizes[recording].frames,
      every,
    );
    for (let index = 0; index < rows.length; index++) {
      if (!Number.isNaN(rows[index])) continue;
      const channel = index % width;
      hashes[channel] = Math.imul(hashes[channel] ^ (before + Math.floor(index / width)), 0x01000193) | 1;
    }
    before += rows.length / width;
  }
  return [...hashes.keys()].filter(
    (channel) => hashes[channel] !== 0 && hashes.indexOf(hashes[channel]) === channel,
  );
}

function takeRows(values: Float32Array, width: number, frames: number, every: number): Float32Array {
  const wanted = everyFrame(frames, every);
  const output = new Float32Array(wanted.length * width);
  wanted.forEach((frame, row) => {
    output.set(values.subarray(frame * width, (frame + 1) * width), row * width);
  });
  return output;
}

function gather(recordings: readonly number[], read: (recording: number) => Float32Array): Float32Array {
  const parts = recordings.map(read);
  const output = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    output.set(part, offset);
    offset += part.length;
  }
  return output;
}

/** One pool of [frame, pool, width]. */
function takePool(rows: Float32Array, width: number, pools: number, pool: number): Float32Array {
  const frames = rows.length / (width * pools);
  const output = new Float32Array(frames * width);
  for (let frame = 0; frame < frames; frame++) {
    const from = (frame * pools + pool) * width;
    output.set(rows.subarray(from, from + width), frame * width);
  }
  return output;
}

/** [frame, pool, width] -> [frame, components of all pools] */
function reducePools(
  rows: Float32Array,
  width: number,
  pools: number,
  reductions: readonly PrincipalComponents[],
): Float32Array {
  const frames = rows.length / (width * pools);
  const total = reductions.reduce((sum, { components }) => sum + components, 0);
  const output = new Float32Array(frames * total);
  let offset = 0;
  reductions.forEach((reduction, pool) => {
    const projected = projectRows(takePool(rows, width, pools, pool), reduction);
    const { components } = reduction;
    for (let frame = 0; frame < frames; frame++) {
      const from = frame * components;
      output.set(projected.subarray(from, from + components), frame * total + offset);
    }
    offset += components;
  });
  return output;
}

function nameChannels(
  features: FrameFeatures,
  { settings, flaggedChannels }: FittedPooling,
): string[] | undefined {
  const own = features.channelNames;
  if (own === undefined) return undefined;
  const names = [...own, ...flaggedChannels.map((channel) => `${own[channel]}.missing`)];
  return settings.scalesSeconds.flatMap((seconds) => {
    if (seconds === 0) return names;
    const kinds = settings.spread ? ['mean', 'spread'] : ['mean'];
    return kinds.flatMap((kind) => names.map((name) => `${name}.${kind}${seconds}s`));
  });
}
