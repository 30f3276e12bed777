import type { HostArray } from '../../arrays.js';
import { UserError } from '../../errors.js';
import { type Random, seededRandom } from '../../random.js';
import type { AugmentSettings } from '../augment/settings.js';
import type { Batch, BatchNeeds } from './batch.js';
import { drawMask, hiddenTokenCount } from './draw-mask.js';
import { modelFrameCount } from './resample.js';
import { enterTokens } from './tokens.js';
import { createViewWriter, type View, type ViewSource } from './view-writer.js';
import { drawNeighbour, type PlannedWindow, planWindows } from './window-plan.js';
import { shapeTokens } from './window-settings.js';

export interface BatchMakerOptions extends ViewSource {
  /** The training recordings, by number. */
  readonly recordings: readonly number[];
  readonly needs: BatchNeeds;
  /** Windows of a batch, neighbours included; each gives `needs.views` rows. */
  readonly batchSize: number;
  readonly augment: AugmentSettings | null;
  readonly seed: number;
}

/** Shape and element type of a batch field. */
export interface BatchField {
  readonly shape: readonly number[];
  readonly type: 'float32' | 'int32';
}

/** Makes the batches of a run; every batch follows from its step number alone. */
export interface BatchMaker {
  readonly stepsPerEpoch: number;
  /** The fields of every batch: see `Batch`. */
  readonly fields: Readonly<Record<string, BatchField>>;
  /** The batch of a step, counted from 0, in arrays that belong to the caller. */
  makeBatch(step: number): Batch;
}

/** A window in a batch; `weight` 0 where it only pads an epoch's last batch. */
interface BatchWindow {
  readonly place: PlannedWindow;
  readonly weight: number;
}

/**
 * Makes a batch maker. Order, neighbours, masks and noise of a step derive from (seed, purpose, step).
 *
 * @throws UserError when the settings don't fit each other: tokens, mask and batch size.
 */
export function createBatchMaker(options: BatchMakerOptions): BatchMaker {
  const layout = layOutBatch(options);
  const chooser = createWindowChooser(options);
  const writer = createViewWriter(options);
  const { needs, batchSize, seed } = options;
  const visible = new Uint8Array(layout.tokens);
  return {
    stepsPerEpoch: chooser.stepsPerEpoch,
    fields: layout.fields,
    makeBatch(step) {
      const batch = allocate(layout.fields);
      const windows = chooser.windowsAt(step);
      windows.forEach(({ place, weight }, index) => {
        batch.recording.data[index] = place.recording;
        batch.startSeconds.data[index] = place.start / options.window.framesPerSecond;
        for (let viewNumber = 0; viewNumber < needs.views; viewNumber++) {
          const row = viewNumber * batchSize + index;
          const random = seededRandom(seed, 'view', step, viewNumber, index);
          batch.windowWeight.data[row] = weight;
          const hidden = drawHidden(layout, random.fork('mask'));
          visible.fill(1);
          for (const token of hidden) visible[token] = 0;
          const view = writer.writeView(place, visible, options.augment, random, layout.truth);
          writeRow(layout, batch, row, hidden, view);
        }
        if (needs.clean) {
          const clean = writer.writeClean(place);
          enterTokens(clean.tokens, layout.isFlagged, batch.clean.data as Float32Array, index, layout.tokens);
        }
      });
      return batch;
    },
  };
}

/** Sizes that all rows of a batch share. */
interface Layout {
  readonly tokens: number;
  /** Tokens that are hidden in each row. */
  readonly hiddenCount: number;
  readonly spanTokens: number;
  /** Whether hidden tokens are entered as well, with a flag. */
  readonly isFlagged: boolean;
  /** Of which tokens the truth is told. */
  readonly truth: 'none' | 'hidden' | 'all';
  /** Channels of a token without the flag, and target channels of a token. */
  readonly tokenSize: number;
  readonly targetSize: number;
  readonly fields: Readonly<Record<string, BatchField>>;
}

