import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { simulatedCalms21Source } from '../../src/data/simulate/simulate-calms21.js';
import { writeDataset } from '../../src/data/store/write-dataset.js';

/** Writes the smallest simulated CalMS21 into `folder`: all subsets, 3,000 frames. */
export async function writeTinyDataset(folder: string): Promise<void> {
  const source = simulatedCalms21Source({ seed: 1, sizes: CALMS21_SIZES.tiny, missingShare: 0.05 });
  await writeDataset(folder, source, { overwrite: false, origin: 'tiny' });
}
