import type { PoseWindow } from '../inputs/bodies.js';
import type { Context, ContextStatistics } from '../inputs/context.js';
import { measureChannels, measureQuantiles } from '../inputs/normalisation.js';
import type { FitNormalisationOptions } from './fit-normalisation.js';
import { hideBeyond, readRawWindow, resampleWindow } from './resample.js';
import type { PlannedWindow, WindowPlan } from './window-plan.js';

/** Shares beyond these quantiles count as the quantile. */
const TRIM = 0.002;
/** Frames that are looked at, margins included, and moments whose shares are measured: time and memory. */
const MOST_FRAMES = 600_000;
const MOST_MOMENTS = 12_000;

/** Frames of a window, counted with its margin, that are measured. */
interface Sample {
  readonly window: PoseWindow;
  readonly moments: readonly number[];
}

/** First the thresholds of the channels, on frames within windows; then mean and spread of the shares around them. */
export function fitContext(
  options: FitNormalisationOptions,
  plan: WindowPlan,
  context: Context,
): ContextStatistics {
  const samples = drawSamples(options, plan, context);
  const count = samples.reduce((sum, { moments }) => sum + moments.length, 0);
  const collect = (width: number, write: (sample: Sample, out: Float32Array) => void): Float32Array => {
    const rows = new Float32Array(count * width);
    let row = 0;
    for (const sample of samples) {
      write(sample, rows.subarray(row * width));
      row += sample.moments.length;
    }
    return rows;
  };
  const { channelCount, quantiles, names } = context;
  const channels = collect(channelCount, ({ window, moments }, out) => {
    const all = context.measure(window);
    moments.forEach((moment, row) => {
      out.set(all.subarray(moment * channelCount, (moment + 1) * channelCount), row * channelCount);
    });
  });
  const thresholds = measureQuantiles(channels, channelCount, quantiles);
  const shares = collect(names.length, ({ window, moments }, out) =>
    out.set(context.shares(window, thresholds, moments)),
  );
  return { ...thresholds, shares: measureChannels(shares, names.length, names.length, TRIM) };
}

function drawSamples(
  options: FitNormalisationOptions,
  plan: WindowPlan,
  { marginFrames }: Context,
): readonly Sample[] {
  const { windowFrames, windows } = options;
  const most = Math.max(1, Math.floor(MOST_FRAMES / (windowFrames + 2 * marginFrames)));
  const count = Math.min(windows, plan.windowsPerEpoch, most);
  const everyFrames = Math.max(1, Math.ceil((count * windowFrames) / MOST_MOMENTS));
  return Array.from({ length: count }, (_, index) => {
    const window = readWide(options, plan.windowAt(0, index), marginFrames);
    const moments: number[] = [];
    for (let frame = index % everyFrames; frame < windowFrames; frame += everyFrames) {
      if (window.visible[marginFrames + frame] !== 0) moments.push(marginFrames + frame);
    }
    return { window, moments };
  });
}

/** A clean window with its margins, in which frames beyond the recording are not visible. */
function readWide(
  { dataset, frontEnd, windowFrames, bodyLengths }: FitNormalisationOptions,
  { recording, order, start }: PlannedWindow,
  marginFrames: number,
): PoseWindow {
  const { animals, skeleton } = dataset.header;
  const frameSize = animals.names.length * skeleton.keypoints.length * 2;
  const extent = windowFrames + 2 * marginFrames;
  const place = { start, windowFrames, marginFrames };
  const raw = readRawWindow(dataset, recording, frontEnd.framesPerSecond, place);
  const pose = new Float32Array(extent * frameSize);
  resampleWindow(raw, frameSize, pose);
  const visible = new Uint8Array(extent).fill(1);
  hideBeyond(raw, frameSize, visible);
  return { pose, visible, order: frontEnd.orders[order], bodyLength: bodyLengths[recording] };
}
