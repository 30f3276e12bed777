import { seededRandom } from '../../random.js';

/** A window: model frames [start, start + windowFrames) of a recording, seen with animals in one of the orders. */
export interface PlannedWindow {
  /** Number of the recording in its data set. */
  readonly recording: number;
  /** Number of the order of animals. */
  readonly order: number;
  readonly start: number;
}

export interface WindowPlanOptions {
  /** Recordings by number, and their length in model frames. */
  readonly recordings: readonly { readonly recording: number; readonly modelFrames: number }[];
  readonly orderCount: number;
  readonly windowFrames: number;
  readonly seed: number;
}

/** The windows of every epoch, in the order in which they are seen. */
export interface WindowPlan {
  readonly windowsPerEpoch: number;
  /** Window number `index` of an epoch. */
  windowAt(epoch: number, index: number): PlannedWindow;
}

/**
 * Plans epochs: in each, ceil(length / windowFrames) windows of every recording and order, evenly spaced from a
 * random offset so that every frame but some at the ends is covered, all in random order. A recording shorter than
 * a window is one window that starts with it. Everything follows from (seed, epoch).
 */
export function planWindows(options: WindowPlanOptions): WindowPlan {
  const { recordings, orderCount, windowFrames, seed } = options;
  const firsts = [0];
  for (const { modelFrames } of recordings) {
    firsts.push(firsts[firsts.length - 1] + orderCount * Math.max(1, Math.ceil(modelFrames / windowFrames)));
  }
  const windowsPerEpoch = firsts[firsts.length - 1];
  let shuffled: { epoch: number; order: Uint32Array } | undefined;
  return {
    windowsPerEpoch,
    windowAt(epoch, index) {
      if (shuffled?.epoch !== epoch) {
        shuffled = { epoch, order: seededRandom(seed, 'order', epoch).permutation(windowsPerEpoch) };
      }
      const number = shuffled.order[index];
      const entry = findLast(firsts, number);
      const { recording, modelFrames } = recordings[entry];
      const count = (firsts[entry + 1] - firsts[entry]) / orderCount;
      const order = Math.floor((number - firsts[entry]) / count);
      const turn = (number - firsts[entry]) % count;
      const offset = seededRandom(seed, 'offset', epoch, recording, order).uniform();
      const starts = Math.max(1, modelFrames - windowFrames + 1);
      return { recording, order, start: Math.floor(((turn + offset) / count) * starts) };
    },
  };
}

/** The last entry of ascending `firsts` that is not above `number`. */
function findLast(firsts: readonly number[], number: number): number {
  let low = 0;
  let high = firsts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (firsts[middle] <= number) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * A start near `start`, but not the same, at most `reach` model frames away and within the recording; the same only
 * where the recording has no other.
 */
export function drawNeighbour(
  start: number,
  reach: number,
  lastStart: number,
  random: { integer(bound: number): number },
): number {
  const low = Math.max(0, start - reach);
  const high = Math.min(lastStart, start + reach);
  if (high <= low) return start;
  const drawn = low + random.integer(high - low);
  return drawn < start ? drawn : drawn + 1;
}
