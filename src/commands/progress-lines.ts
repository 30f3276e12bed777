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

const LINE_MS = 1000;

const UNITS = {
  bytes: { total: formatBytes, rate: (perSecond: number) => `${formatBytes(Math.round(perSecond))}/s` },
  frames: {
    total: (frames: number) => `${formatCount(frames)} frames`,
    rate: (perSecond: number) => `${formatCount(perSecond)} frames/s`,
  },
};

/**
 * Says a line a second, and one at the end: share, rate and the time left. Rate and time left are those since this call,
 * or since `done` fell, where another pass has begun.
 *
 * @param now milliseconds of a clock that never goes back
 */
export function createProgressLines(
  output: Pick<Output, 'message'>,
  unit: keyof typeof UNITS,
  now: () => number = () => performance.now(),
): (progress: Progress) => void {
  const format = UNITS[unit];
  let start = { time: now(), done: 0 };
  let last = start;
  return ({ subject, done, total, note }) => {
    const time = now();
    if (done < last.done) {
      start = { time, done };
      last = start;
    }
    const isEnd = done >= total && last.done < total;
    if (time - last.time < LINE_MS && !isEnd) {
      last = { time: last.time, done };
      return;
    }
    last = { time, done };
    const rate = (1000 * (done - start.done)) / Math.max(1, time - start.time);
    const parts = [`${formatShare(total > 0 ? done / total : 1)} of ${format.total(total)}`];
    if (note !== undefined) parts.push(note);
    if (rate > 0) parts.push(format.rate(rate), `${formatDuration((total - done) / rate)} left`);
    output.message(`${subject}: ${parts.join(', ')}`);
  };
}
