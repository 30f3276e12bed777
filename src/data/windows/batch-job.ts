import type { PlainError } from '../../errors.js';
import type { AugmentSettings } from '../augment/settings.js';
import { createFrontEnd, type FrontEndSettings } from '../inputs/front-end.js';
import type { Normalisation } from '../inputs/normalisation.js';
import type { Dataset } from '../store/dataset.js';
import type { Batch, BatchNeeds } from './batch.js';
import type { BatchMakerOptions } from './make-batch.js';
import type { WindowSettings } from './window-settings.js';

/** All that batches follow from, as plain data: what a worker is started with. See `BatchMakerOptions`. */
export interface BatchJob {
  readonly datasetFolder: string;
  readonly recordings: readonly number[];
  readonly window: WindowSettings;
  readonly frontEnd: FrontEndSettings;
  readonly normalisation: Normalisation;
  readonly bodyLengths: readonly number[];
  readonly needs: BatchNeeds;
  readonly batchSize: number;
  readonly augment: AugmentSettings | null;
  readonly seed: number;
}

/** The options of a batch maker for a job, on an opened data set. */
export function batchMakerOptions(job: BatchJob, dataset: Dataset): BatchMakerOptions {
  const { datasetFolder: _, frontEnd, ...options } = job;
  return { ...options, dataset, frontEnd: createFrontEnd(frontEnd, dataset.header) };
}

/** What a worker answers to a step number. */
export type BatchAnswer =
  | { readonly step: number; readonly batch: Batch }
  | { readonly step: number; readonly error: PlainError };
