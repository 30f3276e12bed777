import { poolFrames } from '../features/pool.js';
import { predictClasses } from '../metrics/confusion.js';

/** How probabilities become labels. */
export interface BoutSettings {
  /** Probabilities are averaged over windows this long around each frame; 0: not. */
  readonly smoothSeconds: number;
  /** Shorter bouts go to a neighbour; 0: all stay. */
  readonly minimalBoutSeconds: number;
}

/** Probabilities [frame, class] averaged over time; windows are clipped at the edges, so rows still sum to 1. */
export function smoothProbabilities(
  probabilities: Float32Array,
  classCount: number,
  framesPerSecond: number,
  seconds: number,
): Float32Array {
  const reach = Math.round((seconds * framesPerSecond) / 2);
  if (reach === 0) return probabilities;
  const frames = probabilities.length / classCount;
  const output = new Float32Array(probabilities.length);
  for (let start = 0; start < frames; start += PIECE_FRAMES) {
    const stop = Math.min(frames, start + PIECE_FRAMES);
    const [from, to] = [Math.max(0, start - reach), Math.min(frames, stop + reach)];
    const wanted = Uint32Array.from({ length: stop - start }, (_, frame) => start - from + frame);
    const piece = probabilities.subarray(from * classCount, to * classCount);
    output.set(poolFrames(piece, classCount, wanted, [reach], false), start * classCount);
  }
  return output;
}

/** Frames that are averaged at a time: bounds the memory of the sums. */
const PIECE_FRAMES = 32_768;

/**
 * The labels of frames: the class that is most probable once probabilities are averaged over time, without short bouts.
 * @param probabilities [frame, class]
 */
export function labelFrames(
  probabilities: Float32Array,
  classCount: number,
  framesPerSecond: number,
  { smoothSeconds, minimalBoutSeconds }: BoutSettings,
): Int16Array {
  const smooth = smoothProbabilities(probabilities, classCount, framesPerSecond, smoothSeconds);
  const labels = predictClasses(smooth, classCount);
  // 0.07 s x 100 / s is 7.000000000000001: what is full but for rounding is full
  const minimalFrames = Math.ceil(minimalBoutSeconds * framesPerSecond - 1e-6);
  return dropShortBouts(labels, smooth, classCount, minimalFrames);
}

/**
 * Gives the frames of each bout that is shorter than `minimalFrames` to the neighbouring bout whose class is more
 * probable there; the shortest bouts go first. A recording of a single bout keeps it.
 * @param labels [frame]; probabilities [frame, class]
 */
export function dropShortBouts(
  labels: Int16Array,
  probabilities: Float32Array,
  classCount: number,
  minimalFrames: number,
): Int16Array {
  const support = (label: number, { start, stop }: LabelledBout) => {
    let sum = 0;
    for (let frame = start; frame < stop; frame++) sum += probabilities[frame * classCount + label];
    return sum;
  };
  let bouts = listBouts(labels);
  for (let frames = 1; frames < minimalFrames && bouts.length > 1; frames++) {
    const kept: LabelledBout[] = [];
    bouts.forEach((bout, index) => {
      const before = kept.at(-1);
      const after = bouts[index + 1];
      if (before?.label === bout.label) before.stop = bout.stop;
      else if (bout.stop - bout.start !== frames || (!before && !after)) kept.push(bout);
      else if (!after || (before && support(before.label, bout) >= support(after.label, bout)))
        (before as LabelledBout).stop = bout.stop;
      else after.start = bout.start;
    });
    bouts = kept;
  }
  const output = new Int16Array(labels.length);
  for (const { label, start, stop } of bouts) output.fill(label, start, stop);
  return output;
}

interface LabelledBout {
  readonly label: number;
  start: number;
  stop: number;
}

function listBouts(labels: Int16Array): LabelledBout[] {
  const bouts: LabelledBout[] = [];
  labels.forEach((label, frame) => {
    const last = bouts.at(-1);
    if (last?.label === label) last.stop = frame + 1;
    else bouts.push({ label, start: frame, stop: frame + 1 });
  });
  return bouts;
}