function layOutBatch({ needs, window, frontEnd, batchSize }: BatchMakerOptions): Layout {
  const shape = shapeTokens(window, frontEnd);
  const { tokens } = shape;
  const truth = needs.truth ? 'all' : needs.mask === null ? 'none' : 'hidden';
  const hiddenCount = needs.mask === null ? 0 : hiddenTokenCount(tokens, needs.mask.ratio);
  if (needs.mask !== null && (hiddenCount === 0 || hiddenCount === tokens)) {
    throw new UserError(
      'settings',
      `A mask ratio of ${needs.mask.ratio} hides ${hiddenCount} of ${tokens} tokens.`,
      {
        hint: 'Some tokens must be hidden and some visible: change the ratio, or take longer windows.',
      },
    );
  }
  if (truth !== 'none' && shape.targets === 0) {
    throw new UserError(
      'settings',
      'Frames are to be reconstructed, but there is no target: all groups of targets are off.',
      {
        hint: 'Turn at least one group of targets on.',
      },
    );
  }
  const isFlagged = needs.tokens === 'all';
  const rows = needs.views * batchSize;
  const seen = isFlagged ? tokens : tokens - hiddenCount;
  const channels = shape.channels + (isFlagged ? 1 : 0);
  const fields: Record<string, BatchField> = {
    tokens: { shape: [rows, seen, channels], type: 'float32' },
    position: { shape: [rows, seen], type: 'int32' },
    recording: { shape: [batchSize], type: 'int32' },
    startSeconds: { shape: [batchSize], type: 'float32' },
    windowWeight: { shape: [rows], type: 'float32' },
  };
  if (needs.mask !== null) {
    fields.hidden = { shape: [rows, hiddenCount], type: 'int32' };
    fields.target = { shape: [rows, hiddenCount, shape.targets], type: 'float32' };
    fields.targetWeight = { shape: [rows, hiddenCount, shape.targets], type: 'float32' };
  }
  if (needs.truth) {
    fields.truth = { shape: [rows, tokens, shape.targets], type: 'float32' };
    fields.truthWeight = { shape: [rows, tokens, shape.targets], type: 'float32' };
  }
  if (needs.clean) fields.clean = { shape: [batchSize, tokens, channels], type: 'float32' };
  return {
    tokens,
    hiddenCount,
    spanTokens: needs.mask?.spanTokens ?? 1,
    isFlagged,
    truth,
    tokenSize: shape.channels,
    targetSize: shape.targets,
    fields,
  };
}

