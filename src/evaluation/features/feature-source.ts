import type { FrameFeatures } from './frame-features.js';
import { type HeadInputs, joinInputs } from './head-inputs.js';
import { createHistogramInputs, fitHistogram, type HistogramSettings } from './histogram-inputs.js';
import {
  createPooledInputs,
  fitPooling,
  type PoolingSettings,
  type RecordingSizes,
} from './pooled-inputs.js';

export type InputSettings = PoolingSettings | HistogramSettings;

/** A row of a table of results: features that learn how to be pooled from the training recordings of each split. */
export interface FeatureSource {
  readonly name: string;
  /** @param recordings training recordings only */
  fit(recordings: readonly number[]): HeadInputs;
}

/**
 * Features pooled in one way. Rows that are to be compared take the same settings.
 * @param every every so many frames are looked at for learning the pooling
 */
export function createFeatureSource(
  features: FrameFeatures,
  sizes: RecordingSizes,
  settings: InputSettings,
  every: number,
): FeatureSource {
  return {
    name: features.name,
    fit: (recordings) =>
      settings.statistics === 'histogram'
        ? createHistogramInputs(
            features,
            sizes,
            fitHistogram(features, sizes, settings, { recordings, every }),
          )
        : createPooledInputs(features, sizes, fitPooling(features, sizes, { settings, recordings, every })),
  };
}

/** Side by side for one head, named `a+b`. */
export function joinSources(sources: readonly FeatureSource[]): FeatureSource {
  return {
    name: sources.map(({ name }) => name).join('+'),
    fit: (recordings) => joinInputs(sources.map((source) => source.fit(recordings))),
  };
}
