import { shareAbove } from '../../data/inputs/share-above.js';
import type { FrameFeatures } from './frame-features.js';
import { everyFrame, type HeadInputs, spanAround } from './head-inputs.js';
import { poolFrames } from './pool.js';
import type { FitPoolingOptions, RecordingSizes } from './pooled-inputs.js';

/**
 * How much of the time around a frame a channel lies above each of a few thresholds: a coarse histogram, which a linear
 * head can weigh freely (a mean and a spread can't tell rare from weak). Worth .013 to .03 of TRIAL over means and
 * spreads on the rat videos.
 */
export interface HistogramSettings {
  readonly statistics: 'histogram';
  /** Half widths of the windows; 0 is the frame itself. */
  readonly scalesSeconds: readonly number[];
  /** Thresholds: these quantiles of each channel over the training frames, e.g. [0.2, 0.5, 0.8]. */
  readonly quantiles: readonly number[];
  /** Channels are averaged over +- this long first; 0: not. */
  readonly smoothSeconds: number;
}

/** What was learned from the training recordings: plain data. */
export interface FittedHistogram {
  readonly settings: HistogramSettings;
  readonly width: number;
  /** [width] the training mean, which stands in for missing values */
  readonly fill: Float64Array;
  /** [quantile, width] */
  readonly thresholds: Float64Array;
}

export function fitHistogram(
  features: FrameFeatures,
  sizes: RecordingSizes,
  settings: HistogramSettings,
  { recordings, every }: Omit<FitPoolingOptions, 'settings'>,
): FittedHistogram {
  const { width } = features;
  const parts = recordings.map((recording) =>
    readSmoothed(features, sizes, settings, recording, everyFrame(sizes[recording].frames, every)),
  );
  const rows = parts.reduce((sum, part) => sum + part.length / width, 0);
  const fill = new Float64Array(width);
  const thresholds = new Float64Array(settings.quantiles.length * width);
  const column = new Float32Array(rows);
  for (let channel = 0; channel < width; channel++) {
    let row = 0;
    for (const part of parts) for (let at = channel; at < part.length; at += width) column[row++] = part[at];
    const known = column.filter((value) => !Number.isNaN(value));
    fill[channel] = known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
    const sorted = column.map((value) => (Number.isNaN(value) ? fill[channel] : value)).sort();
    settings.quantiles.forEach((quantile, index) => {
      thresholds[index * width + channel] = sorted[Math.min(rows - 1, Math.floor(quantile * rows))];
    });
  }
  return { settings, width, fill, thresholds };
}

/** Shares above the thresholds as inputs of heads: [frame, scale, quantile, channel]. */
export function createHistogramInputs(
  features: FrameFeatures,
  sizes: RecordingSizes,
  fitted: FittedHistogram,
): HeadInputs {
  const { settings, thresholds } = fitted;
  const { scalesSeconds, quantiles } = settings;
  const width = scalesSeconds.length * quantiles.length * features.width;
  const names = features.channelNames;
  return {
    name: features.name,
    width,
    ...(names === undefined
      ? {}
      : {
          channelNames: scalesSeconds.flatMap((seconds) =>
            quantiles.flatMap((quantile) => names.map((name) => `${name}.above${quantile}.${seconds}s`)),
          ),
        }),
    keepsScale: new Uint8Array(width),
    readFrames(recording, frames) {
      const { frames: count, framesPerSecond } = sizes[recording];
      const reach = scalesSeconds.map((seconds) => Math.round(seconds * framesPerSecond));
      const { start, stop } = spanAround(frames, Math.max(...reach), count);
      const covered = Uint32Array.from({ length: stop - start }, (_, index) => start + index);
      const values = readSmoothed(features, sizes, settings, recording, covered);
      for (let index = 0; index < values.length; index++) {
        if (Number.isNaN(values[index])) values[index] = fitted.fill[index % features.width];
      }
      const at = frames.map((frame) => frame - start);
      return shareAbove(values, features.width, null, at, reach, thresholds);
    },
  };
}

/** The wanted frames, averaged over the known values of +-smoothSeconds: [wanted frame, width]. */
function readSmoothed(
  features: FrameFeatures,
  sizes: RecordingSizes,
  { smoothSeconds }: HistogramSettings,
  recording: number,
  at: Uint32Array,
): Float32Array {
  const { frames, framesPerSecond } = sizes[recording];
  const reach = Math.round(smoothSeconds * framesPerSecond);
  const { start, stop } = spanAround(at, reach, frames);
  const values = features.read(recording, start, stop);
  const places = at.map((frame) => frame - start);
  return poolFrames(values, features.width, places, [reach], false);
}
