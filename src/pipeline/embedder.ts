import * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import { measureBodyLengths } from '../data/inputs/body-length.js';
import type { Dataset } from '../data/store/dataset.js';
import { planSlide, type SlideBatch, slideWindows } from '../data/windows/slide-windows.js';
import { stitchWindow } from '../data/windows/stitch-window.js';
import type { Engine, Program, Step } from '../engine/engine.js';
import { UserError } from '../errors.js';
import { branchedEncoder } from '../model/encoders/branched.js';
import { buildModel, type Model } from './model.js';
import { assertFits, type ModelCard } from './model-card.js';

export interface EmbedderOptions {
  readonly engine: Engine;
  readonly card: ModelCard;
  /** Parameters of the encoder: trained ones, or fresh ones for a control. */
  readonly parameters: HostArrays;
  readonly dataset: Dataset;
  /** Layers whose tokens are taken, counted from 0; negative ones from the end. */
  readonly layers: readonly number[];
  /** See `slideStride`. */
  readonly stride: number | null;
  readonly batchWindows: number;
}

/** Turns whole recordings into features of every original frame. */
export interface Embedder {
  readonly width: number;
  /**
   * Frames [start, stop) of a recording, all of them where left out: [frame, width]. For exchangeable animals: the mean
   * over which one is the focal animal, then half the absolute difference for two, so that nothing depends on whom the
   * tracker calls first.
   */
  embed(recording: number, start?: number, stop?: number): Float32Array;
  dispose(): void;
}

/**
 * Frames between the starts of neighbouring windows.
 *
 * @param share of a window, in (0, 1]; null: half a window, a whole one where the encoder takes every token by itself, as
 *   overlaps would compute the same again
 */
export function slideStride({ window, encoder }: Model, share: number | null): number {
  return Math.max(1, Math.round(window.windowFrames * (share ?? (encoder.seesNeighbours ? 0.5 : 1))));
}

/** Compiles the frozen encoder. @throws UserError (`data`) when the data set doesn't fit it */
export async function openEmbedder(options: EmbedderOptions): Promise<Embedder> {
  const { card, dataset, parameters } = options;
  assertFits('encoder', card, dataset);
  const model = buildModel(card.model, dataset.header);
  const orderCount = model.frontEnd.orders.length;
  const bodyLengths = measureBodyLengths(dataset, card.model.bodyLength);
  const strideFrames = slideStride(model, options.stride);
  const source = {
    dataset,
    window: model.window,
    frontEnd: model.frontEnd,
    normalisation: card.normalisation,
    bodyLengths,
    strideFrames,
    batchSize: options.batchWindows,
    tokens: model.encoder.tokens,
  };
  const tokenWidth = model.encoder.width * options.layers.length;
  let program: Program | undefined;
  const run = async (batch: SlideBatch['batch']): Promise<Float32Array> => {
    program ??= await compileEncoder(options.engine, model, parameters, options.layers, batch);
    return program.run(pick(batch), {}).features.data as Float32Array;
  };
  // Compiled now, on any recording: `embed` itself never waits.
  const first = slideWindows({ ...source, recordings: dataset.recordings.map((_, number) => number) }).next();
  if (!first.done) await run(first.value.batch);

  return {
    width: orderCount === 2 ? 2 * tokenWidth : tokenWidth,
    embed(recording, from = 0, to = dataset.recordings[recording].frames) {
      const { frames, framesPerSecond } = dataset.recordings[recording];
      const slide = planSlide({ frames, framesPerSecond }, model.window, strideFrames);
      const perOrder = Array.from({ length: orderCount }, () => new Float32Array((to - from) * tokenWidth));
      const span = { start: from, stop: to };
      for (const { batch, rows } of slideWindows({ ...source, span, recordings: [recording] })) {
        const features = (program as Program).run(pick(batch), {}).features;
        const rowSize = features.shape[1] * tokenWidth;
        rows.forEach(({ order, window }, row) => {
          const tokens = (features.data as Float32Array).subarray(row * rowSize, (row + 1) * rowSize);
          const { start, values } = stitchWindow(slide, window, tokens, tokenWidth);
          const [first, last] = [Math.max(from, start), Math.min(to, start + values.length / tokenWidth)];
          const own = values.subarray((first - start) * tokenWidth, (last - start) * tokenWidth);
          perOrder[order].set(own, (first - from) * tokenWidth);
        });
      }
      return combineOrders(perOrder, tokenWidth);
    },
    dispose: () => program?.dispose(),
  };
}

function pick({ tokens, position }: HostArrays): HostArrays {
  return { tokens, position };
}

function compileEncoder(
  engine: Engine,
  model: Model,
  parameters: HostArrays,
  layers: readonly number[],
  batch: HostArrays,
): Promise<Program> {
  const encoder = branchedEncoder(model.encoder, engine.branches);
  const step: Step = (state, { tokens, position }) => {
    const outputs = encoder.apply(state, tokens as tf.Tensor3D, position as tf.Tensor2D);
    const chosen = layers.map((layer) => pickLayer(outputs, layer));
    return { state, outputs: { features: chosen.length === 1 ? chosen[0] : tf.concat(chosen, 2) } };
  };
  const example = { state: parameters, batch: pick(batch), scalars: {} };
  return engine.compile(step, example, { mode: 'auto', precision: 'float32' });
}

/** @throws UserError (`settings`) when the encoder has no such layer */
function pickLayer(outputs: readonly tf.Tensor3D[], layer: number): tf.Tensor3D {
  const tokens = outputs.at(layer);
  if (tokens !== undefined) return tokens;
  const { length } = outputs;
  throw new UserError('settings', `the encoder has ${length} layers, layer ${layer} is not among them`, {
    hint: `Layers count from 0 to ${length - 1}, or from the end, from -1 to -${length}`,
  });
}

/** One order as it is; two: mean and half absolute difference; more: the mean. All [frame, width]. */
function combineOrders(perOrder: readonly Float32Array[], width: number): Float32Array {
  const [first, second] = perOrder;
  if (perOrder.length === 1) return first;
  if (perOrder.length > 2) {
    return first.map(
      (_, index) => perOrder.reduce((sum, values) => sum + values[index], 0) / perOrder.length,
    );
  }
  const combined = new Float32Array(2 * first.length);
  for (let from = 0; from < first.length; from += width) {
    for (let column = 0; column < width; column++) {
      const [one, other] = [first[from + column], second[from + column]];
      combined[2 * from + column] = (one + other) / 2;
      combined[2 * from + width + column] = Math.abs(one - other) / 2;
    }
  }
  return combined;
}
