import { UserError } from '../../errors.js';
import type { RecordingEntry } from '../store/dataset.js';
import type { Batch, BatchNeeds } from './batch.js';
import { modelFrameCount } from './resample.js';
import { enterTokens } from './tokens.js';
import { createViewWriter, type ViewSource } from './view-writer.js';
import { shapeTokens, type WindowSettings } from './window-settings.js';

/** Overlapping windows over a whole recording: where they start and which frames each of them answers for. */
export interface Slide {
  /** Original frames of the recording and their rate. */
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly window: WindowSettings;
  /** Model frames between the starts of neighbouring windows. */
  readonly strideFrames: number;
  readonly modelFrames: number;
  /** 0 for a recording without frames. */
  readonly windowCount: number;
}

/** @throws UserError when windows would leave frames out. */
export function planSlide(
  { frames, framesPerSecond }: Pick<RecordingEntry, 'frames' | 'framesPerSecond'>,
  window: WindowSettings,
  strideFrames: number,
): Slide {
  if (!(strideFrames >= 1 && strideFrames <= window.windowFrames)) {
    throw new UserError(
      'settings',
      `Windows of ${window.windowFrames} frames can't follow each other every ${strideFrames} frames.`,
      {
        hint: 'The stride must be at least 1 and at most windowFrames.',
      },
    );
  }
  const modelFrames = modelFrameCount(frames, framesPerSecond, window.framesPerSecond);
  const further = Math.ceil(Math.max(0, modelFrames - window.windowFrames) / strideFrames);
  return {
    frames,
    framesPerSecond,
    window,
    strideFrames,
    modelFrames,
    windowCount: modelFrames === 0 ? 0 : 1 + further,
  };
}

/** First model frame of a window. The last window ends with the recording; one longer than it starts with it. */
export function slideStart({ window, strideFrames, modelFrames }: Slide, index: number): number {
  return Math.min(index * strideFrames, Math.max(0, modelFrames - window.windowFrames));
}

/** The first original frame that a window answers for: halfway between its middle and that of the one before. */
export function firstFrame(slide: Slide, window: number): number {
  if (window === 0) return 0;
  if (window >= slide.windowCount) return slide.frames;
  const middles =
    (slideStart(slide, window - 1) + slideStart(slide, window) + slide.window.windowFrames - 1) / 2;
  return Math.ceil((middles * slide.framesPerSecond) / slide.window.framesPerSecond - 1e-6);
}

/** Which window a row of a batch holds. */
export interface SlideRow {
  readonly recording: number;
  /** Number of the order of animals: see the front-end's `orders`. */
  readonly order: number;
  /** Number of the window in its slide. */
  readonly window: number;
}

/** Windows that slide over recordings, as many as fit into a program's batch. */
export interface SlideBatch {
  /** Fields tokens [batch, token, channel], position [batch, token] and windowWeight [batch]. */
  readonly batch: Batch;
  /** One for each row that holds a window; the rest of the batch weighs 0. */
  readonly rows: readonly SlideRow[];
}

export interface SlideOptions extends ViewSource {
  /** Recordings by number, in the order in which they come out. */
  readonly recordings: readonly number[];
  readonly strideFrames: number;
  /** Only windows that answer for some of these original frames [start, stop); left out: all. */
  readonly span?: { readonly start: number; readonly stop: number };
  readonly batchSize: number;
  readonly tokens: BatchNeeds['tokens'];
}

/**
 * Clean, unmasked windows over whole recordings for embedding: recording by recording, order by order, window by
 * window, in batches of one size. Only the last batch is padded, with rows of weight 0 that are copies of its first.
 * Memory holds one batch, however long a recording is.
 *
 * @throws UserError when the stride leaves frames out.
 */
export function* slideWindows(options: SlideOptions): Generator<SlideBatch> {
  const writer = createViewWriter(options);
  const shape = shapeTokens(options.window, options.frontEnd);
  const { tokens } = shape;
  const isFlagged = options.tokens === 'all';
  const channels = shape.channels + (isFlagged ? 1 : 0);
  let batch = allocate(options.batchSize, tokens, channels);
  let rows: SlideRow[] = [];
  for (const row of slideRows(options)) {
    const { framesPerSecond, frames } = options.dataset.recordings[row.recording];
    const slide = planSlide({ frames, framesPerSecond }, options.window, options.strideFrames);
    const view = writer.writeClean({ ...row, start: slideStart(slide, row.window) });
    enterTokens(view.tokens, isFlagged, batch.tokens, rows.length, tokens);
    batch.windowWeight[rows.length] = 1;
    rows.push(row);
    if (rows.length === options.batchSize) {
      yield { batch: asBatch(batch, tokens, channels), rows };
      batch = allocate(options.batchSize, tokens, channels);
      rows = [];
    }
  }
  if (rows.length === 0) return;
  for (let row = rows.length; row < options.batchSize; row++) {
    batch.tokens.copyWithin(row * tokens * channels, 0, tokens * channels);
  }
  yield { batch: asBatch(batch, tokens, channels), rows };
}

function* slideRows(options: SlideOptions): Generator<SlideRow> {
  const { orders } = options.frontEnd;
  for (const recording of options.recordings) {
    const slide = planSlide(options.dataset.recordings[recording], options.window, options.strideFrames);
    const { start, stop } = options.span ?? { start: 0, stop: slide.frames };
    let [first, last] = [0, slide.windowCount];
    while (first < last && firstFrame(slide, first + 1) <= start) first++;
    while (last > first && firstFrame(slide, last - 1) >= stop) last--;
    for (let order = 0; order < orders.length; order++) {
      for (let window = first; window < last; window++) yield { recording, order, window };
    }
  }
}

function allocate(batchSize: number, tokens: number, channels: number) {
  return {
    tokens: new Float32Array(batchSize * tokens * channels),
    position: Int32Array.from({ length: batchSize * tokens }, (_, index) => index % tokens),
    windowWeight: new Float32Array(batchSize),
  };
}

function asBatch(arrays: ReturnType<typeof allocate>, tokens: number, channels: number): Batch {
  const batchSize = arrays.windowWeight.length;
  return {
    tokens: { shape: [batchSize, tokens, channels], data: arrays.tokens },
    position: { shape: [batchSize, tokens], data: arrays.position },
    windowWeight: { shape: [batchSize], data: arrays.windowWeight },
  };
}
