import type { FewLabels } from './task.js';

/** A part of the labels in words: `4 recordings`, `10 bouts`, `10 % of recordings`; empty for all. */
export function describeFew(few: FewLabels | null): string {
  if (few === null) return '';
  if ('recordings' in few) return plural(few.recordings, 'recording');
  if ('bouts' in few) return `${plural(few.bouts, 'bout')} a class`;
  return `${Number((100 * few.share).toPrecision(3))} % of recordings`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
