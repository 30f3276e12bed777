import { join } from 'node:path';
import { fileName } from '../files/file-name.js';

/** Where a row keeps what it has trained: by row, seed and amount of labels. */
export interface TrainedPlace {
  readonly runFolder: string;
  readonly row: string;
  readonly seed: number;
  /** A few labels, in words; empty: all. */
  readonly few: string;
  readonly shifted: boolean;
}

/** The folder of one task and split below `trained/`. @param split null: the only one */
export function trainedFolder(place: TrainedPlace, task: string, split: string | null): string {
  const { row, seed, few, shifted } = place;
  const parts = [row, `seed ${seed}`, ...(few === '' ? [] : [few]), ...(shifted ? ['labels shifted'] : [])];
  // The split of a task on subsets is its test subset: one folder a task is enough.
  const of = split?.startsWith('fold') || split?.startsWith('train ') ? [fileName(split)] : [];
  return join(place.runFolder, 'trained', fileName(parts.join(', ')), fileName(task), ...of);
}
