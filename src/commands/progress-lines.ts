import { formatBytes, formatCount, formatDuration, formatShare } from '../ui/format.js';
import type { Output } from './output.js';

/** How far something is. */
export interface Progress {
  /** What is being worked on: a file. */
  readonly subject: string;
  readonly done: number;
  readonly total: number;
  /** What else is worth a word. */
  readonly note?: string;
}

/** What progress is counted in. */
export type ProgressUnit = keyof typeof UNITS;

const LINE_MS = 1000;

const UNITS = {
  bytes: { total: formatBytes, rate: (perSecond: number) => `${formatBytes(Math.round(perSecond))}/s` },
  frames: {
    total: (frames: number) => `${formatCount(frames)} frames`,
    rate: (perSecond: number) => `${formatCount(perSecond)} frames/s`,
  },
};

/** How fast it goes; null: nothing is known yet. */
export interface Pace {
  readonly ratePerSecond: number | null;
  readonly etaSeconds: number | null;
}

/**
 * Rate and time left since this call, or since `done` fell, where another pass has begun.
 *
 * @param now milliseconds of a clock that never goes back
 */
export function startPace(now: () => number): (done: number, total: number) => Pace {
  let start = { time: now(), done: 0 };
  let before = 0;
  return (done, total) => {
    const time = now();
    if (done < before) start = { time, done };
    before = done;
    const rate = (1000 * (done - start.done)) / Math.max(1, time - start.time);
    return rate > 0
      ? { ratePerSecond: rate, etaSeconds: (total - done) / rate }
      : { ratePerSecond: null, etaSeconds: null };
  };
}

/** Says a line a second, and one at the end: share, rate and the time left. */
export function createProgressLines(
  output: Pick<Output, 'message'>,
  unit: ProgressUnit,
  now: () => number = () => performance.now(),
): (progress: Progress) => void {
  const format = UNITS[unit];
  const pace = startPace(now);
  let toldMs = now();
  let before = 0;
  return ({ subject, done, total, note }) => {
    const { ratePerSecond, etaSeconds } = pace(done, total);
    const time = now();
    if (done < before) {
      toldMs = time;
      before = done;
    }
    const isEnd = done >= total && before < total;
    before = done;
    if (time - toldMs < LINE_MS && !isEnd) return;
    toldMs = time;
    const parts = [`${formatShare(total > 0 ? done / total : 1)} of ${format.total(total)}`];
    if (note !== undefined) parts.push(note);
    if (ratePerSecond !== null && etaSeconds !== null)
      parts.push(format.rate(ratePerSecond), `${formatDuration(etaSeconds)} left`);
    output.message(`${subject}: ${parts.join(', ')}`);
  };
}