function createWindowChooser(options: BatchMakerOptions) {
  const { dataset, needs, batchSize, seed, window } = options;
  const modelFrames = (recording: number) => {
    const { frames, framesPerSecond } = dataset.recordings[recording];
    return modelFrameCount(frames, framesPerSecond, window.framesPerSecond);
  };
  const plan = planWindows({
    recordings: options.recordings.map((recording) => ({ recording, modelFrames: modelFrames(recording) })),
    orderCount: options.frontEnd.orders.length,
    windowFrames: window.windowFrames,
    seed,
  });
  if (plan.windowsPerEpoch === 0) {
    throw new UserError('data', `${dataset.folder}: no recording is left to train on.`, {
      hint: 'Check which subsets the settings choose.',
    });
  }
  const parts = needs.neighbourSeconds !== null ? 2 : 1 + (needs.futureSeconds ?? []).length;
  if (batchSize % parts !== 0) {
    const what = needs.neighbourSeconds === null ? 'and those that follow' : 'half their neighbours';
    throw new UserError(
      'settings',
      `A batch of ${batchSize} windows can't be ${parts} equal parts: windows, ${what}.`,
      { hint: `Make batchSize a multiple of ${parts}.` },
    );
  }
  const drawn = batchSize / parts;
  const reach = Math.round((needs.neighbourSeconds ?? 0) * window.framesPerSecond);
  const stepsPerEpoch = Math.ceil(plan.windowsPerEpoch / drawn);
  const neighbourOf = ({ place, weight }: BatchWindow, random: Random): BatchWindow => {
    const lastStart = Math.max(0, modelFrames(place.recording) - window.windowFrames);
    return { weight, place: { ...place, start: drawNeighbour(place.start, reach, lastStart, random) } };
  };
  const futureOf = ({ place, weight }: BatchWindow, seconds: number): BatchWindow => {
    const start = place.start + Math.round(seconds * window.framesPerSecond);
    const isThere = start + window.windowFrames <= modelFrames(place.recording);
    return isThere ? { weight, place: { ...place, start } } : { weight: 0, place };
  };
  return {
    stepsPerEpoch,
    windowsAt(step: number): BatchWindow[] {
      const epoch = Math.floor(step / stepsPerEpoch);
      const first = (step % stepsPerEpoch) * drawn;
      const windows: BatchWindow[] = Array.from({ length: drawn }, (_, index) => {
        const isPadding = first + index >= plan.windowsPerEpoch;
        return { place: plan.windowAt(epoch, isPadding ? first : first + index), weight: isPadding ? 0 : 1 };
      });
      if (needs.futureSeconds !== null) {
        const later = (seconds: number) => windows.map((entry) => futureOf(entry, seconds));
        return [...windows, ...needs.futureSeconds.flatMap(later)];
      }
      if (needs.neighbourSeconds === null) return windows;
      const random = seededRandom(seed, 'neighbour', step);
      return [...windows, ...windows.map((entry) => neighbourOf(entry, random))];
    },
  };
}

type MutableBatch = Record<string, HostArray>;

function allocate(fields: Layout['fields']): MutableBatch {
  const batch: MutableBatch = {};
  for (const [name, { shape, type }] of Object.entries(fields)) {
    const size = shape.reduce((product, extent) => product * extent, 1);
    batch[name] = { shape, data: type === 'int32' ? new Int32Array(size) : new Float32Array(size) };
  }
  return batch;
}

const NOTHING_HIDDEN = new Int32Array(0);

function drawHidden({ tokens, hiddenCount, spanTokens }: Layout, random: Random): Int32Array {
  return hiddenCount === 0 ? NOTHING_HIDDEN : drawMask(tokens, hiddenCount, spanTokens, random);
}

/** Enters a view as row `row` of the batch. */
function writeRow(layout: Layout, batch: MutableBatch, row: number, hidden: Int32Array, view: View): void {
  const { tokens, tokenSize, targetSize, isFlagged } = layout;
  const channels = tokenSize + (isFlagged ? 1 : 0);
  const seen = isFlagged ? tokens : tokens - layout.hiddenCount;
  let place = 0;
  let next = 0;
  for (let token = 0; token < tokens; token++) {
    const isHidden = hidden[next] === token;
    if (isHidden) next++;
    if (isHidden && !isFlagged) continue;
    const to = (row * seen + place) * channels;
    batch.tokens.data.set(view.tokens.subarray(token * tokenSize, (token + 1) * tokenSize), to);
    if (isFlagged) batch.tokens.data[to + tokenSize] = isHidden ? 1 : 0;
    batch.position.data[row * seen + place] = token;
    place++;
  }
  if (batch.truth !== undefined) {
    batch.truth.data.set(view.targets, row * tokens * targetSize);
    batch.truthWeight.data.set(view.weights, row * tokens * targetSize);
  }
  for (let index = 0; index < hidden.length; index++) {
    const from = hidden[index] * targetSize;
    const to = (row * hidden.length + index) * targetSize;
    batch.hidden.data[row * hidden.length + index] = hidden[index];
    batch.target.data.set(view.targets.subarray(from, from + targetSize), to);
    batch.targetWeight.data.set(view.weights.subarray(from, from + targetSize), to);
  }
}
