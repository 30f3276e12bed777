import { seededRandom } from '../../random.js';
import type { FrontEnd } from '../inputs/front-end.js';
import { measureChannels, type Normalisation } from '../inputs/normalisation.js';
import type { Dataset } from '../store/dataset.js';
import { fitContext } from './fit-context.js';
import { modelFrameCount, readRawWindow, resampleWindow } from './resample.js';
import { planWindows, type WindowPlan } from './window-plan.js';

export interface FitNormalisationOptions {
  readonly dataset: Dataset;
  /** The training recordings, by number. */
  readonly recordings: readonly number[];
  /** Pixels of a body length for every recording of the data set: `measureBodyLengths`. */
  readonly bodyLengths: readonly number[];
  readonly frontEnd: FrontEnd;
  readonly windowFrames: number;
  /** How many windows are looked at, at most; drawn as for an epoch. */
  readonly windows: number;
  readonly seed: number;
}

/** Values beyond these quantiles count as the quantile: a jump of the tracker must not set the scale. */
const TRIM = 0.002;
/** Of more frames than these, every n-th is kept: memory and sorting. */
const MOST_FRAMES = 50_000;

/** Measures mean and spread of every input and target channel on clean windows of the training recordings. */
export function fitNormalisation(options: FitNormalisationOptions): Normalisation {
  const { dataset, frontEnd, windowFrames } = options;
  const { header } = dataset;
  const frameSize = header.animals.names.length * header.skeleton.keypoints.length * 2;
  const plan = planSample(options);
  const count = Math.min(options.windows, plan.windowsPerEpoch);
  const everyFrames = Math.max(1, Math.ceil((count * windowFrames) / MOST_FRAMES));
  const keptFrames = Math.floor(windowFrames / everyFrames);
  const channels = frontEnd.channels.length;
  const targetChannels = frontEnd.targetChannels.length;
  const inputs = new Float32Array(count * keptFrames * channels);
  const targets = new Float32Array(count * keptFrames * targetChannels);
  const inputRows = new Float32Array(windowFrames * channels);
  const targetRows = new Float32Array(windowFrames * targetChannels);
  const weights = new Float32Array(windowFrames * targetChannels);
  const pose = new Float32Array(windowFrames * frameSize);
  const visible = new Uint8Array(windowFrames).fill(1);
  for (let index = 0; index < count; index++) {
    const { recording, order, start } = plan.windowAt(0, index);
    const raw = readRawWindow(dataset, recording, frontEnd.framesPerSecond, { start, windowFrames });
    resampleWindow(raw, frameSize, pose);
    const window = {
      pose,
      visible,
      order: frontEnd.orders[order],
      bodyLength: options.bodyLengths[recording],
    };
    frontEnd.encode(window, null, inputRows);
    frontEnd.targets(window, visible, null, targetRows, weights);
    for (let kept = 0; kept < keptFrames; kept++) {
      const row = index * keptFrames + kept;
      const frame = kept * everyFrames + (index % everyFrames);
      inputs.set(inputRows.subarray(frame * channels, (frame + 1) * channels), row * channels);
      targets.set(
        targetRows.subarray(frame * targetChannels, (frame + 1) * targetChannels),
        row * targetChannels,
      );
    }
  }
  return {
    inputs: measureChannels(inputs, channels, frontEnd.valueCount, TRIM),
    targets: measureChannels(targets, targetChannels, targetChannels, TRIM),
    ...(frontEnd.context === null ? {} : { context: fitContext(options, plan, frontEnd.context) }),
  };
}

/** The windows that are looked at: the first ones of an epoch. */
function planSample({
  dataset,
  recordings,
  frontEnd,
  windowFrames,
  seed,
}: FitNormalisationOptions): WindowPlan {
  return planWindows({
    recordings: recordings.map((recording) => {
      const { frames, framesPerSecond } = dataset.recordings[recording];
      return { recording, modelFrames: modelFrameCount(frames, framesPerSecond, frontEnd.framesPerSecond) };
    }),
    orderCount: frontEnd.orders.length,
    windowFrames,
    seed: seededRandom(seed, 'normalisation').integer(2 ** 31),
  });
}
