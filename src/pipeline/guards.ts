import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { type GUARD_METRICS, LABEL_METRIC } from '../config/schema/pretrain-rules.js';
import type { Dataset } from '../data/store/dataset.js';
import { type BatchJob, batchMakerOptions } from '../data/windows/batch-job.js';
import { createBatchMaker } from '../data/windows/make-batch.js';
import type { Engine, Program, Step } from '../engine/engine.js';
import { graphMode } from '../engine/graph-mode.js';
import {
  alignment,
  effectiveRank,
  featureSpread,
  neighbourAccuracy,
  uniformity,
} from '../evaluation/metrics/representation.js';
import { mean } from '../evaluation/statistics/mean.js';
import type { Encoder } from '../model/encoders/encoder.js';
import type { Probe, ProbeMetrics } from '../training/train.js';
import { encoderPart } from './load-encoder.js';

/** Neighbours that vote on a window. */
const NEIGHBOURS = 5;
/** Windows of a recording that start nearer than this are no evidence that the recording is recognised. */
const NEAR_SECONDS = 30;
/** A spread below this is on the way to collapse. */
const LEAST_SPREAD = 0.3;

export interface GuardOptions {
  readonly engine: Engine;
  readonly encoder: Encoder;
  readonly dataset: Dataset;
  /** How training batches are made; the guards take their windows from other recordings where they can. */
  readonly batchJob: BatchJob;
  /** Recordings that pretraining never sees, or the training recordings where there are no others. */
  readonly recordings: readonly number[];
  readonly settings: NonNullable<DeepReadonly<PretrainSettings>['probe']>;
}

/** The windows that are looked at: the same at every probe. */
interface Sample {
  /** tokens and position of both views: [2 x window, ...]. */
  readonly inputs: HostArrays;
  readonly windows: number;
  readonly recording: Int32Array;
  readonly startSeconds: Float32Array;
  /** [window] class of the middle frame; negative where unannotated. Null without a track. */
  readonly labels: Int32Array | null;
}

/**
 * Watches a representation while it is trained, on a fixed sample of windows: spread and effective rank (collapse),
 * alignment and uniformity, whether a window's neighbours come from its own recording (the arena is learned, not
 * behaviour), and, with a label track, whether neighbours from other recordings share its class.
 */
export function createGuards(options: GuardOptions): Probe & { dispose(): void } {
  const { encoder, engine, settings } = options;
  const sample = drawSample(options);
  let program: Program | undefined;
  return {
    everySteps: settings.everySteps,
    async measure(parameters) {
      const state = encoderPart(parameters);
      program ??= await engine.compile(
        meanTokens(encoder),
        { state, batch: sample.inputs, scalars: {} },
        { mode: graphMode(engine), precision: 'float32' }, // its few runs start sooner
      );
      program.write(state);
      const { features } = program.run(sample.inputs, {});
      return measureSample(sample, features.data as Float32Array, encoder.width);
    },
    dispose: () => program?.dispose(),
  };
}

function meanTokens(encoder: Encoder): Step {
  return (state, { tokens, position }) => {
    const layers = encoder.apply(state, tokens as tf.Tensor3D, position as tf.Tensor2D);
    return { state, outputs: { features: tf.mean(layers[layers.length - 1], 1) } };
  };
}

function drawSample({ dataset, batchJob, encoder, recordings, settings }: GuardOptions): Sample {
  const needs = {
    views: 2,
    mask: null,
    tokens: encoder.tokens,
    clean: false,
    truth: false,
    neighbourSeconds: null,
    futureSeconds: null,
  };
  const job = { ...batchJob, recordings, needs, batchSize: settings.windows };
  const { tokens, position, recording, startSeconds } = createBatchMaker(
    batchMakerOptions(job, dataset),
  ).makeBatch(0);
  const sample = {
    inputs: { tokens, position },
    windows: settings.windows,
    recording: recording.data as Int32Array,
    startSeconds: startSeconds.data as Float32Array,
  };
  return {
    ...sample,
    labels: settings.track === null ? null : readLabels(dataset, batchJob, sample, settings.track),
  };
}

function readLabels(
  dataset: Dataset,
  { window }: BatchJob,
  { recording, startSeconds }: Pick<Sample, 'recording' | 'startSeconds'>,
  track: string,
): Int32Array {
  const halfSeconds = window.windowFrames / window.framesPerSecond / 2;
  return Int32Array.from(recording, (number, index) => {
    const { frames, framesPerSecond } = dataset.recordings[number];
    const middle = Math.min(frames - 1, Math.round((startSeconds[index] + halfSeconds) * framesPerSecond));
    return dataset.readLabels(number, track, middle, middle + 1)[0];
  });
}

/** @param features [2 x window, width]: all first views, then all second ones */
function measureSample(sample: Sample, features: Float32Array, width: number): ProbeMetrics {
  const { windows, recording, startSeconds, labels } = sample;
  const one = { width, values: features.subarray(0, windows * width) };
  const other = { width, values: features.subarray(windows * width) };
  const isFar = (a: number, b: number) =>
    recording[a] !== recording[b] || Math.abs(startSeconds[a] - startSeconds[b]) >= NEAR_SECONDS;
  const measured: Record<(typeof GUARD_METRICS)[number], ProbeMetrics[string]> = {
    spread: { value: featureSpread(one), healthy: [LEAST_SPREAD, 1.1] },
    'effective rank': { value: effectiveRank(one), healthy: [Math.min(8, width / 4), width] },
    alignment: { value: alignment(one, other), healthy: [0, 1] },
    uniformity: { value: uniformity(one), healthy: uniformityRange(windows) },
    'recording identity': {
      value: neighbourAccuracy(one, recording, NEIGHBOURS, isFar),
      // Of a single recording nothing can be confused: 1 says nothing.
      healthy: new Set(recording).size > 1 ? [0, 0.5] : [0, 1],
    },
  };
  return labels === null ? measured : { ...measured, [LABEL_METRIC]: labelAgreement(one, labels, recording) };
}

/**
 * From as even as so many points on a sphere can lie, where squared distances are 2 n / (n - 1) each, to what goes with
 * the least healthy spread s: squared distances of 2 s^2, and so log exp(-2 x 2 s^2).
 */
function uniformityRange(windows: number): readonly [number, number] {
  return [(-4 * windows) / (windows - 1), -4 * LEAST_SPREAD ** 2];
}

/**
 * Balanced over classes: guessing gives 1 / classes, whatever their shares. NaN where nothing can be compared: a single
 * recording, or no labels.
 */
function labelAgreement(
  rows: { readonly width: number; readonly values: Float32Array },
  labels: Int32Array,
  recording: Int32Array,
): ProbeMetrics[string] {
  const classes = [...new Set(labels)].filter((label) => label >= 0);
  const mayCompare = (one: number, other: number) =>
    recording[one] !== recording[other] && labels[other] >= 0;
  const perClass = classes.map((label) =>
    neighbourAccuracy(
      rows,
      labels,
      NEIGHBOURS,
      (one, other) => labels[one] === label && mayCompare(one, other),
    ),
  );
  const known = perClass.filter((accuracy) => !Number.isNaN(accuracy));
  return { value: mean(known), healthy: [1 / Math.max(1, classes.length), 1] };
}
