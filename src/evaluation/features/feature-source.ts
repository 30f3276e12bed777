import type { Split } from '../protocols/task.js';
import type { FrameFeatures } from './frame-features.js';
import { type HeadInputs, joinInputs } from './head-inputs.js';
import {
  createHistogramInputs,
  type FittedHistogram,
  fitHistogram,
  type HistogramSettings,
} from './histogram-inputs.js';
import {
  createPooledInputs,
  type FittedPooling,
  fitPooling,
  type PoolingSettings,
  type RecordingSizes,
} from './pooled-inputs.js';

/** How features of frames are pooled over time. */
export type InputSettings = PoolingSettings | HistogramSettings;

/** What pooling learned from training recordings: plain data, stored beside the head. */
export type FittedInputs = FittedPooling | FittedHistogram;

/** A row of a table of results: features that learn how to be pooled from the training recordings of each split. */
export interface FeatureSource {
  readonly name: string;
  /** @param recordings training recordings only: those of the split, or fewer */
  fit(recordings: readonly number[], split: Split): SourceInputs;
}

export interface SourceInputs {
  readonly inputs: HeadInputs;
  /** One per part, in the order of the parts. */
  readonly fitted: readonly FittedInputs[];
}

/** @param options.every every so many frames are looked at; `recordings`: training recordings only */
export function fitInputs(
  features: FrameFeatures,
  sizes: RecordingSizes,
  settings: InputSettings,
  options: { readonly recordings: readonly number[]; readonly every: number },
): FittedInputs {
  return settings.statistics === 'histogram'
    ? fitHistogram(features, sizes, settings, options)
    : fitPooling(features, sizes, { ...options, settings });
}

/** Makes the inputs of heads by what pooling has learned: [frame, channel] for each recording. */
export function createInputs(
  features: FrameFeatures,
  sizes: RecordingSizes,
  fitted: FittedInputs,
): HeadInputs {
  return 'thresholds' in fitted
    ? createHistogramInputs(features, sizes, fitted)
    : createPooledInputs(features, sizes, fitted);
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
    fit(recordings) {
      const fitted = fitInputs(features, sizes, settings, { recordings, every });
      return { inputs: createInputs(features, sizes, fitted), fitted: [fitted] };
    },
  };
}

/** Side by side for one head, named `a+b`. */
export function joinSources(sources: readonly FeatureSource[]): FeatureSource {
  return {
    name: sources.map(({ name }) => name).join('+'),
    fit(recordings, split) {
      const parts = sources.map((source) => source.fit(recordings, split));
      return {
        inputs: joinInputs(parts.map(({ inputs }) => inputs)),
        fitted: parts.flatMap(({ fitted }) => fitted),
      };
    },
  };
}
