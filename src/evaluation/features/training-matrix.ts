import type { FrameMatrix } from '../heads/products.js';
import { createMoments, type Standardiser, standardise } from '../heads/standardise.js';
import type { HeadInputs } from './head-inputs.js';

/** Frames of one recording, ascending. */
export interface RecordingFrames {
  readonly recording: number;
  readonly frames: Uint32Array;
}

/** How many frames several recordings give together. */
export function countFrames(places: readonly RecordingFrames[]): number {
  return places.reduce((sum, { frames }) => sum + frames.length, 0);
}

/** Rows of training frames that are held in memory rather than read for each of the passes over them. */
const HELD_BYTES = 512 * 2 ** 20;

/**
 * The same inputs, read once and held where the training frames are few enough; as they are where they aren't, so that
 * half a million frames of 512 features need no gigabyte here beside the one on the device.
 */
export function holdRows(inputs: HeadInputs, places: readonly RecordingFrames[]): HeadInputs {
  if (countFrames(places) * inputs.width * 4 > HELD_BYTES) return inputs;
  const held = new Map(
    places.map(({ recording, frames }) => [frames, inputs.readFrames(recording, frames)] as const),
  );
  return {
    ...inputs,
    readFrames: (recording, frames) => held.get(frames) ?? inputs.readFrames(recording, frames),
  };
}

/** Mean and spread of the training frames. Reads them once. @param clip see `Standardiser` */
export function fitStandardiser(
  inputs: HeadInputs,
  places: readonly RecordingFrames[],
  clip: number | null,
): Standardiser {
  const moments = createMoments(inputs.width);
  for (const { recording, frames } of places) moments.add(inputs.readFrames(recording, frames));
  return moments.standardiser(clip, inputs.keepsScale);
}

/**
 * The standardised inputs of training frames, one recording after another in the order given. Nothing is held but the
 * recording that was read last: the rows of half a million frames never lie in memory at once.
 */
export function createTrainingMatrix(
  inputs: HeadInputs,
  places: readonly RecordingFrames[],
  standardiser: Standardiser,
): FrameMatrix {
  const { width } = inputs;
  const starts: number[] = [];
  let total = 0;
  for (const { frames } of places) {
    starts.push(total);
    total += frames.length;
  }
  let kept: { place: number; rows: Float32Array } | null = null;
  const rowsOf = (place: number): Float32Array => {
    if (kept?.place !== place) {
      const { recording, frames } = places[place];
      kept = { place, rows: standardise(inputs.readFrames(recording, frames), standardiser) };
    }
    return kept.rows;
  };
  return {
    frames: total,
    width,
    readRows(start, stop) {
      const output = new Float32Array((stop - start) * width);
      places.forEach(({ frames }, place) => {
        const from = Math.max(start, starts[place]);
        const to = Math.min(stop, starts[place] + frames.length);
        if (from >= to) return;
        const rows = rowsOf(place).subarray((from - starts[place]) * width, (to - starts[place]) * width);
        output.set(rows, (from - start) * width);
      });
      return output;
    },
  };
}
