import type { Place } from './place.js';

/** The longest stretches in which one class was taken for another, in the recordings of the page. */
export function findStretches(
  tracks: readonly {
    readonly recording: number;
    readonly truth: Int16Array;
    readonly predicted: Int16Array;
  }[],
  label: number,
  predicted: number,
  most: number,
): Place[] {
  const found: Place[] = [];
  for (const track of tracks) {
    const isCell = (frame: number) => track.truth[frame] === label && track.predicted[frame] === predicted;
    for (let frame = 0; frame < track.truth.length; frame++) {
      if (!isCell(frame)) continue;
      const start = frame;
      while (frame < track.truth.length && isCell(frame)) frame++;
      found.push({ recording: track.recording, start, stop: frame });
    }
  }
  return found
    .sort((a, b) => b.stop - b.start - (a.stop - a.start) || a.recording - b.recording)
    .slice(0, most);
}
